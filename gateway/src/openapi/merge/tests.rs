use serde_json::{Value, json};

use super::*;

fn part(service: &str, paths: &Value, components: &Value) -> Part {
    let document = json!({ "openapi": "3.1.0", "paths": paths, "components": components });
    Part::of_service(service, document).unwrap()
}

fn operation(id: &str, schema: &str) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "get": {
        "operationId": id, "tags": ["messages"], "security": [{ "token": [] }],
        "responses": { "200": { "description": "", "content": { "application/json": { "schema": schema } } } },
    } })
}

fn answer(view: &str) -> Value {
    json!({ "type": "object", "properties": { "message": { "$ref": format!("#/components/schemas/{view}") } } })
}

/// Both have an `Answer` that reads the same, about a `Message` that is another.
fn two() -> Value {
    let schemas =
        |view: &str| json!({ "Answer": answer("Message"), "Message": { "type": view }, "Error": true });
    let scheme = |name: &str| json!({ "token": { "type": name } });
    let messaging = part(
        "messaging",
        &json!({ "/v1/x": operation("getX", "Answer"), "/chats": operation("chats", "Error") }),
        &json!({ "schemas": schemas("object"), "securitySchemes": scheme("http") }),
    );
    let inbox = part(
        "inbox",
        &json!({ "/v1/x": operation("getX", "Answer") }),
        &json!({ "schemas": schemas("string"), "securitySchemes": scheme("apiKey") }),
    );
    Value::Object(merge(&[&inbox, &messaging]))
}

fn schema_of(document: &Value, path: &str) -> Value {
    let answer = &document["paths"][path]["get"]["responses"]["200"];
    answer["content"]["application/json"]["schema"]["$ref"].clone()
}

#[test]
fn paths_are_where_clients_find_them() {
    let document = two();
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(paths, ["/chats", "/inbox-api/v1/x", "/messaging-api/v1/x"]);
}

#[test]
fn what_means_several_things_gets_its_service_before_its_name() {
    let document = two();
    let names: Vec<_> = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["Error", "inbox_Answer", "inbox_Message", "messaging_Answer", "messaging_Message"]);
    assert_eq!(schema_of(&document, "/inbox-api/v1/x"), "#/components/schemas/inbox_Answer");
    assert_eq!(schema_of(&document, "/chats"), "#/components/schemas/Error");
    let answer = &document["components"]["schemas"]["messaging_Answer"];
    assert_eq!(answer["properties"]["message"]["$ref"], "#/components/schemas/messaging_Message");
}

#[test]
fn operations_tags_and_security_follow() {
    let document = two();
    let inbox = &document["paths"]["/inbox-api/v1/x"]["get"];
    assert_eq!(inbox["operationId"], "inbox_getX");
    assert_eq!(inbox["tags"], json!(["inbox: messages"]));
    assert_eq!(inbox["security"], json!([{ "inbox_token": [] }]));
    assert_eq!(document["paths"]["/chats"]["get"]["operationId"], "chats");
    assert_eq!(document["tags"], json!([{ "name": "inbox: messages" }, { "name": "messaging: messages" }]));
}

#[test]
fn the_gateway_tells_what_it_may_answer_itself() {
    let responses = &two()["paths"]["/chats"]["get"]["responses"];
    assert_eq!(responses["429"]["$ref"], "#/components/responses/TooManyRequests");
    assert_eq!(responses["504"]["$ref"], "#/components/responses/GatewayTimeout");
    let mut told = json!({ "responses": { "4XX": {}, "502": { "description": "mine" } } });
    may_answer_for(told.as_object_mut().unwrap());
    let statuses: Vec<_> = told["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(statuses, ["4XX", "502", "504"]);
    assert_eq!(told["responses"]["502"]["description"], "mine");
}

#[test]
fn what_is_no_openapi_is_none() {
    let no = |document: Value| Part::of_service("auth", document).is_none();
    assert!(no(json!(null)) && no(json!([])) && no(json!({ "openapi": "3.1.0" })));
    assert!(no(json!({ "openapi": "2.0", "paths": {} })) && no(json!({ "openapi": "3.1.0", "paths": [] })));
}
