//! Nobody reaches another chatbot: not by a route, not by an id in a body, not by a function of the store.

use std::fs;

use serde_json::{Value, json};

use crate::stage::Stage;

/// Functions of the store that take neither a chatbot's id nor a scope, and why they may.
const EXCEPT: &[(&str, &str)] = &[
    ("members::scope", "makes the scope, from the user's own memberships"),
    ("members::count_chatbots", "counts the user's own memberships"),
    ("chatbots::insert", "the new chatbot carries its id"),
    ("chatbots::save", "of a locked chatbot, which carries its id"),
    ("members::insert", "the new member carries it"),
    ("members::save", "of a locked member, who carries it"),
    ("inboxes::insert", "the new inbox carries it"),
    ("inboxes::save", "of a locked inbox, which carries it"),
    ("contacts::insert", "the new contact carries it"),
    ("contacts::save", "of a locked contact, who carries it"),
    ("contact_inboxes::insert", "the new row carries it"),
    ("conversations::insert", "the new conversation carries it"),
    ("conversations::save", "of a locked conversation, which carries it"),
    ("participants::insert", "the new participant carries it"),
    ("messages::insert", "the new message carries it"),
    ("messages::erase", "of a locked message, which carries it"),
    ("attachments::insert", "the message carries it"),
    ("notes::insert", "the new note carries it"),
    ("contacts::insert_if_new", "the new contact carries it"),
    ("contact_inboxes::retire", "the row carries it"),
    ("channel_web_widgets::insert", "the new widget carries it"),
    ("channel_web_widgets::save", "of a locked widget, which carries it"),
    ("channel_web_widgets::public", "visitors know a widget by its bare id, which then names the chatbot"),
    ("channel_apis::insert", "the new channel carries it"),
    ("channel_apis::save", "of a locked channel, which carries it"),
    (
        "channel_apis::public",
        "a company's system knows a channel by its bare id, and is believed by its signature",
    ),
    ("web_widget_templates::all", "the same for all chatbots"),
    ("webhook_deliveries::insert", "the new delivery carries it"),
    ("webhook_deliveries::claim", "the worker's, for all chatbots; each row carries it"),
    ("webhook_deliveries::finish", "of a claimed delivery, which carries it"),
    (
        "webhook_deliveries::defer",
        "the worker's, for all chatbots; only rows of one conversation wait for one another",
    ),
    ("webhook_deliveries::sweep", "takes out what is long over, of all chatbots"),
];

#[test]
fn no_function_of_the_store_can_be_called_without_a_chatbot() {
    let (mut without, mut seen) = (Vec::new(), 0);
    for (file, text) in sources() {
        for function in text.split("\npub fn ").skip(1) {
            let name = format!("{file}::{}", function.split(['(', '<']).next().unwrap_or_default());
            let signature = function.split(" -> ").next().unwrap_or_default();
            seen += 1;
            if !["ChatbotId", "&Scope"].iter().any(|it| signature.contains(it)) {
                without.push(name);
            }
        }
    }
    assert!(seen > 40, "the store was read");
    let except: Vec<&str> = EXCEPT.iter().map(|(name, _)| *name).collect();
    without.retain(|name| !except.contains(&name.as_str()));
    let none: Vec<String> = Vec::new();
    assert_eq!(without, none, "these take neither a chatbot's id nor a scope");
}

#[test]
fn every_query_of_a_table_of_a_tenant_names_the_chatbot() {
    for (file, text) in sources() {
        for function in text.split("\npub fn ").skip(1) {
            let body = function.split("\n}\n").next().unwrap_or_default();
            let name = format!("{file}::{}", function.split(['(', '<']).next().unwrap_or_default());
            if EXCEPT.iter().any(|(except, _)| *except == name) {
                continue;
            }
            let asks = body.contains("::table") || body.contains("sql_query");
            let names = ["chatbot_id", ".find((", "scope", "here(", "wanted(", "chatbot::table"];
            assert!(!asks || names.iter().any(|it| body.contains(it)), "{file}: {body}");
        }
    }
}

/// The store's files by their module, but for the unified inbox, which is of users and not of chatbots.
fn sources() -> Vec<(String, String)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs").to_owned();
        if entry.path().is_file() && !["schema", "mod"].contains(&module.as_str()) {
            found.push((module, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn ids_of_another_chatbot_in_a_body_are_not_there() {
    let stage = Stage::set().await;
    let (own, other) = (&stage.company, &stage.other);
    let note = format!("/v1/conversations/{}/notes", other.conversation);
    let bodies: [(&str, Value); 8] = [
        (
            "/v1/inboxes",
            json!({ "chatbotId": own.chatbot, "channelType": "ChannelWebWidget", "channelId": other.channel, "name": "x" }),
        ),
        (
            "/v1/inboxes",
            json!({ "chatbotId": other.chatbot, "channelType": "ChannelWebWidget", "channelId": own.channel, "name": "x" }),
        ),
        ("/v1/contacts", json!({ "chatbotId": other.chatbot, "name": "x" })),
        ("/v1/conversations", json!({ "contactId": other.contact, "inboxId": own.inbox })),
        ("/v1/conversations", json!({ "contactId": own.contact, "inboxId": other.inbox })),
        ("/v1/messages", json!({ "conversationId": other.conversation, "content": "x" })),
        (&note, json!({ "content": "x" })),
        ("/v1/chatbots/zz4a98xxat96iws9zmbrgj3a/members", json!({ "userId": stage.ben.id })),
    ];
    for (path, body) in bodies {
        let reply = stage.post(&stage.ada, path, body.clone()).await;
        assert_eq!(reply.status, 404, "{path} {body}: {}", reply.text);
        assert!(!reply.text.contains("Other"), "{}", reply.text);
    }
}

#[tokio::test]
async fn lists_hold_nothing_of_others_however_they_are_filtered() {
    let stage = Stage::set().await;
    stage.hear().await;
    let (own, other) = (&stage.company, &stage.other);
    for (path, name) in [
        (format!("/v1/conversations?inboxId={}", other.inbox), "conversations"),
        (format!("/v1/conversations?contactId={}", other.contact), "conversations"),
        (format!("/v1/conversations?participantId={}", stage.stranger.id), "conversations"),
        ("/v1/contacts?search=Other".to_owned(), "contacts"),
        ("/v1/messages?search=parcel%20blue%20hello%20order".to_owned(), "messages"),
    ] {
        let list = stage.get(&stage.ada, &path).await;
        assert_eq!((&list[name], &list["paging"]["totalRowCount"]), (&json!([]), &json!(0)), "{path}");
    }
    for path in ["conversations", "contacts", "inboxes", "messages?search=x&"] {
        let glue = if path.contains('?') { "" } else { "?" };
        let reply =
            stage.app.get(&format!("/v1/{path}{glue}chatbotId={}", other.chatbot)).by(&stage.ada).await;
        reply.refused(404, "errMsg_chatbotIsNotFound");
    }
    let mine = stage.get(&stage.ada, "/v1/conversations").await;
    assert_eq!(mine["conversations"][0]["id"], json!(own.conversation));
    assert_eq!(mine["paging"]["totalRowCount"], 1);
}
