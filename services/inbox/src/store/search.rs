//! What agents search: the texts of all messages of their chatbots, and what is known of their contacts.
//!
//! Each term carries its chatbot, so that a search costs what the chatbot itself holds. A term that few messages have is
//! looked up in the index; of one that very many have, the newest messages are walked.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};

use crate::domain::chatbot::Scope;
use crate::domain::ids::{ContactId, MessageId};

/// How many messages or contacts a search finds at most: the newest.
pub const FOUND: usize = 1_000;
/// How many are looked at, at most, of those that the index knows.
const RARE: usize = 20_000;
/// At how many of the newest messages of each chatbot a search looks first.
const SAMPLE: i64 = 10_000;
/// With so many messages among these, a term is a common one.
const FREQUENT: usize = 100;
/// How far the walk goes for such a term.
const FAR: i64 = 200_000;

const MESSAGES: &str = "
    SELECT found.id, found.at FROM unnest($1, $2) AS its(chatbot_id, query) CROSS JOIN LATERAL (
        SELECT message_id AS id, sent_at AS at FROM message_term
        WHERE chatbot_id = its.chatbot_id AND terms @@ its.query::tsquery LIMIT $3
    ) AS found";
const NEWEST_MESSAGES: &str = "
    SELECT found.id, found.at FROM unnest($1, $2) AS its(chatbot_id, query) CROSS JOIN LATERAL (
        SELECT message_id AS id, sent_at AS at FROM (
            SELECT message_id, sent_at, terms FROM message_term
            WHERE chatbot_id = its.chatbot_id ORDER BY sent_at DESC, message_id DESC LIMIT $4
        ) AS newest WHERE terms @@ its.query::tsquery LIMIT $3
    ) AS found";
const CONTACTS: &str = "
    SELECT found.id, found.at FROM unnest($1, $2) AS its(chatbot_id, query) CROSS JOIN LATERAL (
        SELECT id, created_at AS at FROM contact
        WHERE chatbot_id = its.chatbot_id AND is_active AND terms @@ its.query::tsquery LIMIT $3
    ) AS found";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
}

/// The newest messages of the scope that have all words of a text, the newest first.
///
/// A look at the newest tells most of the common terms, without asking an index that would give millions.
///
/// # Errors
/// What Postgres says.
pub fn messages(conn: &mut PgConnection, scope: &Scope, text: &str) -> QueryResult<Vec<MessageId>> {
    if run(conn, NEWEST_MESSAGES, scope, text, (FREQUENT, SAMPLE))?.len() >= FREQUENT {
        let walked = run(conn, NEWEST_MESSAGES, scope, text, (FOUND, FAR))?;
        if walked.len() >= FOUND {
            return Ok(newest(walked));
        }
    }
    Ok(newest(run(conn, MESSAGES, scope, text, (RARE, FAR))?))
}

/// The newest contacts of the scope that have all words of a text, of 20,000 at most, the newest first.
///
/// # Errors
/// What Postgres says.
pub fn contacts(conn: &mut PgConnection, scope: &Scope, text: &str) -> QueryResult<Vec<ContactId>> {
    Ok(newest(run(conn, CONTACTS, scope, text, (RARE, FAR))?))
}

/// So many at most, of so many of the newest; a text without any word finds nothing.
fn run(
    conn: &mut PgConnection,
    statement: &str,
    scope: &Scope,
    text: &str,
    (limit, among): (usize, i64),
) -> QueryResult<Vec<Found>> {
    let query = |id: &crate::domain::ids::ChatbotId| terms::query_within(id.as_str(), text);
    let Some(queries) = scope.chatbots().iter().map(query).collect::<Option<Vec<String>>>() else {
        return Ok(Vec::new());
    };
    let query = diesel::sql_query(statement).bind::<Array<Text>, _>(scope.chatbots());
    let query = query.bind::<Array<Text>, _>(queries);
    query.bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX)).bind::<BigInt, _>(among).load(conn)
}

fn newest<I: std::str::FromStr>(mut found: Vec<Found>) -> Vec<I> {
    found.sort_unstable_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    found.into_iter().take(FOUND).filter_map(|it| it.id.parse().ok()).collect()
}
