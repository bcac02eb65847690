//! Whatever comes in, a clear 4xx goes out that names the field.

use chrono::TimeDelta;
use kit::Role;
use kit::clock::uuid_v7;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};

#[tokio::test]
async fn bodies_that_are_no_json_objects() {
    let stage = Stage::set().await;
    for path in ["/v1/users", "/login", "/refresh"] {
        let post = async |body: &'static [u8]| stage.app.post(path).raw(body).await;
        for broken in ["{", "{\"email\":}", "nul", "{\"a\":1,}"] {
            post(broken.as_bytes()).await.refused(400, "errMsg_bodyIsNotValidJson");
        }
        post(b"{\"email\":\"\xff\"}").await.refused(400, "errMsg_bodyIsNotValidJson");
        for other in ["[]", "1", "null", "\"x\""] {
            post(other.as_bytes()).await.refused(400, "errMsg_bodyIsNotAnObject");
        }
        let deep = "[".repeat(100_000);
        stage.app.post(path).raw(deep).await.refused(400, "errMsg_bodyIsNotValidJson");
        stage.app.post(path).raw(vec![b' '; 3 << 20]).await.refused(413, "errMsg_bodyIsTooLarge");
        let form = stage.app.post(path).header("Content-Type", "application/x-www-form-urlencoded");
        testing::Ask(form.0.body("email=x")).await.refused(415, "errMsg_contentTypeIsNotJson");
        assert_eq!(post(b"").await.status, 400, "an empty body lacks everything");
    }
}

/// A good registration, but for one field.
fn bad_registrations() -> Vec<(&'static str, Value, &'static str)> {
    let long = |size| json!("x".repeat(size));
    vec![
        ("email", json!(null), "errMsg_emailIsRequired"),
        ("email", json!(" "), "errMsg_emailIsRequired"),
        ("email", json!(7), "errMsg_emailIsNotAValidText"),
        ("email", json!(["a@example.com"]), "errMsg_emailIsNotAValidText"),
        ("email", json!("a\0@example.com"), "errMsg_emailIsNotAValidText"),
        ("email", json!("ada"), "errMsg_emailIsNotValid"),
        ("email", json!("a@b@example.com"), "errMsg_emailIsNotValid"),
        ("email", json!("a@example.com\r\nBcc: b@example.com"), "errMsg_emailIsNotValid"),
        ("email", long(1 << 20), "errMsg_emailIsTooLong"),
        ("password", json!(null), "errMsg_passwordIsRequired"),
        ("password", json!("        "), "errMsg_passwordIsRequired"),
        ("password", json!("1234567"), "errMsg_passwordIsTooShort"),
        ("password", json!(12_345_678), "errMsg_passwordIsNotAValidText"),
        ("password", json!("1234567\0"), "errMsg_passwordIsNotAValidText"),
        ("password", long(201), "errMsg_passwordIsTooLong"),
        ("password", long(1 << 20), "errMsg_passwordIsTooLong"),
        ("fullname", json!(null), "errMsg_fullnameIsRequired"),
        ("fullname", json!("\u{2003}"), "errMsg_fullnameIsRequired"),
        ("fullname", json!({}), "errMsg_fullnameIsNotAValidText"),
        ("fullname", json!("a\0"), "errMsg_fullnameIsNotAValidText"),
        ("fullname", json!("a\nb"), "errMsg_fullnameIsNotValid"),
        ("fullname", json!("a\u{202e}b"), "errMsg_fullnameIsNotValid"),
        ("fullname", long(101), "errMsg_fullnameIsTooLong"),
        ("avatar", json!("javascript:alert(1)"), "errMsg_avatarIsNotValid"),
        ("avatar", json!("/a.png"), "errMsg_avatarIsNotValid"),
        ("avatar", json!(""), "errMsg_avatarIsNotValid"),
        ("avatar", json!(1), "errMsg_avatarIsNotAValidText"),
        ("avatar", json!(format!("https://example.com/{}", "a".repeat(2_000))), "errMsg_avatarIsTooLong"),
        ("timezone", json!("Europe/Atlantis"), "errMsg_timezoneIsNotValid"),
        ("timezone", json!(2), "errMsg_timezoneIsNotAValidText"),
        ("timezone", long(1 << 20), "errMsg_timezoneIsTooLong"),
    ]
}

#[tokio::test]
async fn fields_of_a_registration() {
    let stage = Stage::set().await;
    let post = async |field: &str, value: Value| {
        let mut body = json!({ "email": "ada@example.com", "password": PASSWORD, "fullname": "Ada" });
        body[field] = value;
        stage.app.post("/v1/users").json(body).await
    };
    for (field, value, message) in bad_registrations() {
        post(field, value).await.refused(400, message);
    }
    assert!(stage.told().is_empty(), "nobody registered");
    assert_eq!(post("fullname", json!("😀".repeat(100))).await.status, 201, "length is in characters");
}

