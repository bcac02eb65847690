//! Logging in, being somebody, logging out.

use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage, email};
use kit::Role;

fn claims(token: &Value) -> Value {
    let token = jsonwebtoken::dangerous::insecure_decode::<Value>(token.as_str().unwrap());
    token.unwrap().claims
}

#[tokio::test]
async fn a_login_gives_the_user_and_tokens() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let (bundle, id) = (&ada.bundle, ada.person.id.to_string());
    assert_eq!((&bundle["dataName"], &bundle["statusCode"]), (&json!("user"), &json!(200)));
    assert_eq!((&bundle["userId"], &bundle["user"]["email"]), (&json!(id), &json!("ada@example.com")));
    assert!(bundle.get("applicationBucketToken").is_none(), "for admins only");
    let access = claims(&bundle["accessToken"]);
    assert_eq!(
        (&access["sub"], &access["typ"], &access["role"]),
        (&json!(id), &json!("access"), &json!("user"))
    );
    assert_eq!((&access["aud"], &access["sid"]), (&json!("test:access"), &bundle["sessionId"]));
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 3_600);
    let bucket = claims(&bundle["userBucketToken"]);
    assert_eq!((&bucket["aud"], &bucket["typ"]), (&json!("test:bucket"), &json!("bucket")));
    let grant =
        |kind: &str, mode: &str| json!({ "bucket": format!("{id}-{kind}-user-bucket"), "mode": mode });
    let grants = [
        grant("public", "read"),
        grant("public", "write"),
        grant("private", "read"),
        grant("private", "write"),
    ];
    assert_eq!(bucket["grants"], json!(grants));
}

#[tokio::test]
async fn admins_may_write_the_common_bucket() {
    let stage = Stage::set().await;
    for (role, may) in Role::ALL.map(|role| (role, role >= Role::Admin)) {
        let somebody = stage.ranked(role.name(), role).await;
        let token = somebody.bundle.get("applicationBucketToken");
        assert_eq!(token.is_some(), may, "{role:?}");
        if let Some(token) = token {
            let grants = claims(token)["grants"].clone();
            assert_eq!(grants[1], json!({ "bucket": "banter-public-common-bucket", "mode": "write" }));
        }
    }
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_look_alike() {
    let stage = Stage::set().await;
    let _ = stage.register("Ada").await.expect(201);
    let wrong = stage.login("ada@example.com", "correct horse batterz").await;
    let unknown = stage.login("bob@example.com", PASSWORD).await;
    let no_address = stage.login("ada", PASSWORD).await;
    for reply in [&wrong, &unknown, &no_address] {
        reply.refused(401, "errMsg_credentialsAreNotValid");
        assert_eq!(
            (&reply.json["detail"], reply.headers.len()),
            (&wrong.json["detail"], wrong.headers.len())
        );
    }
    let _ = stage.login(" ADA@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_current_user_is_the_same_bundle() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let answer = stage.app.get("/currentuser").by(&ada.person).await.expect(200);
    assert_eq!(answer["user"], ada.bundle["user"]);
    assert_eq!(answer["accessToken"], ada.bundle["accessToken"], "the one that was shown");
    assert_eq!(
        claims(&answer["userBucketToken"])["grants"],
        claims(&ada.bundle["userBucketToken"])["grants"]
    );
    assert!(answer.get("refreshToken").is_none());
    let by_header = stage.app.get("/currentuser").header("token", &ada.person.token).await.expect(200);
    assert_eq!(by_header["accessToken"], ada.bundle["accessToken"]);
}

#[tokio::test]
async fn a_logout_ends_its_session_and_no_other() {
    let stage = Stage::set().await;
    let (ada, phone) = (stage.account("Ada").await, stage.again(&email("Ada")).await);
    let answer = stage.app.post("/logout").by(&ada.person).await.expect(200);
    assert_eq!(
        (&answer["session"]["id"], &answer["session"]["isActive"]),
        (&json!(ada.person.session), &json!(false))
    );
    stage.refresh(&ada.refresh).await.refused(401, "errMsg_sessionHasEnded");
    stage.app.get("/currentuser").by(&ada.person).await.refused(401, "errMsg_sessionHasEnded");
    let again = stage.app.post("/logout").by(&ada.person).await.expect(200);
    assert_eq!(again["session"], answer["session"], "a second logout changes nothing");
    let _ = stage.app.get("/currentuser").by(&phone.person).await.expect(200);
    let _ = stage.refresh(&phone.refresh).await.expect(200);
    let told = stage.told();
    let revoked: Vec<_> = told.iter().filter(|event| event["type"] == "session-revoked").collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0]["data"], json!({ "sessionId": ada.person.session, "userId": ada.person.id }));
    assert_eq!(revoked[0]["recipients"], json!([format!("user:{}", ada.person.id)]));
}

#[tokio::test]
async fn a_session_of_nobody_is_none() {
    let stage = Stage::set().await;
    let stranger = stage.app.person();
    stage.app.post("/logout").by(&stranger).await.refused(401, "errMsg_sessionHasEnded");
    stage.app.get("/currentuser").by(&stranger).await.refused(401, "errMsg_sessionHasEnded");
}

#[tokio::test]
async fn a_session_of_another_cannot_be_borrowed() {
    let stage = Stage::set().await;
    let (ada, bob) = (stage.account("Ada").await, stage.account("Bob").await);
    let now = stage.app.app.now();
    let mixed = stage.app.issuer.access(bob.person.id, ada.person.session, Role::User, now);
    stage.app.get("/currentuser").token(&mixed).await.refused(401, "errMsg_sessionHasEnded");
    stage.app.post("/logout").token(&mixed).await.refused(401, "errMsg_sessionHasEnded");
    let _ = stage.app.get("/currentuser").by(&ada.person).await.expect(200);
}
