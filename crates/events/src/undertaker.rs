//! The undertaker: lays dead events aside and notes why they died, which a plain rejection cannot say.

use chrono::{DateTime, Utc};
use kit::{Error, Result};
use lapin::PublisherConfirm;
use lapin::message::Delivery;
use tokio::sync::Mutex;

use crate::broker::{Broker, Link};
use crate::death;
use crate::letter::{Fate, Letter, confirmed};

/// Lays aside the dead events of one service.
///
/// It has a link of its own: a broker short of memory or disk stops reading from whoever publishes, and the consumer's
/// acknowledgements must get through.
pub(crate) struct Undertaker {
    broker: Broker,
    dead: String,
    link: Mutex<Option<Link>>,
}

impl Undertaker {
    /// Nothing is connected before the first death.
    pub(crate) fn new(broker: Broker, service: &str) -> Self {
        Self { dead: broker.topology.dead(service), broker, link: Mutex::default() }
    }

    /// Lays a copy of an event among the dead letters; the event itself is still to be acknowledged. Done twice, it is
    /// there twice, which does no harm.
    ///
    /// # Errors
    /// 503 when the broker does not confirm it. It may be there all the same.
    pub(crate) async fn lay_aside(&self, event: &Delivery, error: &str, now: DateTime<Utc>) -> Result<()> {
        if self.attempt(event, error, now).await.is_ok() {
            return Ok(());
        }
        // Over a new link, made with the topology: the old one may be dead, or the queue deleted.
        *self.link.lock().await = None;
        self.attempt(event, error, now).await
    }

    async fn attempt(&self, event: &Delivery, error: &str, now: DateTime<Utc>) -> Result<()> {
        let confirm = self.publish(event, error, now).await?;
        // Awaited without the lock: a broker that is slow to answer is waited for by all together.
        match confirmed(confirm).await? {
            Fate::Confirmed => Ok(()),
            Fate::Unroutable | Fate::Unknown => Err(Error::unavailable("the dead letters do not take it")),
        }
    }

    async fn publish(&self, event: &Delivery, error: &str, now: DateTime<Utc>) -> Result<PublisherConfirm> {
        let mut slot = self.link.lock().await;
        self.broker.ensure(&mut slot).await?;
        let link = slot.as_ref().ok_or_else(|| Error::unavailable("there is no link to the broker"))?;
        link.publish(Letter {
            exchange: &self.dead,
            routing_key: event.routing_key.as_str(),
            mandatory: true,
            properties: death::noted(event, error, now),
            body: &event.data,
        })
        .await
    }
}
