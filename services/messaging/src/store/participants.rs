//! Participants: who is in a conversation, and what they have read of it.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Tx, UserId};
use timeline::{Seq, SeqRange, Watermark};

use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::participant::Reader;
use crate::store::schema::{conversation, message, participant};

/// The four numbers of a watermark as a row has them.
#[derive(Queryable, Selectable)]
#[diesel(table_name = participant)]
pub struct WatermarkRow {
    read_seq: i64,
    uncounted: i64,
    visible_from: i64,
    rev: i64,
}

impl From<WatermarkRow> for Watermark {
    fn from(row: WatermarkRow) -> Self {
        let WatermarkRow { read_seq, uncounted, visible_from, rev } = row;
        let (read_seq, visible_from) = (Seq::saturating(read_seq), Seq::saturating(visible_from));
        Self { read_seq, uncounted, visible_from, rev }
    }
}

/// Puts the members of a new conversation into it.
///
/// # Errors
/// What Postgres says.
pub fn insert_all(
    tx: &mut Tx<'_>,
    of: &Conversation,
    begin: Watermark,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let row = |user: &UserId| {
        (
            participant::conversation_id.eq(of.id),
            participant::user_id.eq(*user),
            participant::joined_at.eq(now),
            participant::read_seq.eq(begin.read_seq.get()),
            participant::uncounted.eq(begin.uncounted),
            participant::visible_from.eq(begin.visible_from.get()),
            participant::rev.eq(begin.rev),
        )
    };
    let rows: Vec<_> = of.member_ids.iter().map(row).collect();
    diesel::insert_into(participant::table).values(rows).execute(tx.conn())
}

/// Locks a member's row, so that nothing of theirs is counted meanwhile; nothing when they are not in it.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ConversationId, user: UserId) -> QueryResult<Option<Watermark>> {
    participant::table
        .find((id, user))
        .filter(participant::is_member)
        .for_update()
        .select(WatermarkRow::as_select())
        .first(tx.conn())
        .optional()
        .map(|row| row.map(Watermark::from))
}

/// Stores what a member has read.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, id: ConversationId, user: UserId, watermark: Watermark) -> QueryResult<usize> {
    diesel::update(participant::table.find((id, user)))
        .set((
            participant::read_seq.eq(watermark.read_seq.get()),
            participant::uncounted.eq(watermark.uncounted),
            participant::visible_from.eq(watermark.visible_from.get()),
            participant::rev.eq(watermark.rev),
        ))
        .execute(tx.conn())
}

/// How many messages of a range do not count for a member: their own.
///
/// # Errors
/// What Postgres says.
pub fn uncounted_in(tx: &mut Tx<'_>, id: ConversationId, user: UserId, range: SeqRange) -> QueryResult<i64> {
    let within = message::seq.between(range.first().get(), range.last().get());
    message::table
        .filter(message::conversation_id.eq(id).and(within).and(message::sender_id.eq(user)))
        .count()
        .get_result(tx.conn())
}

/// The members of some conversations who have read at least up to `from`, in the order in which they joined.
///
/// # Errors
/// What Postgres says.
pub fn readers(
    conn: &mut PgConnection,
    ids: &[ConversationId],
    from: Seq,
) -> QueryResult<Vec<(ConversationId, Reader)>> {
    let rows: Vec<(ConversationId, UserId, WatermarkRow)> = participant::table
        .filter(participant::conversation_id.eq_any(ids).and(participant::is_member))
        .filter(participant::read_seq.ge(from.get()))
        .order((participant::conversation_id, participant::joined_at, participant::user_id))
        .select((participant::conversation_id, participant::user_id, WatermarkRow::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, user_id, row)| (id, Reader { user_id, watermark: row.into() })).collect())
}

/// How many messages a user can see in all of their conversations together.
///
/// # Errors
/// What Postgres says.
pub fn visible_in_all(conn: &mut PgConnection, user: UserId) -> QueryResult<i64> {
    let joined = participant::conversation_id.eq(conversation::id);
    let ranges: Vec<(i64, i64)> = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(participant::user_id.eq(user).and(participant::is_member).and(conversation::is_active))
        .select((participant::visible_from, conversation::last_seq))
        .load(conn)?;
    Ok(ranges.into_iter().map(|(from, last)| (last - from + 1).max(0)).sum())
}
