//! The document of all services.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::stage::{answering, gateway, nobody, service};
use crate::wire::{Message, ask, get};

fn document(path: &str, id: &str) -> String {
    let operation = json!({ "get": { "operationId": id, "tags": ["things"], "responses": {
        "200": { "description": "ok", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
    } } });
    let body = json!({
        "openapi": "3.1.0",
        "info": { "title": "x", "version": "1" },
        "paths": { path: operation },
        "components": { "schemas": { "Thing": { "type": "object", "title": path } } },
    });
    let body = body.to_string();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn paths(answer: &Message) -> Vec<String> {
    answer.json()["paths"].as_object().unwrap().keys().cloned().collect()
}

/// Every reference leads somewhere.
fn sound(document: &Value, value: &Value) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| sound(document, item)),
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
            }
            fields.values().for_each(|field| sound(document, field));
        }
        _ => {}
    }
}

#[tokio::test]
async fn all_services_are_one_document() {
    let (auth, heard) = answering(document("/v1/users", "listThings")).await;
    let (messaging, _) = answering(document("/chats", "listThings")).await;
    let gateway = gateway(
        &[("auth", auth), ("messaging", messaging), ("inbox", nobody().await)],
        &[("cors.origins", "http://localhost:5173")],
    );
    let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n\r\n";
    let answer = ask(gateway.address, request).await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:5173"));
    assert_eq!(paths(&answer), ["/auth-api/v1/users", "/chats", "/environments"]);
    let document = answer.json();
    sound(&document, &document);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "http://localhost:8080");
    assert_eq!(document["paths"]["/chats"]["get"]["operationId"], "messaging_listThings");
    let told = document["info"]["description"].as_str().unwrap();
    assert!(told.contains("**inbox** does not answer now, so it is left out."), "{told}");
    assert_eq!(heard.last().target(), "/openapi.json");
}

#[tokio::test]
async fn nobody_is_asked_twice_for_a_document_that_is_whole() {
    let (auth, heard) = answering(document("/v1/users", "listThings")).await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let (first, second) =
        tokio::join!(get(gateway.address, "/openapi.json"), get(gateway.address, "/openapi.json"));
    assert_eq!(first.body, second.body);
    assert_eq!(heard.all().len(), 1);
}

#[tokio::test]
async fn what_a_service_last_said_outlives_it() {
    let alive = Arc::new(AtomicBool::new(true));
    let living = alive.clone();
    let auth = service(move |mut wire| {
        let alive = living.clone();
        async move {
            while wire.message().await.is_some() && alive.load(Ordering::Relaxed) {
                wire.say(document("/v1/users", "listThings")).await;
            }
        }
    });
    let gateway = gateway(&[("auth", auth.await), ("inbox", nobody().await)], &[]);
    assert_eq!(paths(&get(gateway.address, "/openapi.json").await), ["/auth-api/v1/users", "/environments"]);
    alive.store(false, Ordering::Relaxed);
    let until = std::time::Instant::now() + crate::wire::PATIENCE;
    loop {
        let answer = get(gateway.address, "/openapi.json").await;
        assert_eq!(paths(&answer), ["/auth-api/v1/users", "/environments"]);
        let told = answer.json()["info"]["description"].as_str().unwrap().to_owned();
        if told.contains("**auth** does not answer now: what it last said") {
            return;
        }
        assert!(std::time::Instant::now() < until, "{told}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nonsense_is_left_out() {
    let says = |body: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for body in ["", "<html>", "[]", "{\"openapi\":\"3.1.0\"}", "{\"swagger\":\"2.0\",\"paths\":{}}"] {
        let (auth, _) = answering(says(body)).await;
        let gateway = gateway(&[("auth", auth)], &[]);
        let answer = get(gateway.address, "/openapi.json").await;
        assert_eq!((answer.status(), paths(&answer)), (200, vec!["/environments".to_owned()]), "{body}");
    }
}

#[tokio::test]
async fn it_is_only_read() {
    let gateway = gateway(&[], &[]);
    for target in ["/openapi.json", "/docs/", "/environments"] {
        let answer =
            ask(gateway.address, format!("DELETE {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        assert_eq!((answer.status(), answer.code().as_str()), (405, "errMsg_methodNotAllowed"), "{target}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"), "{target}");
        let answer = ask(gateway.address, format!("GET {target} HTTP/1.1\r\nHost: who.knows\r\n\r\n")).await;
        assert_eq!(answer.code(), "errMsg_unknownEnvironment", "{target}");
    }
}
