//! Messages as they are published.

use kit::Result;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Confirmation, PublisherConfirm};

use crate::broker::{Link, timely};
use crate::topology::short;

/// Survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// What is published.
pub(crate) struct Letter<'a> {
    pub(crate) exchange: &'a str,
    pub(crate) routing_key: &'a str,
    /// Whether it must find a queue.
    pub(crate) mandatory: bool,
    pub(crate) properties: BasicProperties,
    pub(crate) body: &'a [u8],
}

/// What is noted on every event. `kind` is `<source>.<type>`, the routing key of the first time: for who looks at dead
/// letters.
pub(crate) fn properties(id: Option<&str>, kind: &str) -> BasicProperties {
    let properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into())
        .with_type(short(kind));
    match id {
        Some(id) => properties.with_message_id(short(id)),
        None => properties,
    }
}

impl Link {
    /// Publishes; the answer is still to be awaited with [`confirmed`].
    pub(crate) async fn publish(&self, letter: Letter<'_>) -> Result<PublisherConfirm> {
        let options = BasicPublishOptions { mandatory: letter.mandatory, ..BasicPublishOptions::default() };
        let (exchange, key) = (short(letter.exchange), short(letter.routing_key));
        timely(self.channel.basic_publish(exchange, key, options, letter.body, letter.properties)).await
    }
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// On disk in every queue that it was routed to.
    Confirmed,
    /// Found no queue although it must: the broker acknowledges that too, and returns it.
    Unroutable,
    /// Not taken, or nobody knows.
    Unknown,
}

/// Awaits the broker's answer. Only an acknowledgement that returns nothing is a confirmation.
pub(crate) async fn confirmed(confirm: PublisherConfirm) -> Result<Fate> {
    Ok(match timely(confirm).await? {
        Confirmation::Ack(None) => Fate::Confirmed,
        Confirmation::Ack(Some(_)) => Fate::Unroutable,
        Confirmation::Nack(_) | Confirmation::NotRequested => Fate::Unknown,
    })
}
