//! Changing and deleting users.

use futures_util::future::join_all;
use kit::Role;
use serde_json::json;

use crate::stage::{PASSWORD, Stage, email};

#[tokio::test]
async fn a_profile_changes_and_its_version_goes_up() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    stage.pass(chrono::TimeDelta::seconds(5));
    let change =
        json!({ "fullname": "Ada King", "avatar": "https://example.com/a.png", "timezone": "Europe/London" });
    let user = stage.patch(&ada, &ada, change.clone()).await.expect(200)["user"].clone();
    assert_eq!((&user["fullname"], &user["recordVersion"]), (&json!("Ada King"), &json!(2)));
    assert_ne!(user["createdAt"], user["updatedAt"]);
    let same = stage.patch(&ada, &ada, change).await.expect(200)["user"].clone();
    assert_eq!(same, user, "what changes nothing is no change");
    let cleared = stage.patch(&ada, &ada, json!({ "avatar": null, "timezone": null })).await.expect(200);
    assert_eq!((&cleared["user"]["avatar"], &cleared["user"]["timezone"]), (&json!(null), &json!(null)));
    assert_eq!(stage.user(&ada).await.expect(200)["user"], cleared["user"]);
    assert_eq!(stage.told_types(), ["user-created", "user-updated", "user-updated"]);
}

#[tokio::test]
async fn if_match_guards_against_lost_updates() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    let path = format!("/v1/users/{}", ada.id);
    let rename = |version: &'static str, name: String| {
        let ask = stage.app.patch(&path).by(&ada).header("If-Match", version);
        async move { ask.json(json!({ "fullname": name })).await }
    };
    rename("7", "X".into()).await.refused(409, "errMsg_recordVersionIsStale");
    rename("x", "X".into()).await.refused(400, "errMsg_ifMatchIsNotValid");
    let replies = join_all((0..10).map(|n| rename("\"1\"", format!("Ada {n}")))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "one of ten who saw version 1");
    let delete = |version| stage.app.delete(&path).by(&ada).header("If-Match", version);
    delete("1").await.refused(409, "errMsg_recordVersionIsStale");
    let _ = delete("2").await.expect(200);
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_the_other_sessions() {
    let stage = Stage::set().await;
    let (ada, phone) = (stage.account("Ada").await, stage.again(&email("Ada")).await);
    let change = |current: &str| json!({ "password": "an even better one", "currentPassword": current });
    let patch = |body| stage.patch(&ada.person, &ada.person, body);
    patch(change("wrong password")).await.refused(400, "errMsg_currentPasswordIsNotValid");
    patch(json!({ "password": "an even better one" })).await.refused(400, "errMsg_currentPasswordIsRequired");
    patch(json!({ "password": "short", "currentPassword": PASSWORD }))
        .await
        .refused(400, "errMsg_passwordIsTooShort");
    let answer = patch(change(PASSWORD)).await.expect(200);
    assert_eq!(answer["user"]["recordVersion"], json!(2));
    stage.refresh(&phone.refresh).await.refused(401, "errMsg_sessionHasEnded");
    let _ = stage.refresh(&ada.refresh).await.expect(200);
    stage.login(&ada.email, PASSWORD).await.refused(401, "errMsg_credentialsAreNotValid");
    let _ = stage.login(&ada.email, "an even better one").await.expect(200);
    assert_eq!(stage.told_types(), ["session-revoked", "user-created", "user-updated"]);
}

#[tokio::test]
async fn of_new_passwords_at_once_one_is_taken() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    let patch = |n| {
        stage.patch(&ada, &ada, json!({ "password": format!("password {n}"), "currentPassword": PASSWORD }))
    };
    let replies = join_all((0..8).map(patch)).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    let after = stage.user(&ada).await.expect(200);
    assert_eq!(after["user"]["recordVersion"], json!(2));
}

#[tokio::test]
async fn roles_are_given_below_ones_own_to_those_below() {
    let stage = Stage::set().await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, stage.ranked(role.name(), role).await.person));
    }
    let target = stage.account("Target").await.person;
    for (own, actor) in &people {
        for role in Role::ALL {
            let reply = stage.patch(actor, &target, json!({ "role": role })).await;
            let allowed = own.is_admin() && role < *own;
            assert_eq!(
                reply.status,
                if allowed { 200 } else { 403 },
                "{own:?} gives {role:?}: {}",
                reply.text
            );
            stage.operate(&["user-role", &email("Target"), "user"]).await.unwrap();
        }
        let promoted = stage.patch(actor, actor, json!({ "role": "saasAdmin" })).await;
        assert_eq!(
            promoted.status,
            if *own == Role::SaasAdmin { 200 } else { 403 },
            "{own:?} promotes themselves"
        );
        let renamed = stage.patch(actor, &target, json!({ "fullname": "X" })).await;
        assert_eq!(renamed.status, 403, "{own:?} renames another");
    }
}

#[tokio::test]
async fn the_role_of_today_counts_not_the_tokens() {
    let stage = Stage::set().await;
    let (admin, ada) = (stage.ranked("Root", Role::Admin).await, stage.account("Ada").await.person);
    stage.operate(&["user-role", &admin.email, "user"]).await.unwrap();
    let reply = stage.patch(&admin.person, &ada, json!({ "role": "moderator" })).await;
    reply.refused(403, "errMsg_notAllowed");
    stage.delete(&admin.person, &ada).await.refused(403, "errMsg_notAllowed");
}

#[tokio::test]
async fn a_deleted_user_is_out_and_the_address_is_free() {
    let stage = Stage::set().await;
    let (ada, phone) = (stage.account("Ada").await, stage.again(&email("Ada")).await);
    let gone = stage.delete(&ada.person, &ada.person).await.expect(200)["user"].clone();
    assert_eq!((&gone["isActive"], &gone["recordVersion"]), (&json!(false), &json!(2)));
    stage.login(&ada.email, PASSWORD).await.refused(401, "errMsg_credentialsAreNotValid");
    for session in [&ada, &phone] {
        stage.refresh(&session.refresh).await.refused(401, "errMsg_sessionHasEnded");
        stage.app.get("/currentuser").by(&session.person).await.refused(401, "errMsg_sessionHasEnded");
    }
    stage.delete(&ada.person, &ada.person).await.refused(401, "errMsg_sessionHasEnded");
    assert_eq!(stage.told_types(), ["session-revoked", "session-revoked", "user-created", "user-deleted"]);
    let again = stage.account("Ada").await;
    assert_ne!(again.person.id, ada.person.id);
}

#[tokio::test]
async fn a_revoked_session_changes_nothing_although_its_token_is_good() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    let _ = stage.app.post("/logout").by(&ada).await.expect(200);
    stage.patch(&ada, &ada, json!({ "fullname": "X" })).await.refused(401, "errMsg_sessionHasEnded");
    stage.delete(&ada, &ada).await.refused(401, "errMsg_sessionHasEnded");
    let _ = stage.user(&ada).await.expect(200);
}

#[tokio::test]
async fn a_login_and_a_deletion_at_once_leave_no_session_behind() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let logins = join_all((0..6).map(|_| stage.login(&ada.email, PASSWORD)));
    let (logins, gone) = tokio::join!(logins, stage.delete(&ada.person, &ada.person));
    let _ = gone.expect(200);
    for login in logins.iter().filter(|login| login.status == 200) {
        let token = login.json["refreshToken"].as_str().unwrap();
        stage.refresh(token).await.refused(401, "errMsg_sessionHasEnded");
    }
}
