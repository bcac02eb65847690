//! What members did with single messages: receipts of those read out of order, and hides.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Uuid};
use kit::{Tx, UserId};
use timeline::{Seq, SeqRange};

use crate::domain::conversation::ConversationId;
use crate::domain::participant::Mark;
use crate::store::schema::{hide, receipt};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Uuid)]
    conversation_id: ConversationId,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
    #[diesel(sql_type = Bool)]
    hidden: bool,
    #[diesel(sql_type = Bool)]
    read: bool,
}

const OF: &str = "
    SELECT conversation_id, seq, user_id, false AS hidden, true AS read FROM receipt
    JOIN unnest($1, $2) AS of (conversation_id, seq) USING (conversation_id, seq)
    UNION ALL
    SELECT conversation_id, seq, user_id, true, had_read FROM hide
    JOIN unnest($1, $2) AS of (conversation_id, seq) USING (conversation_id, seq)";

/// The marks of some messages.
///
/// # Errors
/// What Postgres says.
pub fn of(
    conn: &mut PgConnection,
    messages: &[(ConversationId, Seq)],
) -> QueryResult<Vec<(ConversationId, Mark)>> {
    let (ids, seqs): (Vec<ConversationId>, Vec<i64>) =
        messages.iter().map(|(id, seq)| (*id, seq.get())).unzip();
    let query = kit::planned(OF).bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(seqs);
    let rows: Vec<Row> = query.load(conn)?;
    let mark = |row: &Row| Mark {
        seq: Seq::saturating(row.seq),
        user_id: row.user_id,
        hidden: row.hidden,
        read: row.read,
    };
    Ok(rows.iter().map(|row| (row.conversation_id, mark(row))).collect())
}

/// Notes that a member read a message out of order.
///
/// # Errors
/// What Postgres says.
pub fn read(
    tx: &mut Tx<'_>,
    id: ConversationId,
    user: UserId,
    seq: Seq,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::insert_into(receipt::table)
        .values((
            receipt::conversation_id.eq(id),
            receipt::user_id.eq(user),
            receipt::seq.eq(seq.get()),
            receipt::read_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
}

/// Forgets the receipts that the watermark has passed.
///
/// # Errors
/// What Postgres says.
pub fn forget(tx: &mut Tx<'_>, id: ConversationId, user: UserId, up_to: Seq) -> QueryResult<usize> {
    let passed =
        receipt::conversation_id.eq(id).and(receipt::user_id.eq(user)).and(receipt::seq.le(up_to.get()));
    diesel::delete(receipt::table.filter(passed)).execute(tx.conn())
}

/// Notes that a member deleted a message for themselves.
///
/// # Errors
/// What Postgres says.
pub fn hide(
    tx: &mut Tx<'_>,
    id: ConversationId,
    user: UserId,
    seq: Seq,
    had_read: bool,
) -> QueryResult<usize> {
    diesel::insert_into(hide::table)
        .values((
            hide::conversation_id.eq(id),
            hide::user_id.eq(user),
            hide::seq.eq(seq.get()),
            hide::had_read.eq(had_read),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
}

/// A message that does not count as unread for a user, whatever the reason.
const UNCOUNTED: &str = "
    (m.sender_id IS NULL OR m.sender_id = $2 OR NOT m.is_active
     OR EXISTS (SELECT FROM receipt r WHERE r.conversation_id = $1 AND r.user_id = $2 AND r.seq = m.seq)
     OR EXISTS (SELECT FROM hide h WHERE h.conversation_id = $1 AND h.user_id = $2 AND h.seq = m.seq))";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many messages of a range do not count for a member.
///
/// # Errors
/// What Postgres says.
pub fn uncounted_in(
    conn: &mut PgConnection,
    id: ConversationId,
    user: UserId,
    range: SeqRange,
) -> QueryResult<i64> {
    let query = format!(
        "SELECT count(*) AS number FROM message m
         WHERE m.conversation_id = $1 AND m.seq BETWEEN $3 AND $4 AND {UNCOUNTED}"
    );
    let bound = diesel::sql_query(query).bind::<Uuid, _>(id).bind::<Uuid, _>(user);
    let bound = bound.bind::<BigInt, _>(range.first().get()).bind::<BigInt, _>(range.last().get());
    Ok(bound.get_result::<Number>(conn)?.number)
}

/// The messages of a range that count for a member, ascending, at most `limit`.
///
/// # Errors
/// What Postgres says.
pub fn counting_in(
    conn: &mut PgConnection,
    id: ConversationId,
    user: UserId,
    range: SeqRange,
    limit: i64,
) -> QueryResult<Vec<Seq>> {
    let query = format!(
        "SELECT m.seq AS number FROM message m
         WHERE m.conversation_id = $1 AND m.seq BETWEEN $3 AND $4 AND NOT {UNCOUNTED} ORDER BY m.seq LIMIT $5"
    );
    let bound = diesel::sql_query(query).bind::<Uuid, _>(id).bind::<Uuid, _>(user);
    let bound = bound.bind::<BigInt, _>(range.first().get()).bind::<BigInt, _>(range.last().get());
    let rows: Vec<Number> = bound.bind::<BigInt, _>(limit).load(conn)?;
    Ok(rows.iter().map(|row| Seq::saturating(row.number)).collect())
}
