//! Chatbots.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Tx, UserId};

use crate::domain::chatbot::{Chatbot, Scope};
use crate::domain::ids::ChatbotId;
use crate::store::schema::chatbot;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = chatbot)]
struct Row {
    id: ChatbotId,
    name: String,
    owner_id: UserId,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Chatbot {
    fn from(row: Row) -> Self {
        let Row { id, name, owner_id, is_active, record_version, created_at, updated_at } = row;
        Self { id, name, owner_id, is_active, record_version, created_at, updated_at }
    }
}

impl From<&Chatbot> for Row {
    fn from(of: &Chatbot) -> Self {
        Self {
            id: of.id,
            name: of.name.clone(),
            owner_id: of.owner_id,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new chatbot.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Chatbot) -> QueryResult<usize> {
    diesel::insert_into(chatbot::table).values(Row::from(new)).execute(tx.conn())
}

/// Locks a chatbot of the scope; its members are locked after.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, scope: &Scope, id: ChatbotId) -> QueryResult<Option<Chatbot>> {
    let mine = chatbot::table.filter(chatbot::id.eq(id).and(chatbot::id.eq_any(scope.chatbots())));
    let row = mine.for_no_key_update().select(Row::as_select()).first(tx.conn()).optional()?;
    Ok(row.map(Chatbot::from))
}

/// Stores what can change of a locked chatbot.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Chatbot) -> QueryResult<usize> {
    let changes = (
        chatbot::name.eq(&of.name),
        chatbot::owner_id.eq(of.owner_id),
        chatbot::is_active.eq(of.is_active),
        chatbot::record_version.eq(of.record_version),
        chatbot::updated_at.eq(of.updated_at),
    );
    diesel::update(chatbot::table.find(of.id)).set(changes).execute(tx.conn())
}

/// All chatbots of the scope, by name: not more than one user answers for.
///
/// # Errors
/// What Postgres says.
pub fn of_scope(conn: &mut PgConnection, scope: &Scope) -> QueryResult<Vec<Chatbot>> {
    let mine = chatbot::table.filter(chatbot::id.eq_any(scope.chatbots()));
    let rows: Vec<Row> = mine.order((chatbot::name, chatbot::id)).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Chatbot::from).collect())
}
