//! Everything that other services keep of threads, in parts along their ids.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid};
use timeline::Seq;

use crate::domain::message::Message;
use crate::domain::participant::Participant;
use crate::domain::thread::{Thread, ThreadId};
use crate::store::schema::{participant, thread};
use crate::store::{messages, participants, threads};

/// The threads after one, along their ids, at most `limit`; of these only, where some are named.
///
/// # Errors
/// What Postgres says.
pub fn threads(
    conn: &mut PgConnection,
    of: Option<&[ThreadId]>,
    after: Option<ThreadId>,
    limit: i64,
) -> QueryResult<Vec<Thread>> {
    let mut rows = thread::table.into_boxed();
    if let Some(ids) = of {
        rows = rows.filter(thread::id.eq_any(ids));
    }
    if let Some(id) = after {
        rows = rows.filter(thread::id.gt(id));
    }
    let rows = rows.order(thread::id).limit(limit).select(threads::Row::as_select());
    let rows: Vec<threads::Row> = rows.load(conn)?;
    Ok(rows.into_iter().map(Thread::from).collect())
}

/// The two of each thread.
///
/// # Errors
/// What Postgres says.
pub fn people(conn: &mut PgConnection, ids: &[ThreadId]) -> QueryResult<HashMap<ThreadId, Vec<Participant>>> {
    let of_ids = participant::table.filter(participant::thread_id.eq_any(ids)).order(participant::user_id);
    let rows: Vec<(ThreadId, participants::Row)> =
        of_ids.select((participant::thread_id, participants::Row::as_select())).load(conn)?;
    let mut people: HashMap<ThreadId, Vec<Participant>> = HashMap::new();
    for (id, row) in rows {
        people.entry(id).or_default().push(row.into());
    }
    Ok(people)
}

const LAST: &str = "
    SELECT m.* FROM message m JOIN unnest($1, $2) AS of (thread_id, seq) USING (thread_id, seq)";

/// The newest messages of threads.
///
/// # Errors
/// What Postgres says.
pub fn last_messages(
    conn: &mut PgConnection,
    last: &[(ThreadId, Seq)],
) -> QueryResult<HashMap<ThreadId, Message>> {
    let (ids, seqs): (Vec<ThreadId>, Vec<i64>) = last.iter().map(|(id, seq)| (*id, seq.get())).unzip();
    let query = diesel::sql_query(LAST).bind::<Array<Uuid>, _>(ids).bind::<Array<BigInt>, _>(seqs);
    let rows: Vec<messages::Row> = query.load(conn)?;
    Ok(rows.into_iter().map(Message::from).map(|message| (message.thread_id, message)).collect())
}
