//! Visitors who prove who they are, and inboxes that let in nobody else.

use chrono::TimeDelta;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::stage::{Stage, boot_with};
use crate::webhooks::Hands;
use crate::widget::{Visitor, session};

fn signed(secret: &str, claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

async fn secret(stage: &Stage) -> String {
    let inbox = stage.get(&stage.ada, &format!("/v1/inboxes/{}", stage.company.inbox)).await;
    inbox["inbox"]["identitySecret"].as_str().unwrap().to_owned()
}

async fn set(stage: &Stage, change: Value) {
    let path = format!("/v1/inboxes/{}", stage.company.inbox);
    stage.app.patch(&path).by(&stage.ada).json(change).await.succeeded();
}

async fn identity(stage: &Stage, name: &str) -> String {
    let exp = stage.app.app.now().timestamp() + 3_600;
    let email = format!("{name}@example.com");
    let claims = json!({ "sub": name, "exp": exp, "aud": stage.company.inbox, "name": name, "email": email });
    signed(&secret(stage).await, &claims)
}

#[tokio::test]
async fn who_proves_who_they_are_is_one_contact_everywhere() {
    let stage = Stage::set().await;
    let token = identity(&stage, "mia").await;
    let reply = session(&stage, &stage.company.channel, json!({ "identity": token })).await.expect(201);
    let contact = &reply["session"]["contact"];
    assert_eq!(
        (&contact["name"], &contact["email"], &contact["isVerified"]),
        (&json!("mia"), &json!("mia@example.com"), &json!(true))
    );
    assert_eq!(reply["session"]["sourceId"], Value::Null);
    let first = Visitor::of(&stage.company.channel, &reply);
    first.says(&stage, "from the laptop").await;
    let second = Visitor::come(&stage, json!({ "identity": identity(&stage, "mia").await })).await;
    assert_eq!(second.contact, first.contact);
    assert_eq!(second.says(&stage, "from the phone").await["seq"], 2);
    let seen = stage.get(&stage.ben, &format!("/v1/contacts/{}", first.contact)).await["contact"].clone();
    assert_eq!((&seen["identifier"], &seen["isVerified"]), (&json!("mia"), &json!(true)));
    let token = identity(&stage, "tom").await;
    let visits = (0..6).map(|_| session(&stage, &stage.company.channel, json!({ "identity": token })));
    let visits = futures_util::future::join_all(visits).await;
    let contacts: std::collections::BTreeSet<String> =
        visits.into_iter().map(|reply| reply.expect(201)["session"]["contact"]["id"].to_string()).collect();
    assert_eq!(contacts.len(), 1, "also when they come many times at once");
}

#[tokio::test]
async fn an_unproven_address_or_name_merges_nobody() {
    let stage = Stage::set().await;
    let proven = Visitor::come(&stage, json!({ "identity": identity(&stage, "mia").await })).await;
    let claimed =
        json!({ "name": "mia", "email": "mia@example.com", "identifier": "mia", "isVerified": true });
    let reply = session(&stage, &stage.company.channel, claimed).await.expect(201);
    let contact = &reply["session"]["contact"];
    assert_ne!(contact["id"], proven.contact);
    assert_eq!(contact["isVerified"], false);
    let seen = stage.get(&stage.ben, &format!("/v1/contacts/{}", contact["id"].as_str().unwrap())).await;
    assert_eq!(
        (&seen["contact"]["identifier"], &seen["contact"]["isVerified"]),
        (&Value::Null, &json!(false))
    );
}

#[tokio::test]
async fn a_proof_that_is_none_lets_nobody_in() {
    let stage = Stage::set().await;
    let (secret, now) = (secret(&stage).await, stage.app.app.now().timestamp());
    for token in [
        "nonsense".to_owned(),
        signed("another secret", &json!({ "sub": "mia", "exp": now + 60 })),
        signed(&secret, &json!({ "sub": "mia" })),
        signed(&secret, &json!({ "exp": now + 60 })),
        signed(&secret, &json!({ "sub": "mia", "exp": now - 60 })),
        signed(&secret, &json!({ "sub": "mia", "exp": now + 25 * 3_600 })),
        signed(&secret, &json!({ "sub": "mia", "exp": now + 60, "aud": stage.other.inbox })),
        stage.ada.token.clone(),
    ] {
        let reply = session(&stage, &stage.company.channel, json!({ "identity": token })).await;
        reply.refused(401, "errMsg_identityIsNotValid");
    }
    let good = signed(&secret, &json!({ "sub": "mia", "exp": now + 60 }));
    let elsewhere = session(&stage, &stage.other.channel, json!({ "identity": good })).await;
    elsewhere.refused(401, "errMsg_identityIsNotValid");
}

#[tokio::test]
async fn an_inbox_that_asks_for_proof_asks_on_every_call() {
    let stage = Stage::set().await;
    let before = Visitor::come(&stage, json!({})).await;
    let conversation = before.says(&stage, "hello").await["conversationId"].as_str().unwrap().to_owned();
    let proven = Visitor::come(&stage, json!({ "identity": identity(&stage, "mia").await })).await;
    set(&stage, json!({ "identityRequired": true })).await;
    for reply in [
        session(&stage, &stage.company.channel, json!({})).await,
        session(&stage, &stage.company.channel, json!({ "sourceId": before.key })).await,
        session(&stage, &stage.company.channel, json!({ "contactToken": before.token })).await,
        session(&stage, &stage.company.channel, json!({ "contactToken": proven.token })).await,
        before.get(&stage, "conversations").await,
        before.post(&stage, "conversations", json!({})).await,
        before.get(&stage, &format!("conversations/{conversation}")).await,
        before.get(&stage, &format!("messages?conversationId={conversation}")).await,
        before.post(&stage, "messages", json!({ "content": "x" })).await,
        before.post(&stage, "seen", json!({ "conversationId": conversation })).await,
    ] {
        reply.refused(401, "errMsg_identityIsRequired");
    }
    proven.says(&stage, "hello").await;
    let config = stage.app.get(&format!("/v1/widget/{}/config", stage.company.channel)).await.expect(200);
    assert_eq!(config["config"]["identityRequired"], true);
    set(&stage, json!({ "rotateIdentitySecret": true })).await;
    proven.get(&stage, "conversations").await.refused(401, "errMsg_userNotAuthenticated");
}

#[tokio::test]
async fn a_proof_is_shown_again_when_its_session_is_over() {
    let clock = Hands::new();
    let stage = Stage::on(boot_with(&[("widget.token_minutes", "60")], Box::new(clock.clone())).await).await;
    let token = identity(&stage, "mia").await;
    let proven = Visitor::come(&stage, json!({ "identity": token })).await;
    let without = Visitor::come(&stage, json!({ "contactToken": proven.token })).await;
    assert_ne!(without.contact, proven.contact, "a token does not stand for the proof that it was given for");
    clock.advance(TimeDelta::minutes(62));
    let late = session(&stage, &stage.company.channel, json!({ "identity": token })).await;
    late.refused(401, "errMsg_identityIsNotValid");
    let again = Visitor::come(&stage, json!({ "identity": identity(&stage, "mia").await })).await;
    assert_eq!(again.contact, proven.contact);
    stage.app.delete(&format!("/v1/contacts/{}", proven.contact)).by(&stage.ada).await.succeeded();
    let back = Visitor::come(&stage, json!({ "identity": identity(&stage, "mia").await })).await;
    assert_ne!(back.contact, proven.contact, "whoever comes back after their deletion is somebody new");
    back.says(&stage, "hello").await;
}
