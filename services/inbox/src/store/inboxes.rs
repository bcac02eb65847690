//! Inboxes.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx};

use crate::domain::chatbot::Scope;
use crate::domain::ids::{ChannelId, ChatbotId, InboxId};
use crate::domain::inbox::{ConversationPolicy, Inbox};
use crate::store::schema::inbox;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = inbox)]
struct Row {
    chatbot_id: ChatbotId,
    id: InboxId,
    channel_type: String,
    channel_id: ChannelId,
    name: String,
    conversation_policy: String,
    identity_secret: String,
    identity_required: bool,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Inbox {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            channel_type: row.channel_type,
            channel_id: row.channel_id,
            name: row.name,
            // A CHECK keeps the policies to those that there are.
            conversation_policy: ConversationPolicy::parse(&row.conversation_policy)
                .unwrap_or(ConversationPolicy::Single),
            identity_secret: row.identity_secret,
            identity_required: row.identity_required,
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Inbox> for Row {
    fn from(of: &Inbox) -> Self {
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            channel_type: of.channel_type.clone(),
            channel_id: of.channel_id,
            name: of.name.clone(),
            conversation_policy: of.conversation_policy.name().to_owned(),
            identity_secret: of.identity_secret.clone(),
            identity_required: of.identity_required,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new inbox.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Inbox) -> QueryResult<usize> {
    diesel::insert_into(inbox::table).values(Row::from(new)).execute(tx.conn())
}

/// An inbox of the scope.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: InboxId) -> QueryResult<Option<Inbox>> {
    let mine = inbox::chatbot_id.eq_any(scope.chatbots()).and(inbox::id.eq(id)).and(inbox::is_active);
    Ok(inbox::table.filter(mine).select(Row::as_select()).first(conn).optional()?.map(Inbox::from))
}

/// An inbox of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn get(conn: &mut PgConnection, chatbot: ChatbotId, id: InboxId) -> QueryResult<Option<Inbox>> {
    let row = inbox::table.find((chatbot, id)).filter(inbox::is_active).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(Inbox::from))
}

/// The inbox of a channel of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn of_channel(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    channel_type: &str,
    channel: ChannelId,
) -> QueryResult<Option<Inbox>> {
    let its = inbox::chatbot_id.eq(chatbot).and(inbox::channel_type.eq(channel_type));
    let its = its.and(inbox::channel_id.eq(channel)).and(inbox::is_active);
    Ok(inbox::table.filter(its).select(Row::as_select()).first(conn).optional()?.map(Inbox::from))
}

/// Locks an inbox of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, id: InboxId) -> QueryResult<Option<Inbox>> {
    let row = inbox::table.find((chatbot, id)).filter(inbox::is_active).for_no_key_update();
    Ok(row.select(Row::as_select()).first(tx.conn()).optional()?.map(Inbox::from))
}

/// Stores what can change of a locked inbox.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Inbox) -> QueryResult<usize> {
    let changes = (
        inbox::name.eq(&of.name),
        inbox::conversation_policy.eq(of.conversation_policy.name()),
        inbox::identity_secret.eq(&of.identity_secret),
        inbox::identity_required.eq(of.identity_required),
        inbox::is_active.eq(of.is_active),
        inbox::record_version.eq(of.record_version),
        inbox::updated_at.eq(of.updated_at),
    );
    diesel::update(inbox::table.find((of.chatbot_id, of.id))).set(changes).execute(tx.conn())
}

/// A page of the inboxes of the scope, by name, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, scope: &Scope, page: Page) -> QueryResult<(Vec<Inbox>, i64)> {
    let all = || inbox::table.filter(inbox::chatbot_id.eq_any(scope.chatbots()).and(inbox::is_active));
    let total = all().count().get_result(conn)?;
    let in_order = all().order((inbox::name, inbox::id)).limit(page.rows()).offset(page.offset());
    let rows: Vec<Row> = in_order.select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(Inbox::from).collect(), total))
}

/// Inboxes of the scope by their ids, deleted ones too, in no order.
///
/// # Errors
/// What Postgres says.
pub fn of_ids(conn: &mut PgConnection, scope: &Scope, ids: &[InboxId]) -> QueryResult<Vec<Inbox>> {
    let these = inbox::chatbot_id.eq_any(scope.chatbots()).and(inbox::id.eq_any(ids));
    let rows: Vec<Row> = inbox::table.filter(these).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Inbox::from).collect())
}
