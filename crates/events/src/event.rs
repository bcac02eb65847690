//! An event: its envelope, and what it tells.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Recipient;

/// What an event tells: the state after the change, absolute, never a delta.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The service that owns the state: the first half of the routing key.
    const SOURCE: &'static str;
    /// The event's name, for example `message-created`: the second half of the routing key.
    const TYPE: &'static str;
    /// The version of the payload's schema: goes up when old readers would misread a new payload.
    const VERSION: u32;
}

/// The table of a service's payloads: type, name, version.
macro_rules! payloads {
    ($source:literal: $($payload:ident = $name:literal, version $version:literal;)+) => {
        $(impl $crate::Payload for $payload {
            const SOURCE: &'static str = $source;
            const TYPE: &'static str = $name;
            const VERSION: u32 = $version;
        })+
    };
}
pub(crate) use payloads;

/// What a service has to say, before it is an event: see [`crate::enqueue`].
#[derive(Debug, Clone)]
pub struct Announcement<P> {
    /// The event's id, a UUIDv7 drawn outside the transaction: events are relayed in its order.
    pub id: Uuid,
    /// When the state changed.
    pub time: DateTime<Utc>,
    /// The request that changed it.
    pub request_id: String,
    /// The id of what changed.
    pub subject: String,
    /// Whom it concerns, at most 1,000.
    pub recipients: Vec<Recipient>,
    /// The state after the change.
    pub data: P,
}

/// An event as it goes over the wire; the names are those of `CloudEvents` where they exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<P> {
    /// What repetitions are told by.
    pub id: Uuid,
    /// The event's name, for example `message-created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The service that tells it.
    pub source: String,
    /// The id of what changed.
    pub subject: String,
    /// When it changed.
    #[serde(with = "kit::date")]
    pub time: DateTime<Utc>,
    /// The request that changed it.
    pub request_id: String,
    /// The version of the schema of `data`.
    pub version: u32,
    /// Whom it concerns.
    pub recipients: Vec<Recipient>,
    /// The state after the change.
    pub data: P,
}

/// An event whose payload nobody has looked at yet.
pub type Envelope = Event<Value>;

impl<P> Event<P> {
    /// `<source>.<type>`: what the exchange routes by.
    #[must_use]
    pub fn routing_key(&self) -> String {
        format!("{}.{}", self.source, self.kind)
    }
}
