//! Entries of our own conversations: all who answer for a chatbot have one of each, and share how far they have read.

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid};
use kit::{Tx, UserId, planned};

use crate::domain::inbox_entry::Place;
use crate::store::unified::entries;

#[derive(QueryableByName)]
struct User {
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
}

/// Whoever comes or goes locks the chatbot: either they are seen here, or their own event comes after this.
const AGENTS: &str = "
    WITH place AS (SELECT chatbot_id FROM inbox_place WHERE source = 'inbox' AND conversation_id = $1),
    tenant AS (SELECT c.id FROM chatbot c JOIN place p ON p.chatbot_id = c.id FOR SHARE OF c)
    SELECT m.user_id FROM chatbot_member m JOIN tenant t ON t.id = m.chatbot_id WHERE m.is_active";

/// Brings the entries of all who answer up to a locked place.
///
/// # Errors
/// What Postgres says.
pub fn merge(tx: &mut Tx<'_>, place: &Place) -> QueryResult<()> {
    let users: Vec<User> = planned(AGENTS).bind::<Text, _>(&place.id).load(tx.conn())?;
    let users: Vec<UserId> = users.into_iter().map(|row| row.user_id).collect();
    entries::make(tx, place, &users)?;
    follow(tx, std::slice::from_ref(&place.id), None)
}

const FOLLOW: &str = "
    UPDATE inbox_entry AS e SET read_seq = p.agents_read_seq, uncounted = p.agents_uncounted, rev = p.agents_rev,
        last_seq = p.last_seq, last_message_at = p.last_message_at, updated_at = now(),
        is_member = p.is_active AND c.is_active AND m.is_active
    FROM inbox_place p
    JOIN chatbot c ON c.id = p.chatbot_id
    JOIN chatbot_member m ON m.chatbot_id = p.chatbot_id
    WHERE p.source = 'inbox' AND p.conversation_id = ANY ($1) AND p.record_version > 0
        AND e.source = 'inbox' AND e.conversation_id = p.conversation_id AND e.user_id = m.user_id
        AND ($2 IS NULL OR m.user_id = $2)";

/// Brings entries up to their locked places, and to who answers now; of one user, or of all.
///
/// # Errors
/// What Postgres says.
pub fn follow(tx: &mut Tx<'_>, ids: &[String], user: Option<UserId>) -> QueryResult<()> {
    let follow = planned(FOLLOW).bind::<Array<Text>, _>(ids).bind::<Nullable<Uuid>, _>(user);
    follow.execute(tx.conn()).map(drop)
}
