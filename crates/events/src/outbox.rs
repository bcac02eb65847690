//! The outbox: what the service has to tell, one row an event, written in the transaction that changes the state.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use kit::Tx;
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
