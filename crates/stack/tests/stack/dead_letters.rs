//! Dead letters are shown, stay where they are, and are delivered again once.

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, BasicRejectOptions, ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use stack::Stack;

use super::{obey, servers, text};

const QUEUE: &str = "banter.messaging";
const DEAD: &str = "banter.messaging.dead";

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_and_replayed() {
    let stack = tokio::task::spawn_blocking(servers).await.expect("servers");
    let connection = Connection::connect(&stack.broker_url(), ConnectionProperties::default()).await;
    let connection = connection.expect("a connection");
    let channel = connection.create_channel().await.expect("a channel");
    declare(&channel).await;
    for number in 1..=3 {
        publish(&channel, &format!("event-{number}")).await;
    }
    for _ in 1..=3 {
        let letter = get(&channel, QUEUE).await.expect("a letter").delivery;
        letter.acker.reject(BasicRejectOptions { requeue: false }).await.expect("rejected");
    }

    let listed = said(&stack, &["dlq", "list", "messaging", "--max", "2"]);
    assert!(listed.contains("messaging: 3 dead letters"), "{listed}");
    assert!(
        listed.contains("event-1") && listed.contains("user-created") && listed.contains("rejected"),
        "{listed}"
    );
    assert!(!listed.contains("event-3"), "no more than were asked for: {listed}");

    let replayed = said(&stack, &["dlq", "replay", "messaging", "--max", "2"]);
    assert!(replayed.contains("2 dead letters delivered again"), "{replayed}");
    let letter = get(&channel, QUEUE).await.expect("a letter is back").delivery;
    let id = letter.properties.message_id().as_ref().map(ShortString::as_str).expect("an id");
    assert!(id.starts_with("event-"), "{id}");
    assert_eq!(letter.data, id.as_bytes());
    let headers = letter.properties.headers().clone().expect("headers");
    assert!(headers.inner().contains_key("x-request-id"), "its own headers stay");
    assert!(!headers.inner().contains_key("x-death"), "the marks of death do not");
    assert_eq!(headers.inner().get("x-banter-deaths"), Some(&AMQPValue::LongLongInt(1)), "their number does");
    let left = said(&stack, &["dlq", "list"]);
    assert!(left.contains("messaging: 1 dead letter\n"), "{left}");
    assert!(left.contains("auth: takes in no events"), "{left}");
}

async fn declare(channel: &Channel) {
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    for (queue, dead) in [(DEAD, None), (QUEUE, Some(DEAD))] {
        let mut arguments = FieldTable::default();
        let text = |value: &str| AMQPValue::LongString(LongString::from(value));
        arguments.insert("x-queue-type".into(), text("quorum"));
        if let Some(dead) = dead {
            arguments.insert("x-dead-letter-exchange".into(), text(""));
            arguments.insert("x-dead-letter-routing-key".into(), text(dead));
        }
        channel.queue_declare(queue.into(), durable, arguments).await.expect("a queue");
    }
    channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
}

async fn publish(channel: &Channel, id: &str) {
    let mut headers = FieldTable::default();
    headers.insert("x-request-id".into(), AMQPValue::LongString(LongString::from("r")));
    let properties = BasicProperties::default().with_message_id(id.into()).with_type("user-created".into());
    let properties = properties.with_headers(headers).with_delivery_mode(2);
    let options = BasicPublishOptions::default();
    let published = channel.basic_publish("".into(), QUEUE.into(), options, id.as_bytes(), properties).await;
    published.expect("published").await.expect("confirmed");
}

/// The next letter of a queue; dead letters arrive a moment after they died.
async fn get(channel: &Channel, queue: &str) -> Option<lapin::message::BasicGetMessage> {
    for _ in 0..200 {
        let got = channel.basic_get(queue.into(), BasicGetOptions::default()).await.expect("an answer");
        if got.is_some() {
            return got;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    None
}

fn said(stack: &Stack, arguments: &[&str]) -> String {
    let output = tokio::task::block_in_place(|| obey(stack, arguments));
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}
