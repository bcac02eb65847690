//! `loose_object`: objects that no row has, yet or any more.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::Tx;

use crate::domain::file::FileId;
use crate::store::schema::loose_object;

/// Notes an object that is about to be written, or was deleted.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, id: FileId, deadline: DateTime<Utc>) -> QueryResult<()> {
    let row = (
        loose_object::file_id.eq(id),
        loose_object::deadline.eq(deadline),
        loose_object::condemned.eq(false),
    );
    diesel::insert_into(loose_object::table).values(row).execute(tx.conn()).map(|_| ())
}

/// Moves the deadline of objects that are still being written.
///
/// # Errors
/// What Postgres says.
pub fn renew(tx: &mut Tx<'_>, ids: &[FileId], deadline: DateTime<Utc>) -> QueryResult<()> {
    let theirs = loose_object::table.filter(loose_object::file_id.eq_any(ids));
    let kept = diesel::update(theirs.filter(loose_object::condemned.eq(false)));
    kept.set(loose_object::deadline.eq(deadline)).execute(tx.conn()).map(|_| ())
}

/// Takes the notes of objects away that get a row; how many of them nobody has condemned.
///
/// # Errors
/// What Postgres says.
pub fn settle(tx: &mut Tx<'_>, ids: &[FileId]) -> QueryResult<usize> {
    let theirs = loose_object::table.filter(loose_object::file_id.eq_any(ids));
    diesel::delete(theirs.filter(loose_object::condemned.eq(false))).execute(tx.conn())
}

/// Condemns objects: no row may have them from now on. Those that are to be removed.
///
/// # Errors
/// What Postgres says.
pub fn condemn(tx: &mut Tx<'_>, ids: &[FileId]) -> QueryResult<Vec<FileId>> {
    let theirs = loose_object::table.filter(loose_object::file_id.eq_any(ids));
    let condemned = diesel::update(theirs).set(loose_object::condemned.eq(true));
    condemned.returning(loose_object::file_id).get_results(tx.conn())
}

/// Condemns some of the objects whose deadline has passed.
///
/// # Errors
/// What Postgres says.
pub fn condemn_overdue(tx: &mut Tx<'_>, now: DateTime<Utc>, bite: i64) -> QueryResult<Vec<FileId>> {
    let overdue = loose_object::table.filter(loose_object::deadline.lt(now));
    let some = overdue.order(loose_object::deadline).limit(bite).select(loose_object::file_id);
    let some: Vec<FileId> = some.for_update().skip_locked().load(tx.conn())?;
    condemn(tx, &some)
}

/// Forgets objects that were removed.
///
/// # Errors
/// What Postgres says.
pub fn forget(tx: &mut Tx<'_>, ids: &[FileId]) -> QueryResult<()> {
    let theirs = loose_object::table.filter(loose_object::file_id.eq_any(ids));
    diesel::delete(theirs).execute(tx.conn()).map(|_| ())
}

/// Those of the ids that are noted.
///
/// # Errors
/// What Postgres says.
pub fn known(conn: &mut PgConnection, ids: &[FileId]) -> QueryResult<Vec<FileId>> {
    loose_object::table.filter(loose_object::file_id.eq_any(ids)).select(loose_object::file_id).load(conn)
}
