//! What the threads of listings are still to be told.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::Tx;
use uuid::Uuid;

use crate::domain::thread::{ListingId, ThreadId};
use crate::store::schema::notice;

/// Something that all threads of a listing are to be told which were there at the time.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = notice)]
pub struct Notice {
    /// The event of the listing that it comes from.
    pub event_id: Uuid,
    /// Whose threads.
    pub listing_id: ListingId,
    /// What.
    pub content: String,
    /// In the course of which request.
    pub request_id: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Threads up to this one have been told.
    pub told_up_to: Option<ThreadId>,
}

/// Keeps a notice.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Notice) -> QueryResult<usize> {
    diesel::insert_into(notice::table).values(new).execute(tx.conn())
}

/// Whether there are any.
///
/// # Errors
/// What Postgres says.
pub fn is_any(conn: &mut PgConnection) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(notice::table.select(notice::event_id))).get_result(conn)
}

/// Locks one that no other replica works on.
///
/// # Errors
/// What Postgres says.
pub fn claim(tx: &mut Tx<'_>) -> QueryResult<Option<Notice>> {
    let oldest = notice::table.order(notice::event_id).for_update().skip_locked();
    oldest.select(Notice::as_select()).first(tx.conn()).optional()
}

/// Stores how far a locked one has been told.
///
/// # Errors
/// What Postgres says.
pub fn told(tx: &mut Tx<'_>, of: &Notice, up_to: ThreadId) -> QueryResult<usize> {
    diesel::update(notice::table.find(of.event_id)).set(notice::told_up_to.eq(up_to)).execute(tx.conn())
}

/// Forgets a locked one that all have been told.
///
/// # Errors
/// What Postgres says.
pub fn done(tx: &mut Tx<'_>, of: &Notice) -> QueryResult<usize> {
    diesel::delete(notice::table.find(of.event_id)).execute(tx.conn())
}
