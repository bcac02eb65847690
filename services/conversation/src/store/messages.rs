//! Messages, by their number in a thread.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use files::FileId;
use kit::search::array_to_tsvector;
use kit::{Tx, UserId};
use timeline::{Seq, SeqRange};

use crate::domain::message::{Deletion, Kind, Message, MessageId};
use crate::domain::thread::ThreadId;
use crate::store::schema::{message, message_term};

#[derive(Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = message)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    thread_id: ThreadId,
    seq: i64,
    id: MessageId,
    kind: String,
    sender_id: Option<UserId>,
    receiver_id: Option<UserId>,
    content: String,
    client_message_id: Option<String>,
    read_at: Option<DateTime<Utc>>,
    is_active: bool,
    record_version: i32,
    sent_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    deleted_by: Option<UserId>,
    file_ids: Vec<FileId>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            thread_id: row.thread_id,
            seq: Seq::saturating(row.seq),
            id: row.id,
            // A CHECK keeps the kinds to those that there are.
            kind: Kind::parse(&row.kind).unwrap_or(Kind::Text),
            sender_id: row.sender_id,
            receiver_id: row.receiver_id,
            content: row.content,
            client_message_id: row.client_message_id,
            read_at: row.read_at,
            record_version: row.record_version,
            is_active: row.is_active,
            sent_at: row.sent_at,
            updated_at: row.updated_at,
            deletion: row.deleted_at.zip(row.deleted_by).map(|(at, by)| Deletion { at, by }),
            file_ids: row.file_ids,
        }
    }
}

impl From<&Message> for Row {
    fn from(of: &Message) -> Self {
        Self {
            thread_id: of.thread_id,
            seq: of.seq.get(),
            id: of.id,
            kind: of.kind.name().to_owned(),
            sender_id: of.sender_id,
            receiver_id: of.receiver_id,
            content: of.content.clone(),
            client_message_id: of.client_message_id.clone(),
            read_at: of.read_at,
            is_active: of.is_active,
            record_version: of.record_version,
            sent_at: of.sent_at,
            updated_at: of.updated_at,
            deleted_at: of.deletion.map(|deletion| deletion.at),
            deleted_by: of.deletion.map(|deletion| deletion.by),
            file_ids: of.file_ids.clone(),
        }
    }
}

/// Stores a new message of a locked thread, and what it is found by.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Message) -> QueryResult<usize> {
    diesel::insert_into(message::table).values(Row::from(new)).execute(tx.conn())?;
    let found_by = (
        message_term::message_id.eq(new.id),
        message_term::thread_id.eq(new.thread_id),
        message_term::terms.eq(array_to_tsvector(terms::of(&new.content))),
    );
    diesel::insert_into(message_term::table).values(found_by).execute(tx.conn())
}

/// A message by its bare id, deleted ones too.
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
/// What Postgres says.
pub fn by_client_id(
    conn: &mut PgConnection,
    thread: ThreadId,
    sender: UserId,
    client_message_id: &str,
) -> QueryResult<Option<Message>> {
    let found = message::table
        .filter(message::thread_id.eq(thread).and(message::sender_id.eq(sender)))
        .filter(message::client_message_id.eq(client_message_id))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(found.map(Message::from))
}

/// The messages of a range, ascending, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn range(conn: &mut PgConnection, id: ThreadId, range: SeqRange) -> QueryResult<Vec<Message>> {
    let rows = message::table
        .filter(message::thread_id.eq(id))
        .filter(message::seq.between(range.first().get(), range.last().get()))
        .order(message::seq)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// Locks a message whose thread or receiver is locked.
///
/// # Errors
/// What Postgres says; not found when there is none.
pub fn lock(tx: &mut Tx<'_>, id: ThreadId, seq: Seq) -> QueryResult<Message> {
    let row = message::table.find((id, seq.get())).for_update().select(Row::as_select());
    row.first(tx.conn()).map(Message::from)
}

/// Stores what can change of a locked message.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Message) -> QueryResult<usize> {
    let changes = (
        message::read_at.eq(of.read_at),
        message::is_active.eq(of.is_active),
        message::record_version.eq(of.record_version),
        message::updated_at.eq(of.updated_at),
        message::deleted_at.eq(of.deletion.map(|deletion| deletion.at)),
        message::deleted_by.eq(of.deletion.map(|deletion| deletion.by)),
    );
    diesel::update(message::table.find((of.thread_id, of.seq.get()))).set(changes).execute(tx.conn())
}

/// The newest message that is not deleted.
///
/// # Errors
/// What Postgres says.
pub fn newest_active(conn: &mut PgConnection, id: ThreadId) -> QueryResult<Option<Message>> {
    let active = message::table.filter(message::thread_id.eq(id).and(message::is_active));
    let newest = active.order(message::seq.desc()).select(Row::as_select()).first(conn).optional()?;
    Ok(newest.map(Message::from))
}

/// The messages of a range that count as unread for one of the two.
#[diesel::dsl::auto_type(no_type_alias)]
fn counting(id: ThreadId, user: UserId, first: i64, last: i64) -> _ {
    let unread = message::receiver_id.eq(user).and(message::read_at.is_null()).and(message::is_active);
    let here = message::thread_id.eq(id).and(message::seq.between(first, last));
    message::table.filter(here.and(unread))
}

/// How many messages of a range do not count as unread for one of the two.
///
/// # Errors
/// What Postgres says.
pub fn uncounted_in(
    conn: &mut PgConnection,
    id: ThreadId,
    user: UserId,
    range: SeqRange,
) -> QueryResult<i64> {
    let count: i64 = counting(id, user, range.first().get(), range.last().get()).count().get_result(conn)?;
    Ok(range.count() - count)
}

/// The first messages of a range that count as unread for one of the two.
///
/// # Errors
/// What Postgres says.
pub fn counting_in(
    conn: &mut PgConnection,
    id: ThreadId,
    user: UserId,
    range: SeqRange,
    limit: i64,
) -> QueryResult<Vec<Seq>> {
    let all = counting(id, user, range.first().get(), range.last().get());
    let seqs: Vec<i64> = all.order(message::seq).limit(limit).select(message::seq).load(conn)?;
    Ok(seqs.into_iter().map(Seq::saturating).collect())
}

/// Marks all messages to one of the two read, up to a place.
///
/// # Errors
/// What Postgres says.
pub fn read_up_to(
    tx: &mut Tx<'_>,
    id: ThreadId,
    user: UserId,
    up_to: Seq,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let to_user = message::receiver_id.eq(user).and(message::read_at.is_null()).and(message::is_active);
    let here = message::thread_id.eq(id).and(message::seq.le(up_to.get()));
    let changes = (
        message::read_at.eq(now),
        message::record_version.eq(message::record_version + 1),
        message::updated_at.eq(now),
    );
    diesel::update(message::table.filter(here.and(to_user))).set(changes).execute(tx.conn())
}
