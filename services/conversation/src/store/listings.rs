//! Our copy of the catalogue.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as Where;
use diesel::upsert::excluded;
use events::listing::Listing;
use kit::Tx;
use kit::search::array_to_tsvector;

use crate::domain::thread::ListingId;
use crate::store::schema::known_listing;

/// Keeps a listing, unless what we have is as new; tells whether it was kept.
///
/// # Errors
/// What Postgres says, or that the listing cannot be written as JSON.
pub fn keep(tx: &mut Tx<'_>, of: &Listing) -> QueryResult<bool> {
    let json =
        serde_json::to_value(of).map_err(|error| diesel::result::Error::SerializationError(error.into()))?;
    let row = (
        known_listing::user_id.eq(of.user_id),
        known_listing::title.eq(&of.title),
        known_listing::status.eq(of.status.name()),
        known_listing::is_active.eq(of.is_active),
        known_listing::record_version.eq(of.record_version),
        known_listing::listing.eq(json),
        known_listing::terms.eq(array_to_tsvector(terms::of(&of.title))),
    );
    let upsert = diesel::insert_into(known_listing::table)
        .values((known_listing::id.eq(of.id), row.clone()))
        .on_conflict(known_listing::id)
        .do_update()
        .set(row);
    let is_newer = known_listing::record_version.lt(excluded(known_listing::record_version));
    Ok(Where::filter(upsert, is_newer).execute(tx.conn())? == 1)
}

/// Locks a listing as we know it.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ListingId) -> QueryResult<Option<Listing>> {
    let found: Option<serde_json::Value> = known_listing::table
        .find(id)
        .for_no_key_update()
        .select(known_listing::listing)
        .first(tx.conn())
        .optional()?;
    found.map(read).transpose()
}

/// Those of these listings that we know, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn known(conn: &mut PgConnection, ids: &[ListingId]) -> QueryResult<HashMap<ListingId, Listing>> {
    let rows: Vec<(ListingId, serde_json::Value)> =
        QueryDsl::filter(known_listing::table, known_listing::id.eq_any(ids))
            .select((known_listing::id, known_listing::listing))
            .load(conn)?;
    rows.into_iter().map(|(id, json)| Ok((id, read(json)?))).collect()
}

fn read(json: serde_json::Value) -> QueryResult<Listing> {
    serde_json::from_value(json).map_err(|error| diesel::result::Error::DeserializationError(error.into()))
}
