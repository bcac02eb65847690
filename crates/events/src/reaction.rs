//! Reactions: what a service does on an event, once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use kit::{Error, Result, Tx};
use serde::Deserialize;
use uuid::Uuid;

use crate::Payload;
use crate::schema::processed_event;

/// An event as a reaction reads it. Whom it concerns is for those who push it: a large group's event names a thousand.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heard<P> {
    /// What repetitions are told by.
    pub id: Uuid,
    /// When the state changed.
    #[serde(with = "kit::date")]
    pub time: DateTime<Utc>,
    /// The request that changed it.
    pub request_id: String,
    /// The state after the change.
    pub data: P,
}

/// What a service does on events of one type, in the transaction that also notes the event as processed.
///
/// Events may come repeatedly (it then runs once all the same) and in any order (it must keep the newest state).
pub type Handler<P> = fn(&mut Tx<'_>, &Heard<P>) -> Result<()>;

/// A [`Handler`] as a line of a service's table: `const REACTIONS: &[Reaction] = &[&On(keep_user), …];`
pub struct On<P>(pub Handler<P>);

/// A line of a service's table of reactions.
pub type Reaction = &'static dyn React;

/// What a line of the table can do, whatever its payload.
pub trait React: Send + Sync {
    /// The service whose events it is for.
    fn source(&self) -> &'static str;

    /// The events' name.
    fn kind(&self) -> &'static str;

    /// The newest version of the payload that it can read.
    fn version(&self) -> u32;

    /// Reads an event of its own.
    ///
    /// # Errors
    /// Why it cannot be understood.
    fn prepare(&self, bytes: &[u8]) -> std::result::Result<Work, String>;
}

impl<P: Payload> React for On<P> {
    fn source(&self) -> &'static str {
        P::SOURCE
    }

    fn kind(&self) -> &'static str {
        P::TYPE
    }

    fn prepare(&self, bytes: &[u8]) -> std::result::Result<Work, String> {
        let event: Heard<P> = serde_json::from_slice(bytes).map_err(|error| complaint(&error))?;
        let (id, request_id, handler) = (event.id, event.request_id.clone(), self.0);
        Ok(Work { id, request_id, run: Box::new(move |tx| handler(tx, &event)) })
    }

    fn version(&self) -> u32 {
        P::VERSION
    }
}

/// As much of an event as says which reaction is for it. The rest may be long: it is read once, as what it is.
#[derive(Debug, Deserialize)]
struct Head {
    source: String,
    #[serde(rename = "type")]
    kind: String,
    version: u32,
}

/// An event that was understood, and what to do on it.
pub struct Work {
    pub(crate) id: Uuid,
    pub(crate) request_id: String,
    run: Effect,
}

/// A handler with its event. It may run several times: a transaction that lost against another is tried again.
type Effect = Box<dyn Fn(&mut Tx<'_>) -> Result<()> + Send + Sync>;

/// Whether a reaction ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Now.
    Now,
    /// In an earlier transaction: this is a repetition.
    Before,
}

impl Work {
    /// Understands an event.
    ///
    /// # Errors
    /// Why it cannot be: it is no event, of no type that the table knows, or its payload is not as agreed.
    pub(crate) fn read(reactions: &[Reaction], bytes: &[u8]) -> std::result::Result<Self, String> {
        let head: Head = serde_json::from_slice(bytes).map_err(|error| complaint(&error))?;
        let mut lines = reactions.iter();
        let reaction = lines.find(|it| it.source() == head.source && it.kind() == head.kind);
        let reaction = reaction.ok_or_else(|| format!("no reaction to {}.{}", head.source, head.kind))?;
        if head.version > reaction.version() {
            return Err(format!("version {} is newer than {}", head.version, reaction.version()));
        }
        reaction.prepare(bytes)
    }

    /// Notes the event as processed and reacts, unless that was done before.
    pub(crate) fn apply(&self, tx: &mut Tx<'_>) -> Result<Applied> {
        let noted = diesel::insert_into(processed_event::table)
            .values((
                processed_event::event_id.eq(self.id),
                processed_event::processed_at.eq(diesel::dsl::now),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn())?;
        if noted == 0 {
            return Ok(Applied::Before);
        }
        (self.run)(tx).map(|()| Applied::Now)
    }
}

/// What is wrong with an event, without the text that serde quotes from it: what people write is not for logs.
fn complaint(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.split_once('"'), text.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
        _ => text,
    }
}

/// Does what the consumer does with one event, without a broker: for tests of reactions.
///
/// # Errors
/// Internal when the event cannot be understood, and whatever the reaction says.
pub fn apply(tx: &mut Tx<'_>, reactions: &[Reaction], bytes: &[u8]) -> Result<Applied> {
    Work::read(reactions, bytes).map_err(Error::internal)?.apply(tx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_names_the_place_and_quotes_nothing() {
        let error = serde_json::from_str::<u32>(r#""a \"secret\" word""#).unwrap_err();
        assert_eq!(complaint(&error), "invalid type: string …, expected u32 at line 1 column 19");
        let error = serde_json::from_str::<Head>("{}").unwrap_err();
        assert!(complaint(&error).starts_with("missing field `source`"), "{error}");
    }
}
