//! A new signing key, and nobody notices.

use chrono::{TimeDelta, TimeZone as _, Utc};
use kit::{AccessClaims, Clock as _, Role, SessionId, Use, UserId};
use serde_json::{Value, json};
use testing::Database;

use crate::keys::Keys;
use crate::stage::{Hands, Process, client, start};

fn kid_at(time: chrono::DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

fn sign(signer: &Process) -> String {
    let (user, sid): (UserId, SessionId) = (signer.app.new_id(), signer.app.new_id());
    let extra = AccessClaims { sid, role: Role::User };
    signer.app.sign(Use::Access, user.to_string(), extra, TimeDelta::hours(1)).unwrap()
}

async fn published(signer: &Process) -> Vec<String> {
    let response = client().get(format!("{}/.well-known/jwks.json", signer.url)).send().await.unwrap();
    assert!(response.headers()["cache-control"].to_str().unwrap().starts_with("public, max-age="));
    let keys = response.json::<Value>().await.unwrap()["keys"].clone();
    let private = keys.as_array().unwrap().iter().any(|key| !key["d"].is_null());
    assert!(!private, "only public halves");
    keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_new_key_signs_from_its_time_and_no_request_fails() {
    let (database, hands) = (Database::create(), Hands::now());
    let old = kid_at(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
    let keys = Keys::made(&old);
    let dir = keys.dir.display().to_string();
    let signer = start(&database.url, &[("keys.dir", &dir)], Box::new(hands.clone()));
    signer.lifecycle.ready();
    let jwks_url = format!("{}/.well-known/jwks.json", signer.url);
    let trusting = [("trust.notes.jwks_url", jwks_url.as_str()), ("trust.notes.uses", "access")];
    let refreshed = start(&database.url, &trusting, Box::new(kit::SystemClock));
    let late = start(&database.url, &trusting, Box::new(kit::SystemClock));
    late.app.trust().refresh().await;
    let good = async |verifier: &Process, token: &str| {
        verifier.app.trust().verify::<AccessClaims>(token, Use::Access).await.unwrap();
    };
    let first = sign(&signer);
    assert_eq!((kid_of(&first), published(&signer).await), (old.clone(), vec![old.clone()]));
    good(&refreshed, &first).await;

    let new = kid_at(hands.now() + TimeDelta::seconds(10));
    keys.add(&new);
    signer.app.keys().reload();
    assert_eq!(published(&signer).await, [old.clone(), new.clone()], "published before its time");
    assert_eq!(kid_of(&sign(&signer)), old, "it does not sign yet");
    refreshed.app.trust().refresh().await;
    hands.0.advance(TimeDelta::seconds(11));
    let second = sign(&signer);
    assert_eq!(kid_of(&second), new);
    for verifier in [&refreshed, &late] {
        good(verifier, &second).await;
        good(verifier, &first).await;
    }
}

#[tokio::test]
async fn a_directory_that_is_broken_changes_nothing() {
    let (database, keys) = (Database::create(), Keys::made("20260101T000000Z"));
    let dir = keys.dir.display().to_string();
    let signer = start(&database.url, &[("keys.dir", &dir)], Box::new(kit::SystemClock));
    signer.lifecycle.ready();
    for (name, content) in [("tomorrow.pem", "x"), ("20270101T000000Z.pem", "no key"), ("notes.txt", "x")] {
        std::fs::write(keys.dir.join(name), content).unwrap();
        signer.app.keys().reload();
        assert_eq!(published(&signer).await, ["20260101T000000Z"], "{name}");
        std::fs::remove_file(keys.dir.join(name)).unwrap();
    }
    assert_eq!(json!(kid_of(&sign(&signer))), "20260101T000000Z");
}
