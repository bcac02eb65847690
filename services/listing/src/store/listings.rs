//! `listing`, one by one and by what happens to them.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use kit::search::array_to_tsvector;
use kit::{Result, Tx, UserId};

use crate::domain::listing::{Content, Listing, ListingId};
use crate::store::row::{Row, Said, State, gather};
use crate::store::schema::listing;

/// What a search finds it by.
fn terms_of(content: &Content) -> Vec<String> {
    let description = content.description.as_deref().unwrap_or_default();
    terms::of(&format!("{}\n{description}", content.title))
}

/// Adds a listing.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Listing) -> QueryResult<()> {
    let identity =
        (listing::id.eq(new.id), listing::user_id.eq(new.user_id), listing::created_at.eq(new.created_at));
    let terms = listing::terms.eq(array_to_tsvector(terms_of(&new.content)));
    let row = (identity, Said::from(&new.content), State::from(new), terms);
    diesel::insert_into(listing::table).values(row).execute(tx.conn()).map(|_| ())
}

/// Stores what can change of a locked listing: what its owner says, and how far it has come.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, of: &Listing) -> QueryResult<()> {
    let terms = listing::terms.eq(array_to_tsvector(terms_of(&of.content)));
    let changes = (Said::from(&of.content), State::from(of), terms);
    diesel::update(listing::table.find(of.id)).set(changes).execute(tx.conn()).map(|_| ())
}

/// The listing of that id, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: ListingId) -> Result<Option<Listing>> {
    let row: Option<Row> = listing::table.find(id).select(Row::as_select()).first(conn).optional()?;
    row.map(Listing::try_from).transpose()
}

/// The listing of that id, unchangeable by others until the transaction ends.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ListingId) -> Result<Option<Listing>> {
    let named = listing::table.find(id).select(Row::as_select()).for_no_key_update();
    named.first::<Row>(tx.conn()).optional()?.map(Listing::try_from).transpose()
}

/// Locks some of the listings whose time is over, the longest first; those that somebody else has locked are theirs.
///
/// # Errors
/// What Postgres says.
pub fn lock_expired(tx: &mut Tx<'_>, now: DateTime<Utc>, bite: i64) -> Result<Vec<Listing>> {
    // Written out, so that it fits the partial index whatever is planned.
    let offered = listing::is_active.and(sql::<Bool>("status = 'active'"));
    let over = listing::table.filter(offered).filter(listing::expires_at.le(now));
    let oldest = over.order(listing::expires_at).limit(bite).select(Row::as_select());
    gather(oldest.for_no_key_update().skip_locked().load(tx.conn())?)
}

/// Locks some of the listings of users who were deleted.
///
/// # Errors
/// What Postgres says.
pub fn lock_orphans(tx: &mut Tx<'_>, bite: i64) -> Result<Vec<Listing>> {
    // As an array it is looked up in the index one by one; as a join, the whole table would be read.
    let departed = sql::<Bool>("user_id = ANY (ARRAY(SELECT user_id FROM departed_user))");
    let theirs = listing::table.filter(listing::is_active).filter(departed);
    let some = theirs.limit(bite).select(Row::as_select());
    gather(some.for_no_key_update().skip_locked().load(tx.conn())?)
}

/// Locks some of the listings of a user.
///
/// # Errors
/// What Postgres says.
pub fn lock_of(tx: &mut Tx<'_>, user: UserId, bite: i64) -> Result<Vec<Listing>> {
    let theirs = listing::table.filter(listing::is_active).filter(listing::user_id.eq(user));
    let some = theirs.limit(bite).select(Row::as_select());
    gather(some.for_no_key_update().skip_locked().load(tx.conn())?)
}
