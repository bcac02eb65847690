//! The gateway's own share of the document: its addresses, and what it may answer in a service's place.

use kit::Code;
use kit::openapi::ErrorEnvelope;
use serde_json::{Value, json};
use utoipa::PartialSchema as _;

use crate::codes::{BAD_GATEWAY, GATEWAY_TIMEOUT, TOO_MANY_REQUESTS};
use crate::openapi::part::{Object, Part};

/// What the document says first.
pub(super) const INTRODUCTION: &str = "All APIs behind one gateway. Log in at `POST /auth-api/login` and send the \
     `accessToken` as `Authorization: Bearer …`. Answers and refusals of all JSON APIs look alike: a refusal's \
     `message` is one of a fixed list of codes.";

/// What may come instead of any service's answer: name, status.
const ANSWERS: [(&str, &Code); 3] = [
    ("TooManyRequests", &TOO_MANY_REQUESTS),
    ("BadGateway", &BAD_GATEWAY),
    ("GatewayTimeout", &GATEWAY_TIMEOUT),
];

/// The gateway's own part.
pub(super) fn part() -> Part {
    let responses: Object = ANSWERS.iter().map(|(name, code)| ((*name).to_owned(), response(code))).collect();
    let schemas = [("ErrorEnvelope", json!(ErrorEnvelope::schema())), ("Environment", environment())];
    let schemas: Object = schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    Part {
        service: "gateway".into(),
        paths: Object::from_iter([("/environments".to_owned(), environments())]),
        components: Object::from_iter([
            ("responses".to_owned(), Value::Object(responses)),
            ("schemas".to_owned(), Value::Object(schemas)),
        ]),
    }
}

/// Adds to an operation what the gateway may answer in its place, where it says nothing of such answers itself.
pub(super) fn may_answer_for(operation: &mut Object) {
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else { return };
    for (name, code) in ANSWERS {
        let range = format!("{}XX", code.status / 100);
        if ["default", &range].iter().all(|known| !responses.contains_key(*known)) {
            let reference = || json!({ "$ref": format!("#/components/responses/{name}") });
            responses.entry(code.status.to_string()).or_insert_with(reference);
        }
    }
}

fn response(code: &Code) -> Value {
    let mut response = json!({
        "description": format!("{} (`{}`)", code.meaning, code.name),
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ErrorEnvelope" } } },
    });
    if code.status == TOO_MANY_REQUESTS.status {
        let seconds = json!({ "type": "integer", "minimum": 1 });
        let header = json!({ "description": "Seconds to wait.", "schema": seconds });
        if let Some(response) = response.as_object_mut() {
            response.insert("headers".into(), json!({ "Retry-After": header }));
        }
    }
    response
}

fn environments() -> Value {
    let list = json!({ "type": "array", "items": { "$ref": "#/components/schemas/Environment" } });
    json!({ "get": {
        "operationId": "listEnvironments",
        "summary": "The environments that this gateway serves, and how they are",
        "responses": { "200": {
            "description": "All environments.",
            "content": { "application/json": { "schema": list } },
        } },
    } })
}

fn environment() -> Value {
    json!({
        "type": "object",
        "required": ["name", "baseUrl", "healthy"],
        "properties": {
            "name": { "type": "string", "examples": ["production"] },
            "baseUrl": { "type": "string", "examples": ["http://localhost:8080"] },
            "healthy": { "type": "boolean", "description": "Whether all of its services are ready." },
        },
    })
}
