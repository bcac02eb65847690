//! The newest messages of those who deleted others for themselves.

use std::collections::{HashMap, HashSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid};
use kit::UserId;
use timeline::Seq;

use crate::domain::conversation::ConversationId;
use crate::domain::message::Message;
use crate::store::messages;

/// Somebody in a conversation.
pub type Viewer = (ConversationId, UserId);

#[derive(QueryableByName)]
struct ViewerRow {
    #[diesel(sql_type = Uuid)]
    place: ConversationId,
    #[diesel(sql_type = Uuid)]
    viewer: UserId,
}

impl From<ViewerRow> for Viewer {
    fn from(row: ViewerRow) -> Self {
        (row.place, row.viewer)
    }
}

const HIDERS: &str = "
    SELECT h.conversation_id AS place, h.user_id AS viewer
    FROM hide h JOIN unnest($1, $2) AS of (conversation_id, seq) USING (conversation_id, seq)";

/// Who deleted one of these messages for themselves.
///
/// # Errors
/// What Postgres says.
pub fn hiders(conn: &mut PgConnection, messages: &[(ConversationId, Seq)]) -> QueryResult<HashSet<Viewer>> {
    let (ids, seqs): (Vec<ConversationId>, Vec<i64>) =
        messages.iter().map(|(id, seq)| (*id, seq.get())).unzip();
    let query = kit::planned(HIDERS).bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(seqs);
    Ok(query.load::<ViewerRow>(conn)?.into_iter().map(Viewer::from).collect())
}

const NEWEST: &str = "
    SELECT of.id AS place, of.viewer, m.*
    FROM unnest($1, $2) AS of (id, viewer)
    CROSS JOIN LATERAL (
        SELECT * FROM message m
        WHERE m.conversation_id = of.id AND m.is_active AND NOT EXISTS (
            SELECT FROM hide h WHERE h.conversation_id = of.id AND h.user_id = of.viewer AND h.seq = m.seq)
        ORDER BY m.seq DESC LIMIT 1
    ) m";

/// The newest message that each of these has not deleted for themselves, and that is not deleted for all.
///
/// # Errors
/// What Postgres says.
pub fn of<'a>(
    conn: &mut PgConnection,
    viewers: impl IntoIterator<Item = &'a Viewer>,
) -> QueryResult<HashMap<Viewer, Message>> {
    let (ids, users): (Vec<ConversationId>, Vec<UserId>) = viewers.into_iter().copied().unzip();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = diesel::sql_query(NEWEST).bind::<Array<Uuid>, _>(ids).bind::<Array<Uuid>, _>(users);
    let rows: Vec<(ViewerRow, messages::Row)> = query.load(conn)?;
    Ok(rows.into_iter().map(|(viewer, row)| (viewer.into(), row.into())).collect())
}
