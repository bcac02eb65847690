//! `Idempotency-Key`: one effect and one answer, across replicas, restarts and races.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use kit::Role;
use serde_json::{Value, json};
use testing::{Ask, Database, Issuer, Person, Reply, eventually};

use crate::stage::{Hands, Process, client, migrate, ready, start};

async fn post(url: &str, by: &Person, key: &str, body: &Value) -> Reply {
    let request = client().post(format!("{url}/v1/notes"));
    Ask(request).by(by).header("Idempotency-Key", key).json(body.clone()).await
}

fn rows(database: &Database, what: &str) -> i64 {
    diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!("(SELECT count(*) FROM {what})")))
        .get_result(&mut database.connect())
        .unwrap()
}

fn ada() -> Person {
    Issuer::shared().person(Role::User)
}

#[tokio::test]
async fn replicas_and_restarts_replay_byte_for_byte() {
    let database = Database::create();
    let (one, other) = (ready(&database, &[]).await, ready(&database, &[]).await);
    let (ada, body) = (ada(), json!({ "text": "😀 once" }));
    let first = post(&one.url, &ada, "k", &body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    let again = post(&other.url, &ada, "k", &body).await;
    drop((one, other));
    let restarted = ready(&database, &[]).await;
    for reply in [again, post(&restarted.url, &ada, "k", &body).await] {
        assert_eq!((reply.status, &reply.text), (201, &first.text));
        assert_eq!(reply.header("idempotency-replayed"), "true");
        assert_eq!(reply.header("content-type"), first.header("content-type"));
        assert_ne!(reply.header("x-request-id"), first.header("x-request-id"), "the request is another");
    }
    assert_eq!(rows(&database, "note"), 1);
}

#[tokio::test]
async fn the_status_is_replayed_too() {
    let database = Database::create();
    let notes = ready(&database, &[]).await;
    let (ada, body) = (ada(), json!({ "text": "reuse" }));
    let (first, again) = (post(&notes.url, &ada, "k", &body).await, post(&notes.url, &ada, "k", &body).await);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.text, again.text);
    assert_eq!(first.json["reused"], true);
}

#[tokio::test]
async fn after_a_day_the_key_is_free() {
    let database = Database::create();
    migrate(&database).await;
    let hands = Hands::now();
    let notes = start(&database.url, &[], Box::new(hands.clone()));
    notes.lifecycle.ready();
    let (ada, body) = (ada(), json!({ "text": "a day" }));
    let first = post(&notes.url, &ada, "k", &body).await;
    hands.0.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(post(&notes.url, &ada, "k", &body).await.text, first.text);
    hands.0.advance(TimeDelta::seconds(1));
    let anew = post(&notes.url, &ada, "k", &body).await;
    assert_eq!((anew.status, anew.header("idempotency-replayed")), (201, ""));
    assert_ne!(anew.text, first.text);
    assert_eq!(post(&notes.url, &ada, "k", &body).await.text, anew.text);
    hands.0.advance(TimeDelta::hours(25));
    let other = post(&notes.url, &ada, "k", &json!({ "text": "another" })).await;
    assert_eq!(other.status, 201, "with another body, too");
    assert_eq!(rows(&database, "note"), 3);
}

#[tokio::test]
async fn a_key_is_one_users_for_one_request() {
    let database = Database::create();
    let notes = ready(&database, &[]).await;
    let (ada, ben, body) = (ada(), ada(), json!({ "text": "one" }));
    let first = post(&notes.url, &ada, "k", &body).await;
    post(&notes.url, &ada, "k", &json!({ "text": "two" }))
        .await
        .refused(409, "errMsg_idempotencyKeyIsReused");
    let bens = post(&notes.url, &ben, "k", &body).await;
    assert_eq!((bens.status, bens.header("idempotency-replayed")), (201, ""));
    assert_ne!(bens.text, first.text);
    assert_eq!(post(&notes.url, &ada, "K", &body).await.header("idempotency-replayed"), "");
    for bad in ["", &"k".repeat(256)] {
        post(&notes.url, &ada, bad, &body).await.refused(400, "errMsg_idempotencyKeyIsNotValid");
    }
    assert_eq!(rows(&database, "note"), 3);
}

#[tokio::test]
async fn a_refusal_keeps_nothing() {
    let database = Database::create();
    let notes = ready(&database, &[]).await;
    let ada = ada();
    for (text, status) in [("refuse", 403), ("panic", 500), ("", 400)] {
        let reply = post(&notes.url, &ada, "k", &json!({ "text": text })).await;
        assert_eq!(reply.status, status, "{text}: {}", reply.text);
    }
    assert_eq!((rows(&database, "note"), rows(&database, "idempotency_key")), (0, 0));
    assert_eq!(post(&notes.url, &ada, "k", &json!({ "text": "good" })).await.status, 201);
}

/// The first stands still in its transaction while the second arrives, on another replica.
#[tokio::test]
async fn a_twin_waits_and_replays() {
    let database = Database::create();
    let (one, other) = (ready(&database, &[]).await, ready(&database, &[]).await);
    let mut lock = database.connect();
    lock.batch_execute("BEGIN; LOCK TABLE note IN SHARE MODE").unwrap();
    let (ada, body) = (ada(), json!({ "text": "twins" }));
    let twins = [one.url.clone(), other.url.clone()].map(|url| {
        let (ada, body) = (ada.clone(), body.clone());
        tokio::spawn(async move { post(&url, &ada, "k", &body).await })
    });
    eventually(Duration::from_secs(10), "both wait", async || {
        rows(&database, "pg_stat_activity WHERE usename = current_user AND wait_event_type = 'Lock'") == 2
    })
    .await;
    assert!(twins.iter().all(|twin| !twin.is_finished()));
    lock.batch_execute("COMMIT").unwrap();
    let [first, second] = twins;
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!((first.status, second.status, &first.text), (201, 201, &second.text));
    let replayed = [&first, &second].map(|reply| reply.header("idempotency-replayed") == "true");
    assert_eq!(replayed.iter().filter(|replayed| **replayed).count(), 1);
    assert_eq!(rows(&database, "note"), 1);
}

/// When the first is refused after all, its twin tries for itself.
#[tokio::test]
async fn a_twin_of_a_refused_one_is_on_its_own() {
    let database = Database::create();
    let notes = ready(&database, &[]).await;
    let ada = ada();
    let body = json!({ "text": "refuse" });
    let posts = (0..10).map(|_| post(&notes.url, &ada, "k", &body));
    for reply in futures_util::future::join_all(posts).await {
        reply.refused(403, "errMsg_notAllowed");
    }
}

#[tokio::test]
async fn only_what_is_old_is_swept() {
    let database = Database::create();
    migrate(&database).await;
    let hands = Hands::now();
    let Process { app, url, lifecycle, server: _server } = start(&database.url, &[], Box::new(hands.clone()));
    lifecycle.ready();
    let ada = ada();
    post(&url, &ada, "old", &json!({ "text": "old" })).await;
    hands.0.advance(TimeDelta::hours(23));
    let young = post(&url, &ada, "young", &json!({ "text": "young" })).await;
    hands.0.advance(TimeDelta::hours(1));
    assert_eq!(app.sweep().await.unwrap(), 1);
    assert_eq!(rows(&database, "idempotency_key WHERE key = 'young'"), 1);
    assert_eq!(rows(&database, "idempotency_key"), 1);
    assert_eq!(post(&url, &ada, "young", &json!({ "text": "young" })).await.text, young.text);
}
