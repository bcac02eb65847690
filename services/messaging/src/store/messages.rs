//! Messages, by their number in a conversation.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid};
use kit::{Page, UserId};
use timeline::{Seq, SeqRange};

use crate::domain::conversation::ConversationId;
use crate::domain::message::{Kind, Message, MessageId};
use crate::store::schema::message;

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = message)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Row {
    conversation_id: ConversationId,
    seq: i64,
    id: MessageId,
    sender_id: UserId,
    kind: String,
    content: String,
    client_message_id: Option<String>,
    is_active: bool,
    record_version: i32,
    sent_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            conversation_id: row.conversation_id,
            seq: Seq::saturating(row.seq),
            id: row.id,
            sender_id: row.sender_id,
            // A CHECK keeps the kinds to those that there are.
            kind: Kind::parse(&row.kind).unwrap_or(Kind::Text),
            content: row.content,
            client_message_id: row.client_message_id,
            is_active: row.is_active,
            record_version: row.record_version,
            sent_at: row.sent_at,
            updated_at: row.updated_at,
        }
    }
}

/// A message by its bare id.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: MessageId) -> QueryResult<Option<Message>> {
    let found = message::table.filter(message::id.eq(id)).select(Row::as_select()).first(conn).optional()?;
    Ok(found.map(Message::from))
}

/// The message that a sender's client calls by that name.
///
/// # Errors
/// What Postgres says; not found when there is none.
pub fn by_client_id(
    conn: &mut PgConnection,
    conversation: ConversationId,
    sender: UserId,
    client_message_id: &str,
) -> QueryResult<Message> {
    message::table
        .filter(message::conversation_id.eq(conversation).and(message::sender_id.eq(sender)))
        .filter(message::client_message_id.eq(client_message_id))
        .select(Row::as_select())
        .first(conn)
        .map(Message::from)
}

/// The messages of a range, ascending.
///
/// # Errors
/// What Postgres says.
pub fn range(conn: &mut PgConnection, id: ConversationId, range: SeqRange) -> QueryResult<Vec<Message>> {
    let rows = message::table
        .filter(message::conversation_id.eq(id))
        .filter(message::seq.between(range.first().get(), range.last().get()))
        .order(message::seq)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Takes of each conversation no more than the page can need, so that a short page is cheap beside a long history.
const ACROSS: &str = "
    SELECT m.* FROM participant p
    JOIN conversation c ON c.id = p.conversation_id AND c.is_active
    CROSS JOIN LATERAL (
        SELECT * FROM message
        WHERE conversation_id = p.conversation_id AND seq >= p.visible_from
        ORDER BY seq LIMIT $2 + $3
    ) m
    WHERE p.user_id = $1 AND p.is_member
    ORDER BY m.sent_at, m.id LIMIT $2 OFFSET $3";

/// A page over all of a user's conversations, by the time of sending.
///
/// # Errors
/// What Postgres says.
pub fn page_across(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<Vec<Message>> {
    let offset = page.offset().min(i64::MAX - page.rows());
    let query = diesel::sql_query(ACROSS).bind::<Uuid, _>(user).bind::<BigInt, _>(page.rows());
    let rows: Vec<Row> = query.bind::<BigInt, _>(offset).load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}
