//! The schema as it is migrated, the reactions, the codes.

use inbox::Inbox;
use serde_json::Value;

use crate::stage::boot;

#[tokio::test]
async fn schema_rs_says_what_the_migrations_made() {
    let app = boot().await;
    let printed = testing::printed_schema(&mut app.database.connect());
    let written = include_str!("../../src/store/schema.rs");
    assert!(written == printed, "src/store/schema.rs should be:\n{printed}");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let app = boot().await;
    let mut conn = app.database.connect();
    kit::service::revert::<Inbox>(&mut conn).unwrap();
    let left = testing::printed_schema(&mut conn);
    assert!(!left.contains("table!"), "{left}");
    kit::service::migrate::<Inbox>(&app.database.url).unwrap();
}

#[test]
fn codes_are_documented() {
    testing::documented(inbox::CODES);
}

#[test]
fn reactions_are_those_that_the_registry_routes_here() {
    let none: Vec<String> = Vec::new();
    assert_eq!(events::registry::disagreements("inbox", inbox::REACTIONS), none);
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    testing::described(&boot().await).await;
}

/// The OpenAPI of the service.
fn document() -> Value {
    serde_json::to_value(kit::openapi::document::<Inbox>()).unwrap()
}

#[test]
fn what_the_openapi_refers_to_is_there() {
    let document = document();
    let text = document.to_string();
    for named in text.split("\"#/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(&format!("/{named}")).is_some(), "{named}");
    }
}

#[test]
fn bodies_that_need_nothing_may_be_absent() {
    let document = document();
    for (route, method) in [
        ("/v1/channelapis/{channelApiId}", "patch"),
        ("/v1/channelwebwidgets/{channelWebWidgetId}", "patch"),
        ("/v1/contacts/{contactId}", "patch"),
        ("/v1/conversations/{conversationId}", "patch"),
        ("/v1/conversations/{conversationId}/seen", "post"),
        ("/v1/inboxes/{inboxId}", "patch"),
        ("/v1/widget/{channelWebWidgetId}/session", "post"),
    ] {
        let body = &document["paths"][route][method]["requestBody"];
        assert!(body["content"].is_object() && body["required"] != true, "{method} {route}: {body}");
    }
}

#[test]
fn a_single_text_is_promised_where_it_is_taken() {
    let document = document();
    for (schema, field, most) in [
        ("CreateChannelWebWidget", "authorizedDomains", 100),
        ("UpdateChannelWebWidget", "authorizedDomains", 100),
        ("VisitorSays", "answer", 50),
        ("IncomingContent", "answer", 50),
    ] {
        let ways = &document["components"]["schemas"][schema]["properties"][field]["oneOf"];
        let types = ways.as_array().unwrap().iter().map(|way| way["type"].as_str().unwrap());
        assert_eq!(types.collect::<Vec<_>>(), ["array", "string", "null"], "{schema}.{field}");
        assert_eq!(ways[0]["maxItems"], most, "{schema}.{field}");
    }
}
