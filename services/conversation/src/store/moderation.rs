//! The moderation log: what the staff did, chained by hashes. Rows are added and read, never changed.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use kit::{Page, Tx, UserId};

use crate::domain::chain::{Action, Hash, Link, hash};
use crate::domain::message::MessageId;
use crate::domain::thread::ThreadId;
use crate::store::schema::{moderation_head, moderation_log};

/// Something that somebody of the staff does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_id: UserId,
    /// What.
    pub action: Action,
    /// To which message.
    pub message_id: MessageId,
    /// Of which thread.
    pub thread_id: ThreadId,
    /// Why, if they said so.
    pub reason: Option<String>,
    /// In the course of which request.
    pub request_id: String,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moderation_log)]
struct Row {
    seq: i64,
    at: DateTime<Utc>,
    actor_id: UserId,
    action: String,
    message_id: MessageId,
    thread_id: ThreadId,
    reason: Option<String>,
    request_id: String,
    hash: Vec<u8>,
}

impl Row {
    fn read(self) -> QueryResult<(Link, Hash)> {
        let hash = read_hash(self.hash)?;
        let action = Action::parse(&self.action).ok_or_else(|| unreadable("an action that nobody knows"))?;
        let link = Link {
            seq: self.seq,
            at: self.at,
            actor_id: self.actor_id,
            action,
            message_id: self.message_id.uuid(),
            thread_id: self.thread_id.uuid(),
            reason: self.reason,
            request_id: self.request_id,
        };
        Ok((link, hash))
    }
}

fn read_hash(bytes: Vec<u8>) -> QueryResult<Hash> {
    <[u8; 32]>::try_from(bytes).map(Hash::from).map_err(|_| unreadable("a hash that has not 32 bytes"))
}

fn unreadable(what: &'static str) -> DieselError {
    DieselError::DeserializationError(what.into())
}

/// Adds to the log; its end is locked until the transaction does.
///
/// # Errors
/// What Postgres says.
pub fn append(tx: &mut Tx<'_>, deed: &Deed) -> QueryResult<usize> {
    let end = moderation_head::table.select((moderation_head::seq, moderation_head::hash)).for_update();
    let (last, previous): (i64, Vec<u8>) = end.first(tx.conn())?;
    let Deed { at, actor_id, action, message_id, thread_id, reason, request_id } = deed.clone();
    let seq = last.saturating_add(1);
    let link = Link {
        seq,
        at,
        actor_id,
        action,
        message_id: message_id.uuid(),
        thread_id: thread_id.uuid(),
        reason: reason.clone(),
        request_id: request_id.clone(),
    };
    let hash = hash(&read_hash(previous)?, &link).as_bytes().to_vec();
    let action = action.name().to_owned();
    let row =
        Row { seq, at, actor_id, action, message_id, thread_id, reason, request_id, hash: hash.clone() };
    diesel::insert_into(moderation_log::table).values(row).execute(tx.conn())?;
    let end = (moderation_head::seq.eq(seq), moderation_head::hash.eq(hash));
    diesel::update(moderation_head::table).set(end).execute(tx.conn())
}

/// The number of the last entry and its hash, as the chain's end has them.
///
/// # Errors
/// What Postgres says.
pub fn head(conn: &mut PgConnection) -> QueryResult<(i64, Hash)> {
    let (seq, hash) =
        moderation_head::table.select((moderation_head::seq, moderation_head::hash)).first(conn)?;
    Ok((seq, read_hash(hash)?))
}

/// A page of the log, the newest entry first.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, page: Page) -> QueryResult<Vec<(Link, Hash)>> {
    let rows =
        moderation_log::table.order(moderation_log::seq.desc()).limit(page.rows()).offset(page.offset());
    rows.select(Row::as_select()).load(conn)?.into_iter().map(Row::read).collect()
}

/// The next entries after one, ascending.
///
/// # Errors
/// What Postgres says.
pub fn after(conn: &mut PgConnection, seq: i64, limit: i64) -> QueryResult<Vec<(Link, Hash)>> {
    let rows =
        moderation_log::table.filter(moderation_log::seq.gt(seq)).order(moderation_log::seq).limit(limit);
    rows.select(Row::as_select()).load(conn)?.into_iter().map(Row::read).collect()
}
