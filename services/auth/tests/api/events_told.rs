//! What the other services hear.

use chrono::TimeDelta;
use events::Envelope;
use events::auth::{UserCreated, UserDeleted, UserUpdated};
use kit::Role;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn every_state_of_a_user_is_told_once_and_without_the_address() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let root = stage.ranked("Root", Role::SuperAdmin).await;
    stage.pass(TimeDelta::milliseconds(1));
    let _ = stage.patch(&root.person, &ada.person, json!({ "role": "moderator" })).await.expect(200);
    stage.pass(TimeDelta::milliseconds(1));
    let _ = stage.delete(&root.person, &ada.person).await.expect(200);
    let told = stage.told();
    let about: Vec<Envelope> = told
        .iter()
        .filter(|event| event["subject"] == ada.person.id.to_string())
        .map(|event| serde_json::from_value(event.clone()).unwrap())
        .collect();
    let [created, updated, deleted] = <[Envelope; 3]>::try_from(about).unwrap();
    assert_eq!(created.routing_key(), "auth.user-created");
    assert!([&created, &updated, &deleted].iter().all(|event| event.recipients == [ada.person.id.into()]));
    let created = serde_json::from_value::<UserCreated>(created.data).unwrap().user;
    assert_eq!((created.id, created.role, created.record_version), (ada.person.id, Role::User, 1));
    let updated = serde_json::from_value::<UserUpdated>(updated.data).unwrap().user;
    assert_eq!((updated.role, updated.record_version, updated.is_active), (Role::Moderator, 2, true));
    let deleted = serde_json::from_value::<UserDeleted>(deleted.data).unwrap().user;
    assert_eq!((deleted.record_version, deleted.is_active, deleted.fullname.as_str()), (3, false, "Ada"));
    let all = json!(told).to_string();
    assert!(!all.contains("@example.com") && !all.contains("argon2") && !all.contains(&ada.refresh));
}

#[tokio::test]
async fn an_event_carries_the_request() {
    let stage = Stage::set().await;
    let body = json!({ "email": "ada@example.com", "password": "correct horse", "fullname": "Ada" });
    let reply = stage.app.post("/v1/users").header("X-Request-Id", "walk-1").json(body).await;
    assert_eq!((reply.header("x-request-id"), &reply.json["requestId"]), ("walk-1", &json!("walk-1")));
    assert_eq!(stage.told()[0]["requestId"], "walk-1");
}

#[tokio::test]
async fn what_is_refused_is_not_told() {
    let stage = Stage::set().await;
    let (ada, bob) = (stage.account("Ada").await.person, stage.account("Bob").await.person);
    let before = stage.told().len();
    let _ = stage.register("Ada").await;
    let _ = stage.patch(&ada, &bob, json!({ "fullname": "X" })).await;
    let _ = stage.delete(&ada, &bob).await;
    let _ = stage.login("ada@example.com", "wrong password").await;
    assert_eq!(stage.told().len(), before);
}
