//! The exchange and the queues that the registry asks for.

use kit::settings::BrokerSettings;
use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{Channel, ExchangeKind};

use crate::registry;

/// A message that is delivered this often without an answer (its consumer died each time) is dead. Lost connections
/// count too, hence generous.
const DELIVERY_LIMIT: i32 = 50;
/// Looking at a dead letter counts as a delivery, and it must survive that: as good as no limit. Explicit, since newer
/// brokers have a low default; a number, since older ones know no word for "none".
const DEAD_DELIVERY_LIMIT: i32 = 1_000_000;

/// The names of everything at the broker, all within a namespace.
#[derive(Debug, Clone)]
pub struct Topology {
    namespace: String,
}

impl Topology {
    /// The topology of a deployment.
    #[must_use]
    pub fn new(settings: &BrokerSettings) -> Self {
        Self { namespace: settings.namespace.clone() }
    }

    /// The one exchange: `<namespace>.events`.
    #[must_use]
    pub fn exchange(&self) -> String {
        format!("{}.events", self.namespace)
    }

    /// What a service consumes from: `<namespace>.<service>`.
    #[must_use]
    pub fn queue(&self, service: &str) -> String {
        format!("{}.{service}", self.namespace)
    }

    /// Where a service's dead letters go, exchange and queue alike: `<namespace>.<service>.dead`.
    #[must_use]
    pub fn dead(&self, service: &str) -> String {
        format!("{}.{service}.dead", self.namespace)
    }

    /// Declares all of it. What is there already stays as it is.
    ///
    /// Every service declares everything, so that an event finds its consumers' queues before they ever ran.
    pub(crate) async fn declare(&self, channel: &Channel) -> lapin::Result<()> {
        self.declare_exchange(channel, &self.exchange(), ExchangeKind::Topic).await?;
        for service in registry::consumers() {
            self.declare_dead(channel, service).await?;
            self.declare_queue(channel, service).await?;
        }
        Ok(())
    }

    async fn declare_queue(&self, channel: &Channel, service: &str) -> lapin::Result<()> {
        let queue = short(&self.queue(service));
        let mut arguments = quorum(DELIVERY_LIMIT);
        arguments.insert("x-dead-letter-exchange".into(), text(&self.dead(service)));
        arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
        arguments.insert("x-overflow".into(), text("reject-publish"));
        channel.queue_declare(queue.clone(), QueueDeclareOptions::durable(), arguments).await?;
        for contract in registry::consumed_by(service) {
            let (exchange, key) = (short(&self.exchange()), short(&contract.routing_key()));
            let options = QueueBindOptions::default();
            channel.queue_bind(queue.clone(), exchange, key, options, FieldTable::default()).await?;
        }
        Ok(())
    }

    /// A fanout, so that a dead letter keeps the routing key that it had.
    async fn declare_dead(&self, channel: &Channel, service: &str) -> lapin::Result<()> {
        let dead = self.dead(service);
        self.declare_exchange(channel, &dead, ExchangeKind::Fanout).await?;
        let (arguments, name) = (quorum(DEAD_DELIVERY_LIMIT), short(&dead));
        channel.queue_declare(name.clone(), QueueDeclareOptions::durable(), arguments).await?;
        let options = QueueBindOptions::default();
        channel.queue_bind(name.clone(), name, short(""), options, FieldTable::default()).await
    }

    async fn declare_exchange(&self, channel: &Channel, name: &str, kind: ExchangeKind) -> lapin::Result<()> {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel.exchange_declare(short(name), kind, options, FieldTable::default()).await
    }
}

fn quorum(delivery_limit: i32) -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(delivery_limit));
    arguments
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.into())
}

pub(crate) fn short(value: &str) -> ShortString {
    value.into()
}
