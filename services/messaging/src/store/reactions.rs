//! Reactions to messages.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid};
use kit::{Tx, UserId};
use timeline::Seq;

use crate::domain::conversation::ConversationId;
use crate::domain::message::Message;
use crate::domain::reaction::{Emoji, Reaction};
use crate::store::schema::reaction;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Uuid)]
    conversation_id: ConversationId,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Text)]
    emoji: String,
    #[diesel(sql_type = Timestamptz)]
    reacted_at: DateTime<Utc>,
}

/// Where a reaction stands, and the reaction.
pub type Placed = (ConversationId, Seq, Reaction);

const OF: &str = "
    SELECT conversation_id, seq, user_id, emoji, reacted_at FROM reaction
    JOIN unnest($1, $2) AS of (conversation_id, seq) USING (conversation_id, seq)
    ORDER BY reacted_at, user_id, emoji";

/// The reactions to some messages, in the order in which they were made. Nothing is asked where no message ever had one.
///
/// # Errors
/// What Postgres says.
pub fn of<'a>(
    conn: &mut PgConnection,
    messages: impl IntoIterator<Item = &'a Message>,
) -> QueryResult<Vec<Placed>> {
    let reacted = messages.into_iter().filter(|message| message.reaction_rev > 0);
    let (ids, seqs): (Vec<ConversationId>, Vec<i64>) =
        reacted.map(|message| (message.conversation_id, message.seq.get())).unzip();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = kit::planned(OF).bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(seqs);
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(Row::placed).collect())
}

impl Row {
    fn placed(self) -> Placed {
        let Self { conversation_id, seq, user_id, emoji, reacted_at } = self;
        (conversation_id, Seq::saturating(seq), Reaction { user_id, emoji, reacted_at })
    }
}

/// Adds a user's reaction to a locked message.
///
/// # Errors
/// What Postgres says.
pub fn add(
    tx: &mut Tx<'_>,
    to: &Message,
    user: UserId,
    emoji: Emoji,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(reaction::table)
        .values((
            reaction::conversation_id.eq(to.conversation_id),
            reaction::seq.eq(to.seq.get()),
            reaction::user_id.eq(user),
            reaction::emoji.eq(emoji.text()),
            reaction::reacted_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
}

/// Takes a user's reaction to a locked message away; how many went.
///
/// # Errors
/// What Postgres says.
pub fn remove(tx: &mut Tx<'_>, to: &Message, user: UserId, emoji: Emoji) -> QueryResult<usize> {
    let theirs = reaction::table.find((to.conversation_id, to.seq.get(), user, emoji.text()));
    diesel::delete(theirs).execute(tx.conn())
}
