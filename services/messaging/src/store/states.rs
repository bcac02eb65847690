//! Everything that other services keep of conversations, in parts along the people who are or were in them.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Uuid};
use kit::UserId;
use timeline::Seq;

use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::message::Message;
use crate::domain::participant::Participant;
use crate::store::newest_seen::{self, Viewer};
use crate::store::schema::{conversation, participant};
use crate::store::{conversations, messages, participants};

/// The people after a place, in the order of conversations and people, at most `limit`; of these conversations only,
/// where some are named.
///
/// # Errors
/// What Postgres says.
pub fn people(
    conn: &mut PgConnection,
    of: Option<&[ConversationId]>,
    after: Option<Viewer>,
    limit: i64,
) -> QueryResult<Vec<(ConversationId, Participant)>> {
    let mut rows = participant::table.into_boxed();
    if let Some(ids) = of {
        rows = rows.filter(participant::conversation_id.eq_any(ids));
    }
    if let Some((id, user)) = after {
        // As a row, so that it is where a walk along the primary key begins.
        let behind = diesel::dsl::sql::<Bool>("(participant.conversation_id, participant.user_id) > (");
        rows = rows.filter(behind.bind::<Uuid, _>(id).sql(", ").bind::<Uuid, _>(user).sql(")"));
    }
    let rows: Vec<(ConversationId, participants::Row)> = rows
        .order((participant::conversation_id, participant::user_id))
        .limit(limit)
        .select((participant::conversation_id, participants::Row::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, row)| (id, row.into())).collect())
}

/// Conversations by their ids, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn conversations(
    conn: &mut PgConnection,
    ids: &[ConversationId],
) -> QueryResult<HashMap<ConversationId, Conversation>> {
    let of_ids = conversation::table.filter(conversation::id.eq_any(ids));
    let rows: Vec<conversations::Row> = of_ids.select(conversations::Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Conversation::from).map(|of| (of.id, of)).collect())
}

const LAST: &str = "
    SELECT m.* FROM message m JOIN unnest($1, $2) AS of (conversation_id, seq) USING (conversation_id, seq)";

/// The newest messages of conversations.
///
/// # Errors
/// What Postgres says.
pub fn last_messages(
    conn: &mut PgConnection,
    last: &[(ConversationId, Seq)],
) -> QueryResult<HashMap<ConversationId, Message>> {
    let (ids, seqs): (Vec<ConversationId>, Vec<i64>) = last.iter().map(|(id, seq)| (*id, seq.get())).unzip();
    let query = diesel::sql_query(LAST).bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(seqs);
    let rows: Vec<messages::Row> = query.load(conn)?;
    Ok(rows.into_iter().map(Message::from).map(|message| (message.conversation_id, message)).collect())
}

/// What those see who deleted one of these newest messages for themselves.
///
/// # Errors
/// What Postgres says.
pub fn seen_by_hiders(
    conn: &mut PgConnection,
    last: &[(ConversationId, Seq)],
    among: impl Fn(&Viewer) -> bool,
) -> QueryResult<HashMap<Viewer, Option<Message>>> {
    let mut hiders = newest_seen::hiders(conn, last)?;
    hiders.retain(among);
    let mut seen = newest_seen::of(conn, &hiders)?;
    Ok(hiders.into_iter().map(|hider| (hider, seen.remove(&hider))).collect())
}

/// Who they are, by their place.
#[must_use]
pub fn viewer((id, person): &(ConversationId, Participant)) -> Viewer {
    let user: UserId = person.user_id;
    (*id, user)
}
