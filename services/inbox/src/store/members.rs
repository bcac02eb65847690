//! Who answers for chatbots.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx, UserId};

use crate::domain::chatbot::{MAX_CHATBOTS, MAX_MEMBERS, Member, Role, Scope};
use crate::domain::ids::{ChatbotId, MemberId};
use crate::store::schema::{chatbot, chatbot_member};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = chatbot_member)]
struct Row {
    chatbot_id: ChatbotId,
    user_id: UserId,
    id: MemberId,
    role: String,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Member {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            user_id: row.user_id,
            // A CHECK keeps the roles to those that there are.
            role: Role::parse(&row.role).unwrap_or(Role::Agent),
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Member> for Row {
    fn from(of: &Member) -> Self {
        Self {
            chatbot_id: of.chatbot_id,
            user_id: of.user_id,
            id: of.id,
            role: of.role.name().to_owned(),
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// What a user may touch: the chatbots that they answer for now.
///
/// # Errors
/// What Postgres says.
pub fn scope(conn: &mut PgConnection, user: UserId) -> QueryResult<Scope> {
    let mine = chatbot_member::user_id.eq(user).and(chatbot_member::is_active).and(chatbot::is_active);
    let rows: Vec<(ChatbotId, String)> = chatbot_member::table
        .inner_join(chatbot::table.on(chatbot::id.eq(chatbot_member::chatbot_id)))
        .filter(mine)
        .limit(MAX_CHATBOTS)
        .select((chatbot_member::chatbot_id, chatbot_member::role))
        .load(conn)?;
    let role = |(id, role): (ChatbotId, String)| Some((id, Role::parse(&role)?));
    Ok(Scope::new(user, rows.into_iter().filter_map(role).collect()))
}

/// How many chatbots a user answers for.
///
/// # Errors
/// What Postgres says.
pub fn count_chatbots(conn: &mut PgConnection, user: UserId) -> QueryResult<i64> {
    let theirs = chatbot_member::user_id.eq(user).and(chatbot_member::is_active).and(chatbot::is_active);
    chatbot_member::table
        .inner_join(chatbot::table.on(chatbot::id.eq(chatbot_member::chatbot_id)))
        .filter(theirs)
        .count()
        .get_result(conn)
}

/// Stores a new member; false when there is, or was, one already.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Member) -> QueryResult<bool> {
    let inserted = diesel::insert_into(chatbot_member::table).values(Row::from(new)).on_conflict_do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Locks a member of a chatbot, or a former one. The chatbot is locked before.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, user: UserId) -> QueryResult<Option<Member>> {
    let row = chatbot_member::table.find((chatbot, user)).for_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Member::from))
}

/// Whether somebody answers for a chatbot, and goes on to until the transaction ends: whoever is removed meanwhile waits.
///
/// # Errors
/// What Postgres says.
pub fn hold(tx: &mut Tx<'_>, chatbot: ChatbotId, user: UserId) -> QueryResult<bool> {
    let row = chatbot_member::table.find((chatbot, user)).for_share().select(chatbot_member::is_active);
    Ok(row.first(tx.conn()).optional()?.unwrap_or(false))
}

/// Stores what can change of a locked member.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Member) -> QueryResult<usize> {
    let changes = (
        chatbot_member::role.eq(of.role.name()),
        chatbot_member::is_active.eq(of.is_active),
        chatbot_member::record_version.eq(of.record_version),
        chatbot_member::updated_at.eq(of.updated_at),
    );
    diesel::update(chatbot_member::table.find((of.chatbot_id, of.user_id))).set(changes).execute(tx.conn())
}

/// Everybody who answers for a chatbot: whom events concern.
///
/// # Errors
/// What Postgres says.
pub fn users(conn: &mut PgConnection, chatbot: ChatbotId) -> QueryResult<Vec<UserId>> {
    let all =
        chatbot_member::table.filter(chatbot_member::chatbot_id.eq(chatbot).and(chatbot_member::is_active));
    all.order(chatbot_member::user_id).limit(MAX_MEMBERS).select(chatbot_member::user_id).load(conn)
}

/// A page of the members of a chatbot, in the order in which they came, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, chatbot: ChatbotId, page: Page) -> QueryResult<(Vec<Member>, i64)> {
    let all = || {
        chatbot_member::table.filter(chatbot_member::chatbot_id.eq(chatbot).and(chatbot_member::is_active))
    };
    let total = all().count().get_result(conn)?;
    let in_order = all().order((chatbot_member::created_at, chatbot_member::user_id));
    let rows: Vec<Row> =
        in_order.limit(page.rows()).offset(page.offset()).select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(Member::from).collect(), total))
}

diesel::allow_tables_to_appear_in_same_query!(chatbot, chatbot_member);
