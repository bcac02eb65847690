//! Failed logins are limited; successful ones are not.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use testing::Reply;

use crate::stage::{PASSWORD, Stage, email};

const WRONG: &str = "wrong horse battery";

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

async fn stage(account: &str, address: &str) -> Stage {
    let own = [("login.failures_per_account", account), ("login.failures_per_address", address)];
    let stage = Stage::with(&own).await;
    let _ = stage.register("Ada").await.expect(201);
    stage
}

#[tokio::test]
async fn an_account_is_closed_after_its_failures_and_opens_again() {
    let stage = stage("3", "100").await;
    let ada = email("Ada");
    for _ in 0..3 {
        stage.login(&ada, WRONG).await.refused(401, "errMsg_credentialsAreNotValid");
    }
    let refused = stage.login(&ada, PASSWORD).await;
    refused.refused(429, "errMsg_tooManyFailedLogins");
    assert_eq!(refused.header("retry-after"), "900");
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.contains("3 failed logins per account"), "{detail}");
    stage.pass(TimeDelta::seconds(899));
    let refused = stage.login(&ada, PASSWORD).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    stage.pass(TimeDelta::seconds(1));
    stage.login(&ada, WRONG).await.refused(401, "errMsg_credentialsAreNotValid");
    let _ = stage.login(&ada, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_success_clears_the_account_and_counts_for_nothing() {
    let stage = stage("3", "100").await;
    let ada = email("Ada");
    for _ in 0..5 {
        for _ in 0..2 {
            stage.login(&ada, WRONG).await.refused(401, "errMsg_credentialsAreNotValid");
        }
        let _ = stage.login(&ada, PASSWORD).await.expect(200);
    }
    let replies = join_all((0..20).map(|_| stage.login(&ada, PASSWORD))).await;
    assert_eq!(count(&replies, 200), 20, "many at once are no failures");
}

#[tokio::test]
async fn of_many_guesses_at_once_only_the_allowed_ones_are_answered() {
    let stage = stage("5", "100").await;
    let ada = email("Ada");
    let replies = join_all((0..30).map(|_| stage.login(&ada, WRONG))).await;
    assert_eq!((count(&replies, 401), count(&replies, 429)), (5, 25));
}

#[tokio::test]
async fn an_unknown_account_is_limited_alike() {
    let stage = stage("2", "100").await;
    for status in [401, 401, 429] {
        assert_eq!(stage.login("nobody@example.com", WRONG).await.status, status);
    }
    let _ = stage.login(&email("Ada"), PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_is_limited_over_all_accounts() {
    let stage = stage("100", "4").await;
    for guess in 0..4 {
        let reply = stage.login_from("192.0.2.7", &format!("{guess}@example.com"), WRONG).await;
        assert_eq!(reply.status, 401);
    }
    let refused = stage.login_from("192.0.2.7", &email("Ada"), PASSWORD).await;
    refused.refused(429, "errMsg_tooManyFailedLogins");
    assert!(refused.json["detail"].as_str().unwrap().contains("per address"), "{}", refused.text);
    let _ = stage.login_from("192.0.2.8", &email("Ada"), PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_success_does_not_clear_the_address() {
    let stage = stage("100", "2").await;
    let _ = stage.login("nobody@example.com", WRONG).await;
    let _ = stage.login(&email("Ada"), PASSWORD).await.expect(200);
    let _ = stage.login("nobody@example.com", WRONG).await;
    assert_eq!(stage.login(&email("Ada"), PASSWORD).await.status, 429);
}

#[tokio::test]
async fn without_a_gateway_the_header_is_anyones_word() {
    let own = [("login.failures_per_address", "2"), ("login.trust_real_ip", "false")];
    let stage = Stage::with(&own).await;
    for (address, status) in [("192.0.2.1", 401), ("192.0.2.2", 401), ("192.0.2.3", 429)] {
        assert_eq!(stage.login_from(address, "nobody@example.com", WRONG).await.status, status);
    }
}

#[tokio::test]
async fn guessing_the_current_password_is_limited_alike() {
    let stage = stage("2", "100").await;
    let ada = stage.again(&email("Ada")).await;
    let change = |current: &str| json!({ "password": "another password", "currentPassword": current });
    for (current, status) in [(WRONG, 400), (WRONG, 400), (WRONG, 429), (PASSWORD, 429)] {
        let reply = stage.patch(&ada.person, &ada.person, change(current)).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
    assert_eq!(stage.login(&email("Ada"), PASSWORD).await.status, 429);
}

#[tokio::test]
async fn limits_outlive_a_restart_and_are_forgotten_in_time() {
    let stage = stage("1", "100").await;
    let _ = stage.login(&email("Ada"), WRONG).await;
    assert_eq!(auth::sweep::once(&stage.app.app).await.unwrap(), 0, "an open window stays");
    assert_eq!(stage.login(&email("Ada"), PASSWORD).await.status, 429);
    stage.pass(TimeDelta::minutes(15));
    assert_eq!(auth::sweep::once(&stage.app.app).await.unwrap(), 2, "the account's and the address'");
}
