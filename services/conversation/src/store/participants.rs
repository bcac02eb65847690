//! The two of each thread, and what they have read.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use kit::queries::Fresh;
use kit::{Tx, UserId};
use timeline::{Seq, Watermark};

use crate::domain::participant::Participant;
use crate::domain::thread::{Thread, ThreadId};
use crate::store::schema::{participant, thread};

#[derive(Queryable, Selectable)]
#[diesel(table_name = participant)]
pub(super) struct Row {
    user_id: UserId,
    read_seq: i64,
    uncounted: i64,
    rev: i64,
}

impl From<Row> for Participant {
    fn from(row: Row) -> Self {
        let Row { user_id, read_seq, uncounted, rev } = row;
        let read_seq = Seq::saturating(read_seq);
        Self { user_id, watermark: Watermark { read_seq, uncounted, visible_from: Seq::FIRST, rev } }
    }
}

/// Stores the two of a new thread, who have read nothing.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, of: &Thread) -> QueryResult<Vec<Participant>> {
    let row = |user: UserId| (participant::thread_id.eq(of.id), participant::user_id.eq(user));
    let inserted = diesel::insert_into(participant::table).values(of.pair().map(row).to_vec());
    let rows: Vec<Row> = inserted.returning(Row::as_returning()).get_results(tx.conn())?;
    Ok(rows.into_iter().map(Participant::from).collect())
}

/// Locks one of the two, so that nothing of theirs is counted meanwhile.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: ThreadId, user: UserId) -> QueryResult<Option<Participant>> {
    let row = participant::table.find((id, user)).for_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Participant::from))
}

/// Locks both, in one order for all.
///
/// # Errors
/// What Postgres says.
pub fn lock_both(tx: &mut Tx<'_>, id: ThreadId) -> QueryResult<Vec<Participant>> {
    let rows = participant::table.filter(participant::thread_id.eq(id)).order(participant::user_id);
    let rows: Vec<Row> = rows.for_update().select(Row::as_select()).load(tx.conn())?;
    Ok(rows.into_iter().map(Participant::from).collect())
}

/// Stores what a locked participant has read.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, id: ThreadId, of: &Participant) -> QueryResult<usize> {
    let changes = (
        participant::read_seq.eq(of.watermark.read_seq.get()),
        participant::uncounted.eq(of.watermark.uncounted),
        participant::rev.eq(of.watermark.rev),
    );
    diesel::update(participant::table.find((id, of.user_id))).set(changes).execute(tx.conn())
}

/// A user's state in those of these threads that are theirs.
///
/// # Errors
/// What Postgres says.
pub fn of(
    conn: &mut PgConnection,
    user: UserId,
    ids: &[ThreadId],
) -> QueryResult<HashMap<ThreadId, Participant>> {
    let rows: Vec<(ThreadId, Row)> = participant::table
        .filter(participant::user_id.eq(user).and(participant::thread_id.eq_any(ids)))
        .select((participant::thread_id, Row::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, row)| (id, Participant::from(row))).collect())
}

/// How many messages a user can see in all of their threads together.
///
/// # Errors
/// What Postgres says.
pub fn visible_in_all(conn: &mut PgConnection, user: UserId) -> QueryResult<i64> {
    let ids = threads_of(conn, user)?;
    let sum: Option<i64> = Fresh(
        thread::table
            .filter(thread::id.eq_any(ids))
            .select(sql::<Nullable<BigInt>>("sum(last_seq - deleted)::bigint")),
    )
    .get_result(conn)?;
    Ok(sum.unwrap_or(0))
}

/// In which threads a user is.
///
/// # Errors
/// What Postgres says.
pub fn threads_of(conn: &mut PgConnection, user: UserId) -> QueryResult<Vec<ThreadId>> {
    participant::table.filter(participant::user_id.eq(user)).select(participant::thread_id).load(conn)
}
