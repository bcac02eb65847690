//! Whose entries are to be put right in all conversations of a chatbot.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid};
use kit::{Tx, UserId, planned};

/// Somebody who came or went.
#[derive(Debug, Clone, QueryableByName)]
pub struct Move {
    /// For which chatbot.
    #[diesel(sql_type = Text)]
    pub chatbot_id: String,
    /// Who.
    #[diesel(sql_type = Uuid)]
    pub user_id: UserId,
    /// Up to this conversation their entries are right.
    #[diesel(sql_type = Nullable<Text>)]
    pub moved_up_to: Option<String>,
}

const ADD: &str = "
    INSERT INTO inbox_move (chatbot_id, user_id) VALUES ($1, $2)
    ON CONFLICT ON CONSTRAINT inbox_move_pkey DO UPDATE SET moved_up_to = NULL";

/// Notes that somebody came or went; where that was noted before, it begins anew.
///
/// # Errors
/// What Postgres says.
pub fn add(tx: &mut Tx<'_>, chatbot: &str, user: UserId) -> QueryResult<usize> {
    planned(ADD).bind::<Text, _>(chatbot).bind::<Uuid, _>(user).execute(tx.conn())
}

const ADD_ALL: &str = "
    INSERT INTO inbox_move (chatbot_id, user_id) SELECT chatbot_id, user_id FROM chatbot_member WHERE chatbot_id = $1
    ON CONFLICT ON CONSTRAINT inbox_move_pkey DO UPDATE SET moved_up_to = NULL";

/// Notes that all who answer for a chatbot came or went.
///
/// # Errors
/// What Postgres says.
pub fn add_all(tx: &mut Tx<'_>, chatbot: &str) -> QueryResult<usize> {
    planned(ADD_ALL).bind::<Text, _>(chatbot).execute(tx.conn())
}

const CLAIM: &str = "
    SELECT chatbot_id, user_id, moved_up_to FROM inbox_move
    ORDER BY chatbot_id, user_id LIMIT 1 FOR UPDATE SKIP LOCKED";

/// Locks one that no other replica is at.
///
/// # Errors
/// What Postgres says.
pub fn claim(tx: &mut Tx<'_>) -> QueryResult<Option<Move>> {
    planned(CLAIM).get_result(tx.conn()).optional()
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    conversation_id: String,
}

const NEXT: &str = "
    SELECT conversation_id FROM inbox_place
    WHERE chatbot_id = $1 AND conversation_id > $2 ORDER BY conversation_id LIMIT $3 FOR UPDATE";

/// Locks the next conversations of the chatbot.
///
/// # Errors
/// What Postgres says.
pub fn next(tx: &mut Tx<'_>, of: &Move, limit: i64) -> QueryResult<Vec<String>> {
    let after = of.moved_up_to.as_deref().unwrap_or_default();
    let next = planned(NEXT).bind::<Text, _>(&of.chatbot_id).bind::<Text, _>(after);
    let rows: Vec<Id> = next.bind::<BigInt, _>(limit).load(tx.conn())?;
    Ok(rows.into_iter().map(|row| row.conversation_id).collect())
}

/// Notes how far a locked move came.
///
/// # Errors
/// What Postgres says.
pub fn moved(tx: &mut Tx<'_>, of: &Move, up_to: &str) -> QueryResult<usize> {
    let moved = planned("UPDATE inbox_move SET moved_up_to = $3 WHERE chatbot_id = $1 AND user_id = $2");
    moved
        .bind::<Text, _>(&of.chatbot_id)
        .bind::<Uuid, _>(of.user_id)
        .bind::<Text, _>(up_to)
        .execute(tx.conn())
}

/// Ends a locked move.
///
/// # Errors
/// What Postgres says.
pub fn done(tx: &mut Tx<'_>, of: &Move) -> QueryResult<usize> {
    let done = planned("DELETE FROM inbox_move WHERE chatbot_id = $1 AND user_id = $2");
    done.bind::<Text, _>(&of.chatbot_id).bind::<Uuid, _>(of.user_id).execute(tx.conn())
}
