//! Events that cannot be understood go aside, are seen, and can be delivered again.

use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Connection, ConnectionProperties};

use crate::system::{System, eventually};

/// `stack dlq …` on this stack.
async fn dlq(system: &System, words: &[&str]) -> String {
    system.obey(&[&["dlq"], words].concat()).await
}

#[tokio::test]
async fn a_poison_event_goes_aside_and_others_flow() {
    let system = System::take().await;
    let connection =
        Connection::connect(&system.stack.broker_url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let (exchange, key) = ("banter.events".into(), "auth.user-updated".into());
    let properties = BasicProperties::default().with_delivery_mode(2);
    channel
        .basic_publish(exchange, key, BasicPublishOptions::default(), b"poison 4711", properties)
        .await
        .unwrap()
        .await
        .unwrap();

    let system = &system;
    eventually("the poison is seen among the dead letters, and why", || async {
        let told = dlq(system, &["list", "messaging"]).await;
        told.contains("auth.user-updated") && told.contains("expected value at line 1")
    })
    .await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    system.open(&ada, &[&ada, &ben]).await;
    let replayed = dlq(system, &["replay", "messaging"]).await;
    assert!(replayed.contains("1 dead letter delivered again"), "{replayed}");
}
