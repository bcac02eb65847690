//! Channels to companies' own systems.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx};

use crate::domain::channel::ChannelApi;
use crate::domain::chatbot::Scope;
use crate::domain::ids::{ChannelId, ChatbotId};
use crate::store::schema::{channel_api, chatbot};

diesel::allow_tables_to_appear_in_same_query!(channel_api, chatbot);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = channel_api)]
struct Row {
    chatbot_id: ChatbotId,
    id: ChannelId,
    webhook_url: Option<String>,
    secret: String,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for ChannelApi {
    fn from(row: Row) -> Self {
        let Row { chatbot_id, id, webhook_url, secret, is_active, record_version, created_at, updated_at } =
            row;
        Self { id, chatbot_id, webhook_url, secret, is_active, record_version, created_at, updated_at }
    }
}

impl From<&ChannelApi> for Row {
    fn from(of: &ChannelApi) -> Self {
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            webhook_url: of.webhook_url.clone(),
            secret: of.secret.clone(),
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new channel.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &ChannelApi) -> QueryResult<usize> {
    diesel::insert_into(channel_api::table).values(Row::from(new)).execute(tx.conn())
}

/// A channel of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn get(conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<Option<ChannelApi>> {
    let it = channel_api::table.find((chatbot, id)).filter(channel_api::is_active);
    Ok(it.select(Row::as_select()).first(conn).optional()?.map(ChannelApi::from))
}

/// A channel of the scope.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: ChannelId) -> QueryResult<Option<ChannelApi>> {
    let mine = channel_api::chatbot_id.eq_any(scope.chatbots());
    let it = channel_api::table.filter(mine.and(channel_api::id.eq(id)).and(channel_api::is_active));
    Ok(it.select(Row::as_select()).first(conn).optional()?.map(ChannelApi::from))
}

/// The channel that a company's system knows by its bare id: of whichever chatbot, while that is there.
///
/// # Errors
/// What Postgres says.
pub fn public(conn: &mut PgConnection, id: ChannelId) -> QueryResult<Option<ChannelApi>> {
    let row = channel_api::table
        .inner_join(chatbot::table.on(chatbot::id.eq(channel_api::chatbot_id)))
        .filter(channel_api::id.eq(id).and(channel_api::is_active).and(chatbot::is_active))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(ChannelApi::from))
}

/// Locks a channel of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, id: ChannelId) -> QueryResult<Option<ChannelApi>> {
    let it = channel_api::table.find((chatbot, id)).filter(channel_api::is_active).for_no_key_update();
    Ok(it.select(Row::as_select()).first(tx.conn()).optional()?.map(ChannelApi::from))
}

/// Stores what can change of a locked channel.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &ChannelApi) -> QueryResult<usize> {
    let changes = (
        channel_api::webhook_url.eq(&of.webhook_url),
        channel_api::secret.eq(&of.secret),
        channel_api::is_active.eq(of.is_active),
        channel_api::record_version.eq(of.record_version),
        channel_api::updated_at.eq(of.updated_at),
    );
    diesel::update(channel_api::table.find((of.chatbot_id, of.id))).set(changes).execute(tx.conn())
}

/// A page of the channels of the scope, the oldest first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, scope: &Scope, page: Page) -> QueryResult<(Vec<ChannelApi>, i64)> {
    let all = || {
        let mine = channel_api::chatbot_id.eq_any(scope.chatbots());
        channel_api::table.filter(mine.and(channel_api::is_active))
    };
    let total = all().count().get_result(conn)?;
    let in_order = all().order((channel_api::created_at, channel_api::id));
    let rows: Vec<Row> =
        in_order.limit(page.rows()).offset(page.offset()).select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(ChannelApi::from).collect(), total))
}
