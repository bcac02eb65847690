//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use kit::openapi::document;
use messaging::Messaging;
use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, id};

/// Who calls: what each may expect.
struct Row {
    route: &'static str,
    path: String,
    body: Value,
    /// The creator, another member, a stranger, staff, nobody.
    expected: [u16; 5],
}

async fn rows(stage: &Stage) -> Vec<Row> {
    let group = stage.group().await;
    let message = id(&stage.send(&stage.ada, &group, "x").await);
    let open = json!({ "isGroup": true, "participantIds": [stage.ada.id, stage.ben.id, stage.chloe.id] });
    let send = json!({ "conversationId": group, "content": "x" });
    let row = |route, path: String, body, expected| Row { route, path, body, expected };
    vec![
        row("POST /v1/conversations", "/v1/conversations".into(), open, [201, 201, 403, 403, 401]),
        row("GET /v1/conversations", "/v1/conversations".into(), json!(null), [200, 200, 200, 200, 401]),
        row(
            "GET /v1/conversations/{conversationId}",
            format!("/v1/conversations/{group}"),
            json!(null),
            [200, 200, 403, 403, 401],
        ),
        row(
            "POST /v1/conversations/{conversationId}/read",
            format!("/v1/conversations/{group}/read"),
            json!({}),
            [200, 200, 403, 403, 401],
        ),
        row("POST /v1/messages", "/v1/messages".into(), send, [201, 201, 403, 403, 401]),
        row(
            "GET /v1/messages",
            format!("/v1/messages?conversationId={group}"),
            json!(null),
            [200, 200, 403, 403, 401],
        ),
        row(
            "GET /v1/messages/{messageId}",
            format!("/v1/messages/{message}"),
            json!(null),
            [200, 200, 403, 403, 401],
        ),
    ]
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    let rows = rows(&stage).await;
    let staff = stage.app.staff();
    let callers = [Some(&stage.ada), Some(&stage.ben), Some(&stage.stranger), Some(&staff), None];
    for row in &rows {
        let method: Method = row.route.split_once(' ').unwrap().0.parse().unwrap();
        for (caller, expected) in callers.iter().zip(row.expected) {
            let ask = stage.app.ask(method.clone(), &row.path);
            let ask = if row.body.is_null() { ask } else { ask.json(row.body.clone()) };
            let reply = match caller {
                Some(person) => ask.by(person).await,
                None => ask.await,
            };
            assert_eq!(
                reply.status,
                expected,
                "{} {:?}: {}",
                row.route,
                caller.map(|person| person.id),
                reply.text
            );
        }
    }
    let tried: BTreeSet<String> = rows.iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(tried, routes(), "each route of the OpenAPI has a row, and each row a route");
}

fn routes() -> BTreeSet<String> {
    let json = serde_json::to_value(document::<Messaging>()).unwrap();
    let paths = json["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>()
    };
    paths
        .iter()
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .collect()
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    testing::described(&crate::stage::boot().await).await;
}
