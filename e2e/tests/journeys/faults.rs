//! What is acknowledged stays, whoever is killed.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::load::{Place, check, write_during};
use crate::system::{PATIENCE, System, User, eventually};
use crate::tap::Tap;

/// How often each service is killed.
const KILLS: usize = 20;

async fn people(system: &System) -> (User, String) {
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let pair = system.open(&ada, &[&ada, &ben]).await;
    (ada, pair)
}

async fn kill_again_and_again(process: &'static str) {
    let system = System::take().await;
    let (ada, pair) = people(&system).await;
    kill_while_writing(&system, process, &ada, &Place::conversation(&pair)).await;
}

/// Kills a process again and again while somebody writes; tells what was acknowledged.
pub(crate) async fn kill_while_writing(
    system: &System,
    process: &'static str,
    by: &User,
    place: &Place,
) -> HashSet<String> {
    let mut written = Vec::new();
    for _ in 0..KILLS {
        let trouble = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            system.with_stack(move |stack| stack.knock_out(process).unwrap()).await;
            system.with_stack(move |stack| stack.start(process).unwrap()).await;
        };
        written.push(write_during(system, by, place, trouble).await);
    }
    check(system, by, place, &written).await;
    let acknowledged: usize = written.iter().map(|written| written.acknowledged.len()).sum();
    let failures: usize = written.iter().map(|written| written.failures).sum();
    println!("{process}: {KILLS} kills, {acknowledged} acknowledged, {failures} failures, none missing");
    assert!(acknowledged > KILLS, "the writers got through");
    written.into_iter().flat_map(|written| written.acknowledged).collect()
}

#[tokio::test]
async fn messaging_killed_under_load_loses_nothing() {
    kill_again_and_again("messaging").await;
}

#[tokio::test]
async fn gateway_killed_under_load_loses_nothing() {
    kill_again_and_again("gateway").await;
}

#[tokio::test]
async fn auth_killed_under_load_stops_nobody_who_is_logged_in() {
    kill_again_and_again("auth").await;
}

pub(crate) fn client_message_id(event: &Value) -> Option<&str> {
    event["data"]["message"]["clientMessageId"].as_str()
}

#[tokio::test]
async fn a_broker_killed_during_sends_loses_no_event_and_fails_no_send() {
    let system = System::take().await;
    let (ada, pair) = people(&system).await;
    let tap = Tap::on(&system, "messaging.message-created").await;
    let trouble = async {
        // The broker writes down a new queue and its binding within seconds only; ours are declared again at each
        // connection, the tap is not.
        tokio::time::sleep(Duration::from_secs(5)).await;
        system.with_stack(|stack| stack.knock_out("rabbitmq").unwrap()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        system.with_stack(|stack| stack.start("rabbitmq").unwrap()).await;
    };
    let place = Place::conversation(&pair);
    let written = write_during(&system, &ada, &place, trouble).await;
    assert_eq!((written.failures, &written.statuses), (0, &HashSet::new()), "every send was acknowledged");
    tap.hear_all(written.acknowledged.iter().cloned().collect(), client_message_id).await;
    check(&system, &ada, &place, &[written]).await;
}

/// A figure of a service's own tables.
async fn count(system: &System, sql: &'static str) -> i64 {
    system.with_stack(move |stack| crate::system::count(&stack.database_url("banter"), sql)).await
}

#[tokio::test]
async fn users_registered_while_the_broker_is_away_are_copied_once_it_is_back() {
    let system = System::take().await;
    let ada = system.user("Ada").await;
    system.with_stack(|stack| stack.knock_out("rabbitmq").unwrap()).await;
    let before = count(&system, "SELECT count(*) FROM messaging.processed_event").await;
    let mut newcomers = Vec::new();
    for n in 0..5 {
        newcomers.push(system.user(&format!("Newcomer {n}")).await);
    }
    let ready = system.get("/readyz").await;
    assert_eq!(ready.status, 200, "degraded, but in service: {}", ready.text);
    system.with_stack(|stack| stack.start("rabbitmq").unwrap()).await;
    let system = &system;
    eventually("all five are copied", || async move {
        count(system, "SELECT count(*) FROM auth.outbox").await == 0
            && count(system, "SELECT count(*) FROM messaging.processed_event").await >= before + 5
    })
    .await;
    let doubled = "SELECT count(*) - count(DISTINCT id) FROM messaging.known_user";
    assert_eq!(count(system, doubled).await, 0);
    system.open(&ada, &[&ada, &newcomers[0], &newcomers[1]]).await;
}

#[tokio::test]
async fn a_database_killed_and_restarted_heals_without_restarting_a_service() {
    let system = System::take().await;
    let (ada, pair) = people(&system).await;
    let pids = |system: &System| -> Vec<Option<i32>> {
        let ours = system
            .stack
            .entries()
            .into_iter()
            .filter(|(name, _)| ["auth", "messaging", "gateway"].contains(&name.as_str()));
        ours.map(|(_, entry)| entry.running().map(|ident| ident.pid)).collect()
    };
    let before = pids(&system);
    system.send(&ada, &pair, "before").await;
    system.with_stack(|stack| stack.knock_out("postgres").unwrap()).await;

    let body = json!({ "conversationId": pair, "content": "meanwhile" });
    let begun = Instant::now();
    let meanwhile = system.post("/messaging-api/v1/messages").token(&ada.token).json(body).await;
    meanwhile.refused(503, "errMsg_serviceIsUnavailable");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(system.get("/messaging-api/v1/conversations").token(&ada.token).await.status, 503);

    system.with_stack(|stack| stack.start("postgres").unwrap()).await;
    let (path, token) = ("/messaging-api/v1/conversations", ada.token.clone());
    let system = &system;
    eventually("the service is healed", || async { system.get(path).token(&token).await.status == 200 })
        .await;
    system.with_stack(|stack| stack.wait_all_ready(PATIENCE).unwrap()).await;
    system.send(&ada, &pair, "after").await;
    let contents: Vec<Value> =
        system.history(&ada, &pair).await.into_iter().map(|m| m["content"].clone()).collect();
    assert_eq!(contents, [json!("before"), json!("after")]);
    assert_eq!(pids(system), before, "nobody was restarted");
}
