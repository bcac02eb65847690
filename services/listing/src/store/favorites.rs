//! `favorite`, and how many there are of a listing.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use kit::{Tx, UserId};

use crate::domain::listing::ListingId;
use crate::store::schema::{favorite, listing};

/// Puts a listing, which is locked, among a user's favourites; false when it is there already.
///
/// # Errors
/// What Postgres says.
pub fn add(tx: &mut Tx<'_>, id: ListingId, user: UserId, now: DateTime<Utc>) -> QueryResult<bool> {
    let row = (favorite::listing_id.eq(id), favorite::user_id.eq(user), favorite::created_at.eq(now));
    let added =
        diesel::insert_into(favorite::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(added == 1)
}

/// Takes a listing, which is locked, from a user's favourites; false when it is not there.
///
/// # Errors
/// What Postgres says.
pub fn remove(tx: &mut Tx<'_>, id: ListingId, user: UserId) -> QueryResult<bool> {
    Ok(diesel::delete(favorite::table.find((id, user))).execute(tx.conn())? == 1)
}

/// Stores how many have a listing, which is locked, among their favourites: that is no change of the listing itself.
///
/// # Errors
/// What Postgres says.
pub fn count(tx: &mut Tx<'_>, id: ListingId, count: i64) -> QueryResult<()> {
    let counted = diesel::update(listing::table.find(id)).set(listing::favorite_count.eq(count));
    counted.execute(tx.conn()).map(|_| ())
}
