//! A queue of our own behind the exchange: what services tell, as any consumer would hear it.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use kit::clock::random_bytes;
use kit::hex;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use serde_json::Value;

use crate::system::System;

/// So long nothing comes when nothing waits.
const MOMENT: Duration = Duration::from_millis(500);

/// A durable queue that is bound to some routing keys.
pub(crate) struct Tap {
    url: String,
    queue: String,
}

impl Tap {
    /// Begins to listen to what services of production tell.
    pub(crate) async fn on(system: &System, routing_key: &str) -> Self {
        Self::on_exchange(system.stack.broker_url(), "banter.events", routing_key).await
    }

    /// Begins to listen to an exchange.
    pub(crate) async fn on_exchange(url: String, exchange: &str, routing_key: &str) -> Self {
        let tap = Self { url, queue: format!("tap.{}", hex(&random_bytes::<8>())) };
        let channel = tap.channel().await.unwrap();
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(tap.queue.as_str().into(), options, arguments).await.unwrap();
        let (queue, exchange, key) = (tap.queue.as_str().into(), exchange.into(), routing_key.into());
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        channel.queue_bind(queue, exchange, key, options, arguments).await.unwrap();
        tap
    }

    async fn channel(&self) -> lapin::Result<Channel> {
        Connection::connect(&self.url, ConnectionProperties::default()).await?.create_channel().await
    }

    /// Takes out what comes until nothing comes for a moment.
    pub(crate) async fn take(&self) -> lapin::Result<Vec<Value>> {
        let channel = self.channel().await?;
        let (queue, tag) = (self.queue.as_str().into(), "tap".into());
        channel.basic_qos(500, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let mut consumer = channel.basic_consume(queue, tag, options, FieldTable::default()).await?;
        let mut events = Vec::new();
        while let Ok(Some(delivery)) = tokio::time::timeout(MOMENT, consumer.next()).await {
            let delivery = delivery?;
            delivery.ack(BasicAckOptions::default()).await?;
            events.push(serde_json::from_slice(&delivery.data).unwrap());
        }
        Ok(events)
    }

    /// Listens until all of these subjects were heard of; repetitions do no harm.
    pub(crate) async fn hear_all(&self, mut names: HashSet<String>, name: fn(&Value) -> Option<&str>) {
        let begun = std::time::Instant::now();
        while !names.is_empty() {
            assert!(begun.elapsed() < crate::system::PATIENCE, "{} events never came", names.len());
            for event in self.take().await.expect("the tap's queue is there") {
                name(&event).map(|name| names.remove(name));
            }
        }
    }
}
