//! Messages, by their number in a conversation.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use files::FileId;
use kit::{Tx, UserId};
use timeline::{Seq, SeqRange};

use crate::domain::conversation::ConversationId;
use crate::domain::message::{Kind, Message, MessageId};
use crate::store::schema::message;

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = message)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    conversation_id: ConversationId,
    seq: i64,
    id: MessageId,
    sender_id: Option<UserId>,
    kind: String,
    content: String,
    client_message_id: Option<String>,
    is_active: bool,
    record_version: i32,
    sent_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    reply_to: Option<MessageId>,
    reaction_rev: i64,
    file_ids: Vec<FileId>,
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
            reply_to: row.reply_to,
            reaction_rev: row.reaction_rev,
            file_ids: row.file_ids,
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

/// Locks a message of a conversation whose row is locked.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ConversationId, seq: Seq) -> QueryResult<Message> {
    let row = message::table.find((id, seq.get())).for_update().select(Row::as_select());
    row.first(tx.conn()).map(Message::from)
}

/// Stores what the system says.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Message) -> QueryResult<usize> {
    let row = (
        message::conversation_id.eq(new.conversation_id),
        message::seq.eq(new.seq.get()),
        message::id.eq(new.id),
        message::sender_id.eq(new.sender_id),
        message::kind.eq(new.kind.name()),
        message::content.eq(&new.content),
        message::sent_at.eq(new.sent_at),
        message::updated_at.eq(new.updated_at),
    );
    diesel::insert_into(message::table).values(row).execute(tx.conn())
}

/// Notes that a reaction to a locked message came or went.
///
/// # Errors
/// What Postgres says.
pub fn reacted(tx: &mut Tx<'_>, of: &Message) -> QueryResult<usize> {
    diesel::update(message::table.find((of.conversation_id, of.seq.get())))
        .set(message::reaction_rev.eq(of.reaction_rev))
        .execute(tx.conn())
}

/// Stores what can change of a locked message.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Message) -> QueryResult<usize> {
    let changes = (
        message::content.eq(&of.content),
        message::is_active.eq(of.is_active),
        message::record_version.eq(of.record_version),
        message::updated_at.eq(of.updated_at),
    );
    diesel::update(message::table.find((of.conversation_id, of.seq.get()))).set(changes).execute(tx.conn())
}

/// The newest message that is not deleted for all.
///
/// # Errors
/// What Postgres says.
pub fn newest_active(conn: &mut PgConnection, id: ConversationId) -> QueryResult<Option<Message>> {
    let active = message::table.filter(message::conversation_id.eq(id).and(message::is_active));
    let newest = active.order(message::seq.desc()).select(Row::as_select()).first(conn).optional()?;
    Ok(newest.map(Message::from))
}
