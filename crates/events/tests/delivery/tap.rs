//! A look at the broker from outside.

use std::collections::BTreeSet;

use events::Topology;
use kit::settings::{BrokerSettings, Secret};
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, BasicRejectOptions, ExchangeDeleteOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use serde_json::Value;

/// The broker that `BANTER_TEST_BROKER_URL` names.
pub(crate) fn broker_url() -> String {
    std::env::var("BANTER_TEST_BROKER_URL").expect("BANTER_TEST_BROKER_URL: run `make test`")
}

/// A channel of the test's own, in a namespace of its own, whose queues go with it.
pub(crate) struct Tap {
    /// The namespace and the way to it.
    pub(crate) settings: BrokerSettings,
    /// Its names.
    pub(crate) topology: Topology,
    channel: Channel,
    _connection: Connection,
}

impl Tap {
    pub(crate) async fn open() -> Self {
        let namespace = format!("test-{}", kit::hex(&kit::clock::random_bytes::<8>()));
        let settings = BrokerSettings { url: Secret::new(broker_url()), namespace };
        let connection = Connection::connect(&broker_url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        Self { topology: Topology::new(&settings), settings, channel, _connection: connection }
    }

    /// How many messages wait in a queue.
    pub(crate) async fn depth(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = self.channel.queue_declare(queue.into(), options, FieldTable::default()).await;
        queue.unwrap().message_count()
    }

    /// Takes the events that wait in a queue: how many, and the ids among them.
    pub(crate) async fn take_all(&self, queue: &str) -> (usize, BTreeSet<String>) {
        let (mut count, mut ids) = (0, BTreeSet::new());
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) = self.channel.basic_get(queue.into(), options).await.unwrap() {
            let event: Value = serde_json::from_slice(&message.delivery.data).unwrap();
            count += 1;
            ids.insert(event["id"].as_str().unwrap().to_owned());
        }
        (count, ids)
    }

    /// Rejects the events that wait in a queue, as a consumer that cannot say why.
    pub(crate) async fn reject_all(&self, queue: &str) {
        let options = BasicGetOptions::default();
        while let Some(message) = self.channel.basic_get(queue.into(), options).await.unwrap() {
            message.delivery.reject(BasicRejectOptions { requeue: false }).await.unwrap();
        }
    }

    /// Publishes anything as if it were an event of auth.
    pub(crate) async fn publish(&self, event: &str, body: &[u8]) {
        let (exchange, key) = (self.topology.exchange(), format!("auth.{event}"));
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let sent = self.channel.basic_publish(
            exchange.as_str().into(),
            key.as_str().into(),
            options,
            body,
            properties,
        );
        sent.await.unwrap().await.unwrap();
    }

    /// Deletes a queue, as a careless operator would.
    pub(crate) async fn delete(&self, queue: &str) {
        self.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }

    /// Removes what the test made.
    pub(crate) async fn clean(self) {
        for name in [self.topology.queue("messaging"), self.topology.dead("messaging")] {
            self.delete(&name).await;
        }
        for name in [self.topology.exchange(), self.topology.dead("messaging")] {
            self.channel
                .exchange_delete(name.as_str().into(), ExchangeDeleteOptions::default())
                .await
                .unwrap();
        }
    }
}
