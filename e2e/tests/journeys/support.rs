//! A day in the life of two companies, whatever becomes of the broker and of the order of events.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::{Connection as _, PgConnection, RunQueryDsl as _};
use kit::clock::random_bytes;
use kit::hex;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use serde_json::Value;

use crate::client::run;
use crate::system::{PATIENCE, System};
use crate::tap::Tap;

const SCRIPT: &str = "docs/walk-through/inbox.js";
/// What the unified inbox is kept in.
const FORGET: &str = "TRUNCATE inbox.inbox_entry, inbox.inbox_place, inbox.inbox_message, inbox.inbox_move, \
    inbox.known_listing, inbox.processed_event";

#[tokio::test]
async fn a_day_in_the_life_ends_in_the_truth_whatever_becomes_of_the_events() {
    let system = System::take().await;
    let tap = Tap::on(&system, "#").await;
    // The broker writes down a new queue and its binding within seconds only.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let agents = Agents::new();
    let day = run(&system, SCRIPT, [("AGENTS", agents.path())]);
    let (compared, ()) = tokio::join!(day, kill_the_broker_twice(&system));
    assert!(compared > 40, "the day has {compared} answers only");

    let told = tap.take().await.unwrap();
    let heard: Vec<&Value> = told.iter().filter(|event| is_heard(event)).collect();
    assert!(heard.len() > 25, "the day was heard of: {}", heard.len());
    forget(&system).await;
    tell_again(&system, &heard).await;
    assert_eq!(run(&system, SCRIPT, [("AGENTS", agents.path())]).await, 3, "one for each agent");

    // What other journeys had in their lists was not told again.
    system.obey(&["inbox", "rebuild"]).await;
    system.obey(&["inbox", "verify"]).await;
}

/// Where the script keeps who the agents are, until the test ends.
struct Agents(PathBuf);

impl Agents {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("banter-agents-{}.json", hex(&random_bytes::<8>()))))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Agents {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(Path::new(&self.0));
    }
}

async fn kill_the_broker_twice(system: &System) {
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        system.with_stack(|stack| stack.knock_out("rabbitmq").unwrap()).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        system.with_stack(|stack| stack.start("rabbitmq").unwrap()).await;
        system.with_stack(|stack| stack.wait_ready("rabbitmq", PATIENCE).unwrap()).await;
    }
}

/// Whether the unified inbox is kept by it.
fn is_heard(event: &Value) -> bool {
    let is =
        |contract: &events::Contract| event["source"] == contract.source && event["type"] == contract.event;
    events::registry::consumed_by("inbox").any(is)
}

/// The unified inbox knows nothing any more, nor that it was told anything.
async fn forget(system: &System) {
    let url = system.stack.database_url("banter");
    let forget = move || {
        let mut conn = PgConnection::establish(&url).unwrap();
        diesel::sql_query(FORGET).execute(&mut conn).unwrap();
    };
    tokio::task::spawn_blocking(forget).await.unwrap();
}

/// Puts each event into the queue of inbox three times, in an order at random.
async fn tell_again(system: &System, events: &[&Value]) {
    let connection =
        Connection::connect(&system.stack.broker_url(), ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let mut copies: Vec<([u8; 8], &Value)> =
        events.iter().flat_map(|event| [*event; 3]).map(|event| (random_bytes(), event)).collect();
    copies.sort_by_key(|(luck, _)| *luck);
    for (_, event) in copies {
        let body = serde_json::to_vec(event).unwrap();
        let (options, persistent) =
            (BasicPublishOptions::default(), BasicProperties::default().with_delivery_mode(2));
        channel.basic_publish("".into(), "banter.inbox".into(), options, &body, persistent).await.unwrap();
    }
    connection.close(200, "done".into()).await.unwrap();
}
