//! `departed_user`: users who were deleted lately.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use kit::{Tx, UserId};

use crate::store::schema::departed_user;

/// Notes that a user was deleted: their files are to be looked for.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, user: UserId, at: DateTime<Utc>) -> QueryResult<()> {
    let row =
        (departed_user::user_id.eq(user), departed_user::departed_at.eq(at), departed_user::look_at.eq(at));
    diesel::insert_into(departed_user::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .map(|_| ())
}

/// One whose files are to be looked for now, and when they were deleted; locked.
///
/// # Errors
/// What Postgres says.
pub fn due(tx: &mut Tx<'_>, now: DateTime<Utc>) -> QueryResult<Option<(UserId, DateTime<Utc>)>> {
    let due = departed_user::table.filter(departed_user::look_at.le(now)).order(departed_user::look_at);
    let one = due.limit(1).select((departed_user::user_id, departed_user::departed_at));
    one.for_update().skip_locked().first(tx.conn()).optional()
}

/// Looks for their files again at that time.
///
/// # Errors
/// What Postgres says.
pub fn look_again(tx: &mut Tx<'_>, user: UserId, at: DateTime<Utc>) -> QueryResult<()> {
    let again = diesel::update(departed_user::table.find(user)).set(departed_user::look_at.eq(at));
    again.execute(tx.conn()).map(|_| ())
}

/// Forgets one of whom nothing more can come.
///
/// # Errors
/// What Postgres says.
pub fn forget(tx: &mut Tx<'_>, user: UserId) -> QueryResult<()> {
    diesel::delete(departed_user::table.find(user)).execute(tx.conn()).map(|_| ())
}
