//! `departed_user`

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use kit::{Tx, UserId};

use crate::store::schema::{departed_user, listing};

diesel::allow_tables_to_appear_in_same_query!(listing, departed_user);

/// Notes that a user was deleted.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, user: UserId, at: DateTime<Utc>) -> QueryResult<()> {
    let row = (departed_user::user_id.eq(user), departed_user::departed_at.eq(at));
    diesel::insert_into(departed_user::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .map(|_| ())
}

/// Forgets those who were deleted before `before` and left nothing; how many.
///
/// # Errors
/// What Postgres says.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>) -> QueryResult<usize> {
    let theirs =
        listing::table.filter(listing::is_active).filter(listing::user_id.eq(departed_user::user_id));
    let long_ago = departed_user::table.filter(departed_user::departed_at.lt(before));
    diesel::delete(long_ago.filter(not(exists(theirs)))).execute(tx.conn())
}
