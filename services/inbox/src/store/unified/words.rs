//! The words that entries are found by, beside the texts that they are of, and whether both agree.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text, Uuid};
use kit::{Tx, UserId};

use crate::domain::inbox_entry::{Place, Source};
use crate::store::unified::{about, known_listings, people};

/// What a text is found by, for `array_to_tsvector(string_to_array($1, ' '))`: no term has a space in it.
pub(super) fn of(text: Option<&str>) -> String {
    text.map(terms::of).unwrap_or_default().join(" ")
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    conversation_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    terms: Vec<String>,
}

impl Found {
    fn is_right(&self) -> bool {
        let right: BTreeSet<String> =
            self.text.as_deref().map(terms::of).unwrap_or_default().into_iter().collect();
        self.terms.iter().collect::<BTreeSet<_>>() == right.iter().collect()
    }
}

const ALL: &str = "
    WITH p AS MATERIALIZED (SELECT * FROM inbox_place WHERE source = $1 AND conversation_id = ANY ($2))
    SELECT conversation_id, CASE WHEN is_group THEN name END AS text, tsvector_to_array(terms) AS terms FROM p
    UNION ALL
    SELECT m.conversation_id, m.preview, tsvector_to_array(m.terms)
    FROM inbox_message m WHERE m.source = $1 AND m.conversation_id = ANY ($2) AND m.is_active
    UNION ALL
    SELECT p.conversation_id, l.title, tsvector_to_array(l.terms)
    FROM p JOIN known_listing l ON l.id = p.listing_id
    UNION ALL
    SELECT p.conversation_id, CASE WHEN u.is_active THEN u.fullname END, coalesce(tsvector_to_array(t.terms), '{}')
    FROM p CROSS JOIN LATERAL unnest(p.member_ids[:21]) AS of (user_id)
    JOIN known_user u ON u.id = of.user_id
    LEFT JOIN known_user_term t ON t.user_id = u.id";

/// Those of some conversations of one source that are found by other words than they show.
///
/// # Errors
/// What Postgres says.
pub fn wrong(conn: &mut PgConnection, of: Source, ids: &[String]) -> QueryResult<BTreeSet<String>> {
    let all: Vec<Found> = sql_query(ALL).bind::<Text, _>(of.name()).bind::<Array<Text>, _>(ids).load(conn)?;
    Ok(all.into_iter().filter(|found| !found.is_right()).map(|found| found.conversation_id).collect())
}

#[derive(QueryableByName)]
struct Names {
    #[diesel(sql_type = Array<Uuid>)]
    people: Vec<UserId>,
    #[diesel(sql_type = Nullable<Uuid>)]
    listing: Option<uuid::Uuid>,
}

/// Describes anew whom and what a conversation names; its own words are told with its facts.
///
/// # Errors
/// What Postgres says.
pub fn mend(tx: &mut Tx<'_>, place: &Place) -> QueryResult<()> {
    let names = "SELECT member_ids[:21] AS people, listing_id AS listing FROM inbox_place
        WHERE source = $1 AND conversation_id = $2";
    let names = about(place, names);
    let Some(Names { people, listing }) = names.get_result(tx.conn()).optional()? else { return Ok(()) };
    people::describe(tx, &people)?;
    listing.map_or(Ok(()), |id| known_listings::describe(tx, id))
}
