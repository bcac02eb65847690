//! `view`, and how many there are of a listing.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, select};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Timestamptz, Uuid};
use kit::{OneStatement, UserId};

use crate::domain::listing::ListingId;
use crate::store::schema::view;

/// Whether a user has opened a listing before.
///
/// # Errors
/// What Postgres says.
pub fn is_known(conn: &mut PgConnection, id: ListingId, user: UserId) -> QueryResult<bool> {
    select(exists(view::table.find((id, user)))).get_result(conn)
}

/// The statement that notes that a user opened a listing, and counts it if it is the first time. It comes to the new
/// count.
pub struct Open {
    /// Which.
    pub listing: ListingId,
    /// Who.
    pub user: UserId,
    /// When.
    pub now: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    views_count: i64,
}

impl OneStatement for Open {
    type Row = i64;
    const TELLS: bool = false;

    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<i64>> {
        let statement = sql_query(
            "WITH opened AS (INSERT INTO view (listing_id, user_id, created_at) VALUES ($1, $2, $3)
                 ON CONFLICT ON CONSTRAINT view_pkey DO NOTHING RETURNING listing_id)
             UPDATE listing SET views_count = views_count + 1 FROM opened
             WHERE listing.id = opened.listing_id RETURNING views_count",
        );
        let bound = statement.bind::<Uuid, _>(self.listing).bind::<Uuid, _>(self.user);
        let counted: Option<Counted> = bound.bind::<Timestamptz, _>(self.now).get_result(conn).optional()?;
        Ok(counted.map(|row| row.views_count))
    }
}
