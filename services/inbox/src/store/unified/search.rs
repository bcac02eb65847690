//! Which entries a text finds.
//!
//! The entries of the caller are walked, and each text beside them is looked up by its key: the statement is made of scalar
//! sub-queries, which Postgres can only run for one entry at a time. Whatever others have costs nothing, and no word of
//! theirs is looked at.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Text, Uuid};
use kit::{Page, UserId};

use crate::domain::chatbot::Scope;
use crate::domain::ids::InboxEntryId;
use crate::store::members;
use crate::store::unified::list::{EntryFilter, Row, SEEN, Totals, beside};

/// Whether a place `p` is found by its title, or by one of those whom an entry `e` of it names. A contact's terms hold
/// their chatbot, see [`terms::of_within`], as do the queries for each chatbot.
const NAMED: &str = "
    p.terms @@ $3::tsquery
    OR (SELECT l.terms @@ $3::tsquery FROM known_listing l WHERE l.id = p.listing_id)
    OR (SELECT bool_or(u.terms @@ $3::tsquery) FROM known_user_term u
        WHERE u.user_id = ANY ((array_remove(p.member_ids[:21], e.user_id))[:20]))
    OR p.chatbot_id IS NOT NULL AND (SELECT c.terms @@ its.query::tsquery FROM unnest($4, $5) AS its (chatbot_id, query), contact c
        WHERE its.chatbot_id = p.chatbot_id AND c.chatbot_id = p.chatbot_id AND c.id = p.contact_id)";

/// The planner takes the many small look-ups for so dear that it would compile them, which takes longer than they do.
const NO_JIT: &str = "SET LOCAL jit = off";

/// What a search finds of a user's entries.
#[derive(Debug, Clone, Default, QueryableByName)]
pub struct Found {
    /// How many there are.
    #[diesel(embed)]
    pub totals: Totals,
    /// Those of a page, in no order.
    #[diesel(sql_type = Array<Text>)]
    pub ids: Vec<InboxEntryId>,
}

/// The entries of a user that have all words of a text together: in the title, in the name of one of those whom the entry
/// names, or in the newest message that the user sees. A text without any word finds nothing.
///
/// # Errors
/// What Postgres says.
pub fn found(
    conn: &mut PgConnection,
    user: UserId,
    of: &EntryFilter,
    text: &str,
    page: Page,
) -> QueryResult<Found> {
    let Some(words) = terms::query(text) else { return Ok(Found::default()) };
    conn.transaction(|conn| {
        sql_query(NO_JIT).execute(conn)?;
        walk(conn, user, of, (text, &words), page)
    })
}

fn walk(
    conn: &mut PgConnection,
    user: UserId,
    of: &EntryFilter,
    (text, words): (&str, &str),
    page: Page,
) -> QueryResult<Found> {
    let scope = members::scope(conn, user)?;
    let bound = |rows: i64| i32::try_from(rows).unwrap_or(i32::MAX);
    sql_query(statement(of))
        .bind::<Uuid, _>(user)
        .bind::<Array<Text>, _>(of.names())
        .bind::<Text, _>(words)
        .bind::<Array<Text>, _>(scope.chatbots())
        .bind::<Array<Text>, _>(within(&scope, text))
        .bind::<Integer, _>(bound(page.offset().saturating_add(1)))
        .bind::<Integer, _>(bound(page.offset().saturating_add(page.rows())))
        .get_result(conn)
}

fn within(scope: &Scope, text: &str) -> Vec<String> {
    scope.chatbots().iter().filter_map(|id| terms::query_within(id.as_str(), text)).collect()
}

fn statement(of: &EntryFilter) -> String {
    let condition = of.condition();
    format!(
        "SELECT count(*) AS entries, count(*) FILTER (WHERE unread > 0) AS unread_entries, \
         coalesce(sum(unread), 0)::bigint AS unread, \
         coalesce((array_agg(id ORDER BY last_message_at DESC, id DESC))[$6:$7], '{{}}') AS ids \
         FROM inbox_entry e WHERE {condition} AND (\
         (SELECT {NAMED} FROM inbox_place p WHERE p.source = e.source AND p.conversation_id = e.conversation_id) \
         OR (SELECT m.terms @@ $3::tsquery {SEEN}))"
    )
}

/// The entries of a user with these ids, the latest message first.
///
/// # Errors
/// What Postgres says.
pub fn rows(conn: &mut PgConnection, user: UserId, ids: &[InboxEntryId]) -> QueryResult<Vec<Row>> {
    let these = "SELECT * FROM inbox_entry WHERE id = ANY ($2) AND user_id = $1 AND is_shown";
    sql_query(beside(these)).bind::<Uuid, _>(user).bind::<Array<Text>, _>(ids).load(conn)
}
