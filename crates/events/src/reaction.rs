//! Reactions: what a service does on an event, once.

use diesel::prelude::*;
use kit::{Error, Result, Tx};
use uuid::Uuid;

use crate::schema::processed_event;
use crate::{Envelope, Event, Payload};

/// What a service does on events of one type, in the transaction that also notes the event as processed.
///
/// Events may come repeatedly (it then runs once all the same) and in any order (it must keep the newest state).
pub type Handler<P> = fn(&mut Tx<'_>, &Event<P>) -> Result<()>;

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

    /// Looks at the payload.
    ///
    /// # Errors
    /// Why it cannot be understood.
    fn prepare(&self, envelope: Envelope) -> std::result::Result<Work, String>;
}

impl<P: Payload> React for On<P> {
    fn source(&self) -> &'static str {
        P::SOURCE
    }

    fn kind(&self) -> &'static str {
        P::TYPE
    }

    fn prepare(&self, envelope: Envelope) -> std::result::Result<Work, String> {
        if envelope.version > P::VERSION {
            return Err(format!("version {} is newer than {}", envelope.version, P::VERSION));
        }
        let (id, handler) = (envelope.id, self.0);
        let event: Event<P> = envelope.open().map_err(|error| complaint(&error))?;
        let request_id = event.request_id.clone();
        Ok(Work { id, request_id, run: Box::new(move |tx| handler(tx, &event)) })
    }
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
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(|error| complaint(&error))?;
        let mut lines = reactions.iter();
        let reaction = lines.find(|it| it.source() == envelope.source && it.kind() == envelope.kind);
        reaction.ok_or_else(|| format!("no reaction to {}", envelope.routing_key()))?.prepare(envelope)
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
        let error = serde_json::from_str::<Envelope>("{}").unwrap_err();
        assert!(complaint(&error).starts_with("missing field `id`"), "{error}");
    }
}
