//! Our copy of the catalogue: what threads are called.

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Text, Uuid};
use events::listing::Listing;
use kit::{Tx, planned};
use uuid::Uuid as Id;

use crate::store::unified::words;

/// A listing as we know it.
#[derive(Debug, Clone, QueryableByName)]
pub struct KnownListing {
    /// Which.
    #[diesel(sql_type = Uuid)]
    pub id: Id,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// False once it was deleted.
    #[diesel(sql_type = Bool)]
    pub is_active: bool,
    /// Goes up with each change.
    #[diesel(sql_type = Integer)]
    pub record_version: i32,
}

impl From<&Listing> for KnownListing {
    fn from(of: &Listing) -> Self {
        let Listing { id, is_active, record_version, .. } = *of;
        Self { id, title: of.title.clone(), is_active, record_version }
    }
}

const KEEP: &str = "
    INSERT INTO known_listing AS k (id, title, is_active, record_version, terms)
    VALUES ($1, $2, $3, $4, array_to_tsvector(string_to_array($5, ' ')))
    ON CONFLICT ON CONSTRAINT known_listing_pkey DO UPDATE SET
        title = excluded.title, is_active = excluded.is_active, record_version = excluded.record_version,
        terms = excluded.terms
    WHERE k.record_version < excluded.record_version";

/// Keeps a listing, unless what we have is as new.
///
/// # Errors
/// What Postgres says.
pub fn keep(tx: &mut Tx<'_>, of: &KnownListing) -> QueryResult<usize> {
    let keep = planned(KEEP).bind::<Uuid, _>(of.id).bind::<Text, _>(&of.title);
    let keep = keep.bind::<Bool, _>(of.is_active).bind::<Integer, _>(of.record_version);
    keep.bind::<Text, _>(words::of(Some(&of.title))).execute(tx.conn())
}

/// Those of these listings that we know.
///
/// # Errors
/// What Postgres says.
pub fn known(conn: &mut PgConnection, ids: &[Id]) -> QueryResult<Vec<KnownListing>> {
    let known = "SELECT id, title, is_active, record_version FROM known_listing WHERE id = ANY ($1)";
    planned(known).bind::<Array<Uuid>, _>(ids).load(conn)
}

/// Describes a listing anew, as we know it.
///
/// # Errors
/// What Postgres says.
pub fn describe(tx: &mut Tx<'_>, id: Id) -> QueryResult<()> {
    let lock =
        "SELECT id, title, is_active, record_version FROM known_listing WHERE id = $1 FOR NO KEY UPDATE";
    let known = planned(lock).bind::<Uuid, _>(id).get_result::<KnownListing>(tx.conn()).optional()?;
    let Some(known) = known else { return Ok(()) };
    let describe =
        "UPDATE known_listing SET terms = array_to_tsvector(string_to_array($2, ' ')) WHERE id = $1";
    let describe = planned(describe).bind::<Uuid, _>(id);
    describe.bind::<Text, _>(words::of(Some(&known.title))).execute(tx.conn()).map(drop)
}
