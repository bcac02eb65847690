//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use auth::Auth;
use chrono::TimeDelta;
use kit::openapi::document;
use kit::{Claims, Grant, Role, ServiceClaims, Use};
use reqwest::Method;
use serde_json::{Value, json};
use testing::{ENVIRONMENT, Issuer};

use crate::stage::{Account, PASSWORD, Stage, email};

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Themselves,
    Other,
    Staff,
    Admin,
    Nobody,
    Service,
}

const EVERYBODY: [By; 6] = [By::Themselves, By::Other, By::Staff, By::Admin, By::Nobody, By::Service];

/// A route, `{}` being the user whom it is about, with a body, and what each of [`EVERYBODY`] may expect.
type Row = (&'static str, &'static str, Value, [u16; 6]);

fn rows() -> Vec<Row> {
    let register = json!({ "email": "new@example.com", "password": PASSWORD, "fullname": "New" });
    vec![
        ("POST", "/v1/users", register, [201, 201, 201, 201, 201, 201]),
        ("GET", "/v1/users", json!(null), [200, 200, 200, 200, 401, 200]),
        ("GET", "/v1/users/{}", json!(null), [200, 200, 200, 200, 401, 200]),
        ("PATCH", "/v1/users/{}", json!({ "fullname": "New" }), [200, 403, 403, 403, 401, 401]),
        ("PATCH", "/v1/users/{}", json!({ "role": "moderator" }), [403, 403, 403, 200, 401, 401]),
        ("PATCH", "/v1/users/{}", json!({}), [200, 403, 403, 200, 401, 401]),
        ("DELETE", "/v1/users/{}", json!(null), [200, 403, 403, 200, 401, 401]),
        ("POST", "/login", json!({ "email": "x@example.com", "password": "x" }), [401; 6]),
        ("POST", "/refresh", json!({ "refreshToken": "x" }), [401; 6]),
        ("POST", "/logout", json!({}), [200, 200, 200, 200, 401, 401]),
        ("GET", "/currentuser", json!(null), [200, 200, 200, 200, 401, 401]),
    ]
}

async fn token(stage: &Stage, by: By, target: &Account) -> Option<String> {
    let name = format!("Caller of {}", target.email.split_once('@').unwrap().0);
    match by {
        By::Themselves => Some(target.person.token.clone()),
        By::Other => Some(stage.account(&name).await.person.token),
        By::Staff => Some(stage.ranked(&name, Role::Moderator).await.person.token),
        By::Admin => Some(stage.ranked(&name, Role::Admin).await.person.token),
        By::Nobody => None,
        By::Service => Some(stage.app.issuer.service("messaging")),
    }
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    for (row, (method, route, body, expected)) in rows().into_iter().enumerate() {
        for (column, (by, expected)) in EVERYBODY.into_iter().zip(expected).enumerate() {
            let target = stage.account(&format!("Target {row} {column}")).await;
            let mut body = body.clone();
            if route == "/v1/users" && body.is_object() {
                body["email"] = json!(email(&format!("new {row} {column}")));
            }
            let path = route.replace("{}", &target.person.id.to_string());
            let mut ask = stage.app.ask(method.parse::<Method>().unwrap(), &path);
            ask = if body.is_null() { ask } else { ask.json(body) };
            if let Some(token) = token(&stage, by, &target).await {
                ask = ask.token(&token);
            }
            let reply = ask.await;
            assert_eq!(reply.status, expected, "{method} {route} by {by:?}: {}", reply.text);
            let address = reply.text.contains(&format!("\"{}\"", target.email));
            let may_see = reply.status == 200 && matches!(by, By::Themselves | By::Staff | By::Admin);
            assert!(!address || may_see, "{method} {route} by {by:?}: {}", reply.text);
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let tried: BTreeSet<String> = rows()
        .iter()
        .map(|(method, route, ..)| format!("{method} {}", route.replace("{}", "{userId}")))
        .collect();
    let json = serde_json::to_value(document::<Auth>()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        routes.extend(
            item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    assert_eq!(tried, routes);
}

#[tokio::test]
async fn a_service_and_a_stranger_see_no_address_and_staff_and_oneself_do() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let staff = stage.ranked("Mod", Role::Moderator).await;
    let path = format!("/v1/users/{}", ada.person.id);
    let by_service = stage.app.get(&path).token(&stage.app.issuer.service("messaging")).await.expect(200);
    let by_stranger = stage.app.get(&path).by(&stage.app.person()).await.expect(200);
    assert_eq!(by_service["user"], by_stranger["user"]);
    assert!(by_service["user"].get("email").is_none());
    let told: events::auth::User = serde_json::from_value(by_service["user"].clone()).unwrap();
    assert_eq!((told.id, told.record_version, told.role), (ada.person.id, 1, Role::User));
    for person in [&ada.person, &staff.person] {
        let answer = stage.app.get(&path).by(person).await.expect(200);
        assert_eq!(answer["user"]["email"], "ada@example.com");
    }
}

#[tokio::test]
async fn a_service_is_believed_by_its_key_only() {
    let stage = Stage::set().await;
    let path = format!("/v1/users/{}", stage.account("Ada").await.person.id);
    let now = stage.app.app.now();
    let grant = |environment, typ, subject: &str| {
        let grant =
            Grant { issuer: "auth", environment, typ, subject: subject.into(), extra: ServiceClaims {} };
        Claims::new(grant, now, TimeDelta::minutes(1))
    };
    let good = grant(ENVIRONMENT, Use::Service, "messaging");
    let mut bucket_with_service_typ = grant(ENVIRONMENT, Use::Bucket, "x");
    bucket_with_service_typ.typ = Use::Service;
    let refused = [
        Issuer::start().sign(&good),
        stage.app.issuer.sign(&grant("production", Use::Service, "messaging")),
        stage.app.issuer.sign(&bucket_with_service_typ),
        stage.app.issuer.sign(&grant(ENVIRONMENT, Use::Bucket, "messaging")),
        format!("{}x", stage.app.issuer.sign(&good)),
    ];
    for token in refused {
        stage.app.get(&path).token(&token).await.refused(401, "errMsg_userNotAuthenticated");
    }
    let expired = Claims { exp: good.exp - 3_600, ..good };
    let expired = stage.app.issuer.sign(&expired);
    stage.app.get(&path).token(&expired).await.refused(401, "errMsg_tokenIsExpired");
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    let stage = Stage::set().await;
    testing::described(&stage.app).await;
}
