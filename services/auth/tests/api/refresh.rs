//! Refresh tokens rotate; an old one that comes back ends the session.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stage::{Stage, email};
use kit::Role;

fn next(bundle: &Value) -> String {
    bundle["refreshToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_gives_the_same_bundle_with_new_tokens() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    stage.pass(TimeDelta::seconds(20));
    let answer = stage.refresh(&ada.refresh).await.expect(200);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&answer), keys(&ada.bundle));
    assert_eq!((&answer["user"], &answer["sessionId"]), (&ada.bundle["user"], &ada.bundle["sessionId"]));
    assert_ne!(answer["refreshToken"], ada.bundle["refreshToken"]);
    assert_ne!(answer["accessToken"], ada.bundle["accessToken"]);
    let access = answer["accessToken"].as_str().unwrap();
    let _ = stage.app.get("/currentuser").token(access).await.expect(200);
}

#[tokio::test]
async fn an_old_token_ends_the_session_for_both_who_have_it() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let newer = next(&stage.refresh(&ada.refresh).await.expect(200));
    stage.pass(TimeDelta::seconds(11));
    stage.refresh(&ada.refresh).await.refused(401, "errMsg_refreshTokenIsReused");
    stage.refresh(&newer).await.refused(401, "errMsg_sessionHasEnded");
    stage.refresh(&ada.refresh).await.refused(401, "errMsg_sessionHasEnded");
    stage.app.get("/currentuser").by(&ada.person).await.refused(401, "errMsg_sessionHasEnded");
    assert_eq!(stage.told_types(), ["session-revoked", "user-created"]);
    let _ = stage.refresh(&stage.again(&email("Ada")).await.refresh).await.expect(200);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let lost = next(&stage.refresh(&ada.refresh).await.expect(200));
    stage.pass(TimeDelta::seconds(10));
    let again = next(&stage.refresh(&ada.refresh).await.expect(200));
    assert_eq!(again, lost, "a token has one successor, so that no branch can hide");
}

#[tokio::test]
async fn tabs_that_race_get_the_same_successor() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let replies = join_all((0..20).map(|_| stage.refresh(&ada.refresh))).await;
    let successors: BTreeSet<_> = replies.into_iter().map(|reply| next(&reply.expect(200))).collect();
    assert_eq!(successors.len(), 1);
    let _ = stage.refresh(successors.first().unwrap()).await.expect(200);
}

#[tokio::test]
async fn a_thief_who_races_is_found_out_at_the_next_refresh() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let (mine, stolen) = (stage.refresh(&ada.refresh).await, stage.refresh(&ada.refresh).await);
    let (mine, stolen) = (next(&mine.expect(200)), next(&stolen.expect(200)));
    stage.pass(TimeDelta::minutes(60));
    let _ = stage.refresh(&stolen).await.expect(200);
    stage.pass(TimeDelta::minutes(1));
    stage.refresh(&mine).await.refused(401, "errMsg_refreshTokenIsReused");
}

#[tokio::test]
async fn of_refreshes_and_a_logout_at_once_the_logout_lasts() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let refreshes = join_all((0..10).map(|_| stage.refresh(&ada.refresh)));
    let logout = async { stage.app.post("/logout").by(&ada.person).await };
    let (replies, logout) = tokio::join!(refreshes, logout);
    let _ = logout.expect(200);
    for reply in replies {
        match reply.status {
            200 => stage.refresh(&next(&reply.json)).await.refused(401, "errMsg_sessionHasEnded"),
            _ => reply.refused(401, "errMsg_sessionHasEnded"),
        }
    }
}

#[tokio::test]
async fn a_session_slides_by_thirty_days_and_ends_after_ninety() {
    let stage = Stage::set().await;
    let (ada, idle) = (stage.account("Ada").await, stage.again(&email("Ada")).await);
    let mut token = ada.refresh;
    for _ in 0..3 {
        stage.pass(TimeDelta::days(29));
        token = next(&stage.refresh(&token).await.expect(200));
    }
    stage.refresh(&idle.refresh).await.refused(401, "errMsg_refreshTokenIsExpired");
    stage.pass(TimeDelta::days(3));
    stage.refresh(&token).await.refused(401, "errMsg_sessionHasEnded");
    stage.pass(TimeDelta::days(1));
    assert!(
        auth::sweep::once(&stage.app.app).await.unwrap() > 2,
        "nothing is kept of sessions that are over"
    );
    stage.refresh(&token).await.refused(401, "errMsg_refreshTokenIsNotValid");
}

#[tokio::test]
async fn a_new_role_is_in_the_next_token() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    stage.operate(&["user-role", &ada.email, "admin"]).await.unwrap();
    let answer = stage.refresh(&ada.refresh).await.expect(200);
    assert_eq!(answer["user"]["role"], json!(Role::Admin));
    assert!(answer["applicationBucketToken"].is_string());
}

#[tokio::test]
async fn what_is_no_token_of_ours_is_refused() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let unknown = "A".repeat(43);
    for token in [&unknown, "x", "../../etc/passwd", &ada.person.token, &format!("{} ", ada.refresh)] {
        stage.refresh(token).await.refused(401, "errMsg_refreshTokenIsNotValid");
    }
    for (body, message) in [
        (json!({}), "errMsg_refreshTokenIsRequired"),
        (json!({ "refreshToken": null }), "errMsg_refreshTokenIsRequired"),
        (json!({ "refreshToken": 7 }), "errMsg_refreshTokenIsNotAValidText"),
        (json!({ "refreshToken": "a\0" }), "errMsg_refreshTokenIsNotAValidText"),
        (json!({ "refreshToken": "x".repeat(1 << 20) }), "errMsg_refreshTokenIsTooLong"),
    ] {
        stage.app.post("/refresh").json(body).await.refused(400, message);
    }
    stage.app.get("/currentuser").token(&ada.refresh).await.refused(401, "errMsg_userNotAuthenticated");
}