#[tokio::test]
async fn fields_of_a_change() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    let profile = |field: &str| matches!(field, "fullname" | "avatar" | "timezone");
    let change = [
        ("role", json!("king"), "errMsg_roleIsNotValid"),
        ("role", json!(7), "errMsg_roleIsNotAValidText"),
        ("role", json!("x".repeat(1 << 20)), "errMsg_roleIsTooLong"),
        ("password", json!(null), "errMsg_passwordIsRequired"),
        ("password", json!(7), "errMsg_passwordIsNotAValidText"),
    ];
    let cases = bad_registrations().into_iter().filter(|(field, ..)| profile(field)).chain(change);
    for (field, value, message) in cases {
        stage.patch(&ada, &ada, json!({ field: value })).await.refused(400, message);
    }
    let ignored = json!({ "email": "x", "id": 7, "isActive": false, "recordVersion": 9, "_owner": null });
    let user = stage.patch(&ada, &ada, ignored).await.expect(200)["user"].clone();
    assert_eq!((&user["email"], &user["recordVersion"]), (&json!("ada@example.com"), &json!(1)));
}

#[tokio::test]
async fn fields_of_a_login() {
    let stage = Stage::set().await;
    for (body, status, message) in [
        (json!({}), 400, "errMsg_emailIsRequired"),
        (json!({ "email": "a@example.com" }), 400, "errMsg_passwordIsRequired"),
        (json!({ "email": 7, "password": "x" }), 400, "errMsg_emailIsNotAValidText"),
        (json!({ "email": "a@example.com", "password": ["x"] }), 400, "errMsg_passwordIsNotAValidText"),
        (json!({ "email": "a@example.com", "password": "a\0" }), 400, "errMsg_passwordIsNotAValidText"),
        (json!({ "email": "x".repeat(1 << 20), "password": "x" }), 400, "errMsg_emailIsTooLong"),
        (
            json!({ "email": "a@example.com", "password": "x".repeat(1 << 20) }),
            400,
            "errMsg_passwordIsTooLong",
        ),
        (json!({ "email": "' OR 1=1 --", "password": "x" }), 401, "errMsg_credentialsAreNotValid"),
    ] {
        stage.app.post("/login").json(body).await.refused(status, message);
    }
}

#[tokio::test]
async fn paths_queries_and_methods() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await.person;
    let (unknown, far) = (uuid_v7(stage.app.app.now()), "100000000000000000000");
    let ids = format!("id={unknown}&").repeat(201);
    let cases = [
        ("/v1/users/1".into(), 400, "errMsg_userIdIsNotAValidID"),
        ("/v1/users/%00".into(), 400, "errMsg_userIdIsNotAValidID"),
        ("/v1/users/%ff".into(), 400, "errMsg_userIdIsNotAValidID"),
        ("/v1/users?id=null".into(), 400, "errMsg_idIsNotAValidID"),
        (format!("/v1/users/{unknown}"), 404, "errMsg_userIsNotFound"),
        (format!("/v1/users?pageNumber={far}"), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/users?pageNumber=-1".into(), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/users?pageRowCount=0".into(), 400, "errMsg_pageRowCountIsNotValid"),
        ("/v1/users?search=a&search=b".into(), 400, "errMsg_searchIsNotValid"),
        ("/v1/users?search=%00".into(), 400, "errMsg_searchIsNotAValidText"),
        (format!("/v1/users?search={}", "x".repeat(101)), 400, "errMsg_searchIsTooLong"),
        ("/v1/users?id=x".into(), 400, "errMsg_idIsNotAValidID"),
        ("/v1/users?id=".into(), 400, "errMsg_idIsNotAValidID"),
        (format!("/v1/users?{ids}"), 400, "errMsg_idIsNotValid"),
        ("/v1/nothing".into(), 404, "errMsg_notFound"),
        ("/".into(), 404, "errMsg_notFound"),
    ];
    for (path, status, message) in cases {
        stage.app.get(&path).by(&ada).await.refused(status, message);
    }
    for (method, path, allow) in [
        (Method::PUT, "/v1/users", "GET, POST"),
        (Method::GET, "/login", "POST"),
        (Method::POST, "/currentuser", "GET"),
    ] {
        let reply = stage.app.ask(method, path).by(&ada).await;
        reply.refused(405, "errMsg_methodNotAllowed");
        assert_eq!(reply.header("allow"), allow);
    }
    let far_page = stage.app.get(&format!("/v1/users?pageNumber={}", i64::MAX)).by(&ada).await.expect(200);
    assert_eq!(far_page["users"], json!([]));
    let body = stage.app.get("/v1/users").by(&ada).json(json!({ "data": {} })).await;
    assert_eq!(body.status, 200, "a body on a GET is ignored");
}

#[tokio::test]
async fn tokens_that_are_not_good_here() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let issuer = &stage.app.issuer;
    let ours = [
        ("a bucket token", ada.bundle["userBucketToken"].as_str().unwrap().to_owned()),
        ("a refresh token", ada.refresh.clone()),
    ];
    for (what, token) in issuer.forgeries(&ada.person).into_iter().chain(ours) {
        for path in ["/currentuser", "/v1/users", &format!("/v1/users/{}", ada.person.id)] {
            let reply = stage.app.get(path).token(&token).await;
            let found = (reply.status, &reply.json["message"]);
            assert_eq!(found, (401, &json!("errMsg_userNotAuthenticated")), "{what} at {path}");
        }
    }
    let long_ago = stage.app.app.now() - TimeDelta::hours(2);
    let expired = issuer.access(ada.person.id, ada.person.session, Role::User, long_ago);
    stage.app.get("/currentuser").token(&expired).await.refused(401, "errMsg_tokenIsExpired");
}
