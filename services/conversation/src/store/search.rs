//! What the staff search: the texts of all messages, and the titles of the listings that they are about.
//!
//! A term that few messages have is looked up in the index, and all its messages are found. Of one that very many have,
//! the newest messages are walked instead, until there are enough; older ones are not found by it alone. A look at the
//! newest messages tells most of the common ones, without asking an index that would give hundreds of thousands.

use std::collections::HashSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid};

use crate::domain::thread::ThreadId;

/// With more messages than that, a term is a common one.
const RARE: i64 = 20_000;
/// How many messages of a common term are found.
const NEWEST: usize = 1_000;
/// How many listings are found.
const LISTINGS: i64 = 1_000;

/// At how many of the newest messages a search looks first.
const SAMPLE: i64 = 10_000;
/// With so many messages among these, a term is a common one, too.
const FREQUENT: usize = 100;
/// How far the walk goes for such a term, so that it ends when the term was none before.
const FAR: i64 = 200_000;

const INDEXED: &str = "
    SELECT thread_id AS id FROM message_term WHERE terms @@ $1::tsquery LIMIT $2";
const WALKED: &str = "
    SELECT thread_id AS id FROM message_term WHERE terms @@ $1::tsquery ORDER BY message_id DESC LIMIT $2";
const AMONG_NEWEST: &str = "
    SELECT thread_id AS id FROM (SELECT thread_id, terms FROM message_term ORDER BY message_id DESC LIMIT $3) newest
    WHERE terms @@ $1::tsquery LIMIT $2";
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
    if among_newest(conn, query, SAMPLE, FREQUENT)?.len() == FREQUENT {
        let walked = among_newest(conn, query, FAR, NEWEST)?;
        if walked.len() == NEWEST {
            return Ok(walked);
        }
    }
    let indexed = run(conn, INDEXED, query, RARE + 1)?;
    let is_common = i64::try_from(indexed.len()).is_ok_and(|rows| rows > RARE);
    if is_common { run(conn, WALKED, query, rows(NEWEST)) } else { Ok(indexed) }
}

/// So many of the newest messages, at most, that match among so many.
fn among_newest(conn: &mut PgConnection, query: &str, among: i64, limit: usize) -> QueryResult<Vec<Found>> {
    let query = diesel::sql_query(AMONG_NEWEST).bind::<Text, _>(query).bind::<BigInt, _>(rows(limit));
    query.bind::<BigInt, _>(among).load(conn)
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn run(conn: &mut PgConnection, statement: &str, query: &str, limit: i64) -> QueryResult<Vec<Found>> {
    diesel::sql_query(statement).bind::<Text, _>(query).bind::<BigInt, _>(limit).load(conn)
}
