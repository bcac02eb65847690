//! Participants: who is in a conversation, and what they have read of it.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid};
use kit::{Tx, UserId};
use timeline::{Seq, Watermark};

use crate::domain::conversation::ConversationId;
use crate::domain::participant::{Participant, Reader};
use crate::store::schema::{conversation, participant};

#[derive(Queryable, Selectable)]
#[diesel(table_name = participant)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    user_id: UserId,
    is_member: bool,
    joined_at: DateTime<Utc>,
    read_seq: i64,
    uncounted: i64,
    visible_from: i64,
    rev: i64,
    absent: i64,
    hidden_seq: Option<i64>,
}

impl From<Row> for Participant {
    fn from(row: Row) -> Self {
        let (read_seq, visible_from) = (Seq::saturating(row.read_seq), Seq::saturating(row.visible_from));
        Self {
            user_id: row.user_id,
            is_member: row.is_member,
            joined_at: row.joined_at,
            watermark: Watermark { read_seq, uncounted: row.uncounted, visible_from, rev: row.rev },
            absent: row.absent,
            hidden_seq: row.hidden_seq.map(Seq::saturating),
        }
    }
}

/// What a row is in SQL.
pub(super) type SqlRow = (Uuid, Bool, Timestamptz, BigInt, BigInt, BigInt, BigInt, BigInt, Nullable<BigInt>);

/// Locks a participant's row, so that nothing of theirs is counted meanwhile.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ConversationId, user: UserId) -> QueryResult<Option<Participant>> {
    let row = participant::table.find((id, user)).for_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Participant::from))
}

/// Locks all participants of a conversation, former ones too, in one order for all.
///
/// # Errors
/// What Postgres says.
pub fn lock_all(tx: &mut Tx<'_>, id: ConversationId) -> QueryResult<Vec<Participant>> {
    let rows = participant::table.filter(participant::conversation_id.eq(id)).order(participant::user_id);
    let rows: Vec<Row> = rows.for_update().select(Row::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(Participant::from).collect())
}

/// Stores participants, new and known, all in one statement.
const SAVE: &str = "
    INSERT INTO participant AS p (conversation_id, user_id, is_member, joined_at, read_seq, uncounted, visible_from,
        rev, absent, hidden_seq)
    SELECT $1, v.* FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS v
    ON CONFLICT ON CONSTRAINT participant_pkey DO UPDATE SET
        is_member = excluded.is_member, joined_at = excluded.joined_at, read_seq = excluded.read_seq,
        uncounted = excluded.uncounted, visible_from = excluded.visible_from, rev = excluded.rev,
        absent = excluded.absent, hidden_seq = excluded.hidden_seq";

/// Stores participants as they are to be, whether they were there or not.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, id: ConversationId, people: &[Participant]) -> QueryResult<usize> {
    let numbers = |of: fn(&Participant) -> i64| people.iter().map(of).collect::<Vec<i64>>();
    let hidden: Vec<Option<i64>> = people.iter().map(|person| person.hidden_seq.map(Seq::get)).collect();
    kit::planned(SAVE)
        .bind::<Uuid, _>(id)
        .bind::<Array<Uuid>, _>(people.iter().map(|person| person.user_id).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(people.iter().map(|person| person.is_member).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(people.iter().map(|person| person.joined_at).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(numbers(|person| person.watermark.read_seq.get()))
        .bind::<Array<BigInt>, _>(numbers(|person| person.watermark.uncounted))
        .bind::<Array<BigInt>, _>(numbers(|person| person.watermark.visible_from.get()))
        .bind::<Array<BigInt>, _>(numbers(|person| person.watermark.rev))
        .bind::<Array<BigInt>, _>(numbers(|person| person.absent))
        .bind::<Array<Nullable<BigInt>>, _>(hidden)
        .execute(tx.conn())
}

/// The members of a conversation.
///
/// # Errors
/// What Postgres says.
pub fn members(conn: &mut PgConnection, id: ConversationId) -> QueryResult<Vec<Participant>> {
    let of = participant::table.filter(participant::conversation_id.eq(id).and(participant::is_member));
    let rows: Vec<Row> = of.order(participant::user_id).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Participant::from).collect())
}

/// The members of some conversations, in the order in which they joined.
///
/// # Errors
/// What Postgres says.
pub fn readers(
    conn: &mut PgConnection,
    ids: &[ConversationId],
) -> QueryResult<Vec<(ConversationId, Reader)>> {
    let rows: Vec<(ConversationId, Row)> = participant::table
        .filter(participant::conversation_id.eq_any(ids).and(participant::is_member))
        .order((participant::conversation_id, participant::joined_at, participant::user_id))
        .select((participant::conversation_id, Row::as_select()))
        .load(conn)?;
    let reader = |row| {
        let Participant { user_id, watermark, .. } = Participant::from(row);
        Reader { user_id, watermark }
    };
    Ok(rows.into_iter().map(|(id, row)| (id, reader(row))).collect())
}

/// How many messages a user can see in all of their conversations together.
///
/// # Errors
/// What Postgres says.
pub fn visible_in_all(conn: &mut PgConnection, user: UserId) -> QueryResult<i64> {
    let joined = participant::conversation_id.eq(conversation::id);
    let rows: Vec<(Row, i64)> = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(participant::user_id.eq(user).and(participant::is_member).and(conversation::is_active))
        .select((Row::as_select(), conversation::last_seq))
        .load(conn)?;
    let places = rows.into_iter().map(|(row, last)| (Participant::from(row), Seq::saturating(last)));
    Ok(places
        .filter(|(member, last)| member.sees(*last))
        .map(|(member, last)| member.visible_count(last))
        .sum())
}
