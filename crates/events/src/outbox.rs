//! The outbox: what the service has to tell, one row an event, written in the transaction that changes the state.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Timestamptz, Uuid as SqlUuid};
use kit::{OneStatement, Tx};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::outbox;
use crate::{Announcement, Envelope, Payload};

/// Announces a change in the transaction that makes it: the relay tells it once the transaction is committed.
///
/// # Errors
/// What Postgres says, or that the payload cannot be written as JSON.
pub fn enqueue<P: Payload>(tx: &mut Tx<'_>, announcement: &Announcement<P>) -> QueryResult<()> {
    let row = Row::of(announcement).map_err(|error| DieselError::SerializationError(error.into()))?;
    tx.tells();
    diesel::insert_into(outbox::table).values(row).execute(tx.conn()).map(|_| ())
}

/// What waits in the outbox of a schema, oldest first, as the events that `source` will tell: for tests.
///
/// # Errors
/// What Postgres says.
pub fn pending(conn: &mut PgConnection, source: &str) -> QueryResult<Vec<Value>> {
    let rows: Vec<Row> = outbox::table.order(outbox::id).select(Row::as_select()).load(conn)?;
    let events = rows.into_iter().map(|row| row.into_event(source).and_then(serde_json::to_value));
    events.collect::<Result<_, _>>().map_err(|error| DieselError::DeserializationError(error.into()))
}

/// How many events are counted at most.
const COUNTED: i64 = 10_000;
/// How long, in seconds, an event that finds no queue waits at most before it is tried again.
const LONGEST_WAIT: i32 = 60;

/// What waits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backlog {
    /// How many events, 10,000 at most.
    pub(crate) depth: i64,
    /// The time of the oldest.
    pub(crate) oldest: Option<DateTime<Utc>>,
    /// How many of them found no queue the last time.
    pub(crate) unroutable: i64,
}

/// Counts what waits.
pub(crate) fn backlog(conn: &mut PgConnection) -> QueryResult<Backlog> {
    let waiting = outbox::table.order(outbox::id).limit(COUNTED);
    let rows: Vec<(DateTime<Utc>, i32)> = waiting.select((outbox::time, outbox::attempts)).load(conn)?;
    let count = |rows: usize| i64::try_from(rows).unwrap_or(COUNTED);
    Ok(Backlog {
        depth: count(rows.len()),
        oldest: rows.iter().map(|row| row.0).min(),
        unroutable: count(rows.iter().filter(|row| row.1 > 0).count()),
    })
}

/// Whether anything is due.
pub(crate) fn is_due(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(due(now))).get_result(conn)
}

/// The oldest that are due. Never "those after the last": transactions do not commit in the order of their ids.
pub(crate) fn oldest(conn: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> QueryResult<Vec<Row>> {
    due(now).order(outbox::id).limit(limit).select(Row::as_select()).load(conn)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn due(now: DateTime<Utc>) -> _ {
    let at_once = outbox::not_before.is_null();
    let by_now = outbox::not_before.le(now).assume_not_null();
    outbox::table.filter(at_once.or(by_now))
}

/// The statement that ends the wait of events that were told.
pub(crate) struct Forget(pub(crate) Vec<Uuid>);

impl OneStatement for Forget {
    type Row = ();
    const TELLS: bool = false;

    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<()>> {
        diesel::delete(outbox::table.filter(outbox::id.eq_any(&self.0))).execute(conn).map(|_| Some(()))
    }
}

/// The statement that lets events wait longer: each time twice as long, a minute at most.
pub(crate) struct Postpone {
    pub(crate) ids: Vec<Uuid>,
    pub(crate) now: DateTime<Utc>,
}

impl OneStatement for Postpone {
    type Row = ();
    const TELLS: bool = false;

    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<()>> {
        let statement = sql_query(
            "UPDATE outbox SET attempts = attempts + 1, \
             not_before = $2 + least($3, 1 << least(attempts, 10)) * interval '1 second' WHERE id = ANY($1)",
        );
        let statement = statement.bind::<Array<SqlUuid>, _>(&self.ids).bind::<Timestamptz, _>(self.now);
        statement.bind::<Integer, _>(LONGEST_WAIT).execute(conn).map(|_| Some(()))
    }
}

/// An event that waits.
#[derive(Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    kind: String,
    version: i32,
    subject: String,
    time: DateTime<Utc>,
    request_id: String,
    recipients: Vec<String>,
    data: Value,
}

impl Row {
    fn of<P: Payload>(told: &Announcement<P>) -> serde_json::Result<Self> {
        Ok(Self {
            id: told.id,
            kind: P::TYPE.to_owned(),
            version: i32::try_from(P::VERSION).unwrap_or(i32::MAX),
            subject: told.subject.clone(),
            time: told.time,
            request_id: told.request_id.clone(),
            recipients: told.recipients.iter().map(ToString::to_string).collect(),
            data: serde_json::to_value(&told.data)?,
        })
    }

    /// The event that it is. Fails when a recipient is none.
    pub(crate) fn into_event(self, source: &str) -> serde_json::Result<Envelope> {
        let recipients = self.recipients.iter().map(|text| text.parse()).collect::<Result<_, _>>();
        Ok(Envelope {
            id: self.id,
            kind: self.kind,
            source: source.to_owned(),
            subject: self.subject,
            time: self.time,
            request_id: self.request_id,
            version: u32::try_from(self.version).unwrap_or(0),
            recipients: recipients.map_err(serde::de::Error::custom)?,
            data: self.data,
        })
    }
}
