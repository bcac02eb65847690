//! What the staff search: the texts of all messages, and the titles of the listings that they are about.
//!
//! A term that few messages have is looked up in the index, and all its messages are found. Of one that very many have,
//! the newest messages are walked instead, which then takes no time either; older ones are not found by it alone.

use std::collections::HashSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid};

use crate::domain::thread::ThreadId;

/// With more messages than that, a term is a common one.
const RARE: i64 = 20_000;
/// How many messages of a common term are found.
const NEWEST: i64 = 1_000;
/// How many listings are found.
const LISTINGS: i64 = 1_000;

const INDEXED: &str = "
    SELECT thread_id AS id FROM message_term WHERE terms @@ $1::tsquery LIMIT $2";
const WALKED: &str = "
    SELECT thread_id AS id FROM message_term WHERE terms @@ $1::tsquery ORDER BY message_id DESC LIMIT $2";
const TITLES: &str = "
    SELECT id FROM thread WHERE listing_id IN (
        SELECT id FROM known_listing WHERE terms @@ $1::tsquery LIMIT $2)";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Uuid)]
    id: ThreadId,
}

/// The threads in which all terms of a query stand in one message, or in the title of the listing.
///
/// # Errors
/// What Postgres says.
pub fn threads(conn: &mut PgConnection, query: &str) -> QueryResult<Vec<ThreadId>> {
    let mut found = messages(conn, query)?;
    found.extend(run(conn, TITLES, query, LISTINGS)?);
    let known: HashSet<ThreadId> = found.into_iter().map(|found| found.id).collect();
    Ok(known.into_iter().collect())
}

fn messages(conn: &mut PgConnection, query: &str) -> QueryResult<Vec<Found>> {
    let indexed = run(conn, INDEXED, query, RARE + 1)?;
    let is_common = i64::try_from(indexed.len()).is_ok_and(|rows| rows > RARE);
    if is_common { run(conn, WALKED, query, NEWEST) } else { Ok(indexed) }
}

fn run(conn: &mut PgConnection, statement: &str, query: &str, limit: i64) -> QueryResult<Vec<Found>> {
    diesel::sql_query(statement).bind::<Text, _>(query).bind::<BigInt, _>(limit).load(conn)
}
