//! Publishing a batch of the outbox.

use futures_util::future::join_all;
use kit::Result;
use lapin::PublisherConfirm;
use uuid::Uuid;

use crate::broker::Link;
use crate::letter::{self, Fate, Letter, confirmed};
use crate::outbox::Row;
use crate::registry;

/// Tells one service's events.
pub(crate) struct Publisher {
    pub(crate) source: &'static str,
    pub(crate) exchange: String,
}

/// What is known of a batch after it was published.
#[derive(Default)]
pub(crate) struct Told {
    /// What became of each event; of those that are missing nobody knows.
    pub(crate) fates: Vec<(Uuid, Fate)>,
    /// Why some are missing.
    pub(crate) failure: Option<kit::Error>,
}

impl Publisher {
    /// Publishes all, then awaits all answers together.
    pub(crate) async fn tell(&self, link: &Link, batch: Vec<Row>) -> Told {
        let (mut told, mut sent) = (Told::default(), Vec::with_capacity(batch.len()));
        for row in batch {
            let id = row.id;
            match self.publish(link, row).await {
                Ok(Some(confirm)) => sent.push(async move { (id, confirmed(confirm).await) }),
                Ok(None) => told.fates.push((id, Fate::Unroutable)),
                Err(error) => {
                    told.failure = Some(error);
                    break;
                }
            }
        }
        for (id, answer) in join_all(sent).await {
            match answer {
                Ok(fate) => told.fates.push((id, fate)),
                Err(error) => told.failure = Some(error),
            }
        }
        told
    }

    /// Nothing is published when the row is no event: a fault of ours that must not keep the others from being told.
    async fn publish(&self, link: &Link, row: Row) -> Result<Option<PublisherConfirm>> {
        match Draft::of(row, self.source) {
            Ok(draft) => link.publish(draft.letter(&self.exchange)).await.map(Some),
            Err(error) => {
                log::error!("relay: a row of the outbox is no event: {error}");
                Ok(None)
            }
        }
    }
}

/// An event, written down.
struct Draft {
    id: String,
    routing_key: String,
    mandatory: bool,
    body: Vec<u8>,
}

impl Draft {
    fn of(row: Row, source: &str) -> serde_json::Result<Self> {
        let event = row.into_event(source)?;
        Ok(Self {
            id: event.id.to_string(),
            routing_key: event.routing_key(),
            mandatory: registry::has_consumer(source, &event.kind),
            body: serde_json::to_vec(&event)?,
        })
    }

    fn letter<'a>(&'a self, exchange: &'a str) -> Letter<'a> {
        let Self { id, routing_key, mandatory, body } = self;
        let properties = letter::properties(Some(id), routing_key);
        Letter { exchange, routing_key, mandatory: *mandatory, properties, body }
    }
}
