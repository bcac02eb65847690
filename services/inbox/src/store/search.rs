//! What agents search: the texts of all messages of their chatbots.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::queries::Fresh;
use kit::search::Matches;

use crate::domain::chatbot::Scope;
use crate::domain::ids::MessageId;
use crate::store::schema::message_term;

/// How many messages a search finds at most: the newest.
pub const FOUND: i64 = 1_000;
/// How many messages a search looks at, at most, before it sorts.
const LOOKED_AT: i64 = 20_000;

/// The newest messages of the scope that have all terms of a query.
///
/// # Errors
/// What Postgres says.
pub fn messages(conn: &mut PgConnection, scope: &Scope, query: &str) -> QueryResult<Vec<MessageId>> {
    let mine = message_term::chatbot_id.eq_any(scope.chatbots());
    let matching = message_term::table.filter(mine.and(Matches::new(message_term::terms, query)));
    let mut found: Vec<(chrono::DateTime<chrono::Utc>, MessageId)> =
        Fresh(matching.select((message_term::sent_at, message_term::message_id)).limit(LOOKED_AT))
            .load(conn)?;
    found.sort_unstable_by(|one, other| other.cmp(one));
    let newest = usize::try_from(FOUND).unwrap_or(usize::MAX);
    Ok(found.into_iter().take(newest).map(|(_, id)| id).collect())
}
