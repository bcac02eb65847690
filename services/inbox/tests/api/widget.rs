//! Visitors: how they come, what they see and say, and what they do not reach.

use diesel::prelude::*;
use diesel::sql_types::Text;
use http::Method;
use serde_json::{Value, json};
use testing::{Ask, Reply};

use crate::stage::{Stage, boot_with, id, widget};
use crate::webhooks::Hands;

const SHOP: &str = "https://shop.example.com";

/// A visitor of a widget.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) widget: String,
    pub(crate) token: String,
    pub(crate) key: Option<String>,
    pub(crate) contact: String,
}

impl Visitor {
    /// Somebody who comes to the company's widget.
    pub(crate) async fn come(stage: &Stage, body: Value) -> Self {
        Self::of(&stage.company.channel, &session(stage, &stage.company.channel, body).await.expect(201))
    }

    pub(crate) fn of(widget: &str, answer: &Value) -> Self {
        let session = &answer["session"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            widget: widget.to_owned(),
            token: text(&session["contactToken"]).unwrap(),
            key: text(&session["sourceId"]),
            contact: id(&session["contact"]),
        }
    }

    pub(crate) fn ask(&self, stage: &Stage, method: Method, path: &str) -> Ask {
        stage.app.ask(method, &format!("/v1/widget/{}/{path}", self.widget)).token(&self.token)
    }

    pub(crate) async fn get(&self, stage: &Stage, path: &str) -> Reply {
        self.ask(stage, Method::GET, path).await
    }

    pub(crate) async fn post(&self, stage: &Stage, path: &str, body: Value) -> Reply {
        self.ask(stage, Method::POST, path).json(body).await
    }

    pub(crate) async fn says(&self, stage: &Stage, content: &str) -> Value {
        self.post(stage, "messages", json!({ "content": content })).await.expect(201)["message"].clone()
    }
}

pub(crate) async fn session(stage: &Stage, widget: &str, body: Value) -> Reply {
    stage.app.post(&format!("/v1/widget/{widget}/session")).header("Origin", SHOP).json(body).await
}

/// Lists the sites of the company's widget.
async fn sites(stage: &Stage, sites: Value) {
    let path = format!("/v1/channelwebwidgets/{}", stage.company.channel);
    let body = json!({ "authorizedDomains": sites });
    stage.app.patch(&path).by(&stage.ada).json(body).await.succeeded();
}

#[tokio::test]
async fn a_widget_learns_how_it_looks_and_where_it_may_stand() {
    let stage = Stage::set().await;
    sites(&stage, json!(["shop.example.com", "*.example.org"])).await;
    let path = format!("/v1/widget/{}/config", stage.company.channel);
    let reply = stage.app.get(&path).header("Origin", SHOP).await;
    let policy = "frame-ancestors http://shop.example.com http://*.example.org";
    assert_eq!(reply.header("content-security-policy"), policy);
    assert_eq!((reply.header("access-control-allow-origin"), reply.header("vary")), (SHOP, "Origin"));
    assert_eq!(reply.header("access-control-allow-credentials"), "");
    let config = &reply.json["config"];
    assert_eq!((&config["name"], &config["template"]), (&json!("Bikes & Co: shop"), &json!("Classic")));
    assert_eq!((&config["brandColor"], &config["frameAncestors"]), (&json!("#007bff"), &json!(policy)));
    assert!(!reply.text.contains("ecret") && !reply.text.contains("chatbot"), "{}", reply.text);
    let foreign = stage.app.get(&path).header("Origin", "https://evil.io").await;
    assert_eq!((foreign.header("access-control-allow-origin"), foreign.header("vary")), ("", "Origin"));
    for unknown in ["zz4a98xxat96iws9zmbrgj3a", &widget(&stage.app, &stage.company.chatbot)] {
        stage.app.get(&format!("/v1/widget/{unknown}/config")).await.refused(404, "errMsg_channelIsNotFound");
    }
    stage.app.get("/v1/widget/7/config").await.refused(400, "errMsg_channelWebWidgetIdIsNotAValidID");
}

#[tokio::test]
async fn sessions_begin_on_authorized_sites_only() {
    let stage = Stage::set().await;
    sites(&stage, json!(["shop.example.com", "*.example.org", "localhost:5173"])).await;
    let path = format!("/v1/widget/{}/session", stage.company.channel);
    let from = async |origin: &str| stage.app.post(&path).header("Origin", origin).json(json!({})).await;
    for origin in [SHOP, "https://a.example.org", "http://localhost:5173"] {
        let reply = from(origin).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (201, origin));
    }
    for origin in [
        "https://evil.io",
        "https://example.org",
        "https://shop.example.com.evil.io",
        "null",
        "http://localhost",
    ] {
        let reply = from(origin).await;
        reply.refused(403, "errMsg_originIsNotAuthorized");
        assert_eq!(reply.header("access-control-allow-origin"), "", "{origin}");
    }
    stage.app.post(&path).json(json!({})).await.refused(403, "errMsg_originIsNotAuthorized");
    let bad = stage.app.post(&path).header("Origin", SHOP).raw("{").await;
    bad.refused(400, "errMsg_bodyIsNotValidJson");
    assert_eq!(bad.header("access-control-allow-origin"), SHOP, "pages can read what is wrong");
}

#[tokio::test]
async fn no_site_means_any_but_in_production() {
    let stage = Stage::set().await;
    let _ = session(&stage, &stage.company.channel, json!({})).await.expect(201);
    let strict =
        Stage::on(boot_with(&[("widget.any_site", "false")], Box::new(kit::SystemClock)).await).await;
    let refused = session(&strict, &strict.company.channel, json!({})).await;
    refused.refused(403, "errMsg_originIsNotAuthorized");
    let config = strict.app.get(&format!("/v1/widget/{}/config", strict.company.channel)).await;
    assert_eq!(config.header("content-security-policy"), "frame-ancestors 'none'");
}

#[tokio::test]
async fn preflights_are_answered_to_those_sites() {
    let stage = Stage::set().await;
    sites(&stage, json!(["shop.example.com"])).await;
    let ask = async |origin: &str, path: &str| {
        let path = format!("/v1/widget/{}/{path}", stage.company.channel);
        let ask = stage.app.ask(Method::OPTIONS, &path).header("Origin", origin);
        ask.header("Access-Control-Request-Method", "POST").await
    };
    for path in ["session", "messages", "conversations/zz4a98xxat96iws9zmbrgj3a"] {
        let reply = ask(SHOP, path).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, SHOP));
        assert!(reply.header("access-control-allow-headers").contains("Authorization"));
        assert!(reply.header("access-control-allow-methods").contains("POST"));
        let refused = ask("https://evil.io", path).await;
        refused.refused(403, "errMsg_originIsNotAuthorized");
        assert_eq!(refused.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn a_visitor_and_an_agent_talk() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({ "name": "Mia" })).await;
    let asked = visitor.says(&stage, "Is the blue one available?").await;
    let conversation = asked["conversationId"].as_str().unwrap();
    let seen = stage.see(&stage.ben, conversation).await;
    assert_eq!((&seen["unreadCount"], &seen["contact"]["name"]), (&json!(1), &json!("Mia")));
    let notes = format!("/v1/conversations/{conversation}/notes");
    let _ = stage.post(&stage.ben, &notes, json!({ "content": "a difficult one" })).await.expect(201);
    stage.send(&stage.ben, conversation, "It is.").await;
    let list = visitor.get(&stage, &format!("messages?conversationId={conversation}")).await;
    let messages = list.json["messages"].as_array().unwrap().clone();
    assert_eq!(messages[0]["sender"], json!({ "type": "contact", "name": null, "avatar": null }));
    assert_eq!(messages[1]["sender"], json!({ "type": "user", "name": "Ben", "avatar": null }));
    let private =
        [stage.ben.id.to_string(), "difficult".to_owned(), "sourceId".to_owned(), "chatbotId".to_owned()];
    assert!(private.iter().all(|it| !list.text.contains(it)), "{}", list.text);
    let theirs = visitor.get(&stage, "conversations").await.expect(200);
    let shown = &theirs["conversations"][0];
    assert_eq!(
        (&shown["unreadCount"], &shown["preview"], &theirs["rowCount"]),
        (&json!(1), &json!("It is."), &json!(1))
    );
    assert!(!theirs.to_string().contains("sourceId"));
    let body = json!({ "conversationId": conversation });
    let after = visitor.post(&stage, "seen", body).await.expect(200);
    assert_eq!(
        (&after["conversation"]["unreadCount"], &after["conversation"]["readSeq"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(stage.see(&stage.ben, conversation).await["contactReadSeq"], 2);
    let newest =
        visitor.get(&stage, &format!("messages?conversationId={conversation}&afterSeq=1")).await.expect(200);
    assert_eq!(newest["messages"][0]["seq"], 2);
    let opened = visitor.get(&stage, &format!("conversations/{conversation}")).await.expect(200);
    assert!(opened["conversation"]["bucketToken"].is_string());
    assert_eq!(opened["conversation"]["bucketId"], format!("inbox-{conversation}"));
}

#[tokio::test]
async fn a_message_is_said_once_under_its_name() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({})).await;
    let body = json!({ "content": "hello", "clientMessageId": "c-1" });
    let first = visitor.post(&stage, "messages", body.clone()).await.expect(201);
    let again = visitor.post(&stage, "messages", body).await.expect(200);
    assert_eq!((&again["reused"], &again["message"]), (&json!(true), &first["message"]));
    let opened = visitor.post(&stage, "conversations", json!({})).await.expect(200);
    assert_eq!(opened["conversation"]["id"], first["message"]["conversationId"]);
    let fresh = Visitor::come(&stage, json!({})).await;
    let opened = fresh.post(&stage, "conversations", json!({})).await.expect(201);
    let said = fresh.says(&stage, "hello").await;
    assert_eq!(said["conversationId"], opened["conversation"]["id"]);
}

#[tokio::test]
async fn a_token_reaches_one_contact_in_one_inbox() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({})).await;
    let other = Visitor::come(&stage, json!({})).await;
    let own = visitor.says(&stage, "mine").await["conversationId"].as_str().unwrap().to_owned();
    let foreign = other.says(&stage, "theirs").await["conversationId"].as_str().unwrap().to_owned();
    for conversation in [&foreign, &stage.company.conversation, &stage.other.conversation] {
        let body = json!({ "conversationId": conversation, "content": "x" });
        for reply in [
            visitor.get(&stage, &format!("messages?conversationId={conversation}")).await,
            visitor.get(&stage, &format!("conversations/{conversation}")).await,
            visitor.post(&stage, "messages", body.clone()).await,
            visitor.post(&stage, "seen", body).await,
        ] {
            reply.refused(404, "errMsg_conversationIsNotFound");
        }
    }
    let elsewhere = Visitor { widget: stage.other.channel.clone(), ..visitor.clone() };
    elsewhere.get(&stage, "conversations").await.refused(401, "errMsg_userNotAuthenticated");
    for token in ["", "nonsense", &stage.ada.token, &visitor.token.replace('.', "x")] {
        let forged = Visitor { token: token.to_owned(), ..visitor.clone() };
        forged.get(&stage, "conversations").await.refused(401, "errMsg_userNotAuthenticated");
    }
    let agent = stage.app.get("/v1/conversations").token(&visitor.token).await;
    agent.refused(401, "errMsg_userNotAuthenticated");
    visitor.get(&stage, &format!("messages?conversationId={own}")).await.succeeded();
}

#[tokio::test]
async fn a_token_ends_with_what_it_is_for() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({})).await;
    let conversation = visitor.says(&stage, "hello").await["conversationId"].as_str().unwrap().to_owned();
    stage.app.delete(&format!("/v1/contacts/{}", visitor.contact)).by(&stage.ada).await.succeeded();
    for reply in [
        visitor.get(&stage, "conversations").await,
        visitor.get(&stage, &format!("messages?conversationId={conversation}")).await,
        visitor.post(&stage, "messages", json!({ "content": "x" })).await,
        visitor.post(&stage, "conversations", json!({})).await,
        visitor.post(&stage, "seen", json!({ "conversationId": conversation })).await,
    ] {
        reply.refused(401, "errMsg_userNotAuthenticated");
    }
    let again =
        Visitor::come(&stage, json!({ "sourceId": visitor.key, "contactToken": visitor.token })).await;
    assert_ne!(again.contact, visitor.contact, "they come back as somebody new");
    again.says(&stage, "hello again").await;
    stage.app.delete(&format!("/v1/inboxes/{}", stage.company.inbox)).by(&stage.ada).await.succeeded();
    again.get(&stage, "conversations").await.refused(404, "errMsg_channelIsNotFound");
    let company = Stage::set().await;
    let visitor = Visitor::come(&company, json!({})).await;
    company
        .app
        .delete(&format!("/v1/chatbots/{}", company.company.chatbot))
        .by(&company.ada)
        .await
        .succeeded();
    visitor.get(&company, "conversations").await.refused(404, "errMsg_channelIsNotFound");
}

#[tokio::test]
async fn a_token_is_good_for_a_day() {
    let clock = Hands::new();
    let stage = Stage::on(boot_with(&[], Box::new(clock.clone())).await).await;
    let visitor = Visitor::come(&stage, json!({})).await;
    visitor.says(&stage, "hello").await;
    clock.advance(chrono::TimeDelta::hours(24));
    visitor.get(&stage, "conversations").await.succeeded();
    clock.advance(chrono::TimeDelta::minutes(1));
    visitor.get(&stage, "conversations").await.refused(401, "errMsg_tokenIsExpired");
    let again = Visitor::come(&stage, json!({ "contactToken": visitor.token })).await;
    assert_ne!(again.contact, visitor.contact, "a token that is over says nothing");
    let again = Visitor::come(&stage, json!({ "sourceId": visitor.key })).await;
    assert_eq!(again.contact, visitor.contact, "the key does");
}

#[tokio::test]
async fn whoever_returns_is_known_by_token_or_key_and_by_nothing_else() {
    let stage = Stage::set().await;
    let first = Visitor::come(&stage, json!({ "email": "mia@example.com" })).await;
    first.says(&stage, "hello").await;
    let key = first.key.clone().unwrap();
    for shown in [json!({ "contactToken": first.token }), json!({ "sourceId": key })] {
        let reply = session(&stage, &first.widget, shown).await.expect(201);
        let again = Visitor::of(&first.widget, &reply);
        assert_eq!((&again.contact, again.key), (&first.contact, None));
        assert_eq!(reply["session"]["conversations"][0]["lastSeq"], 1);
    }
    let stored: Vec<Stored> = diesel::sql_query("SELECT source_id FROM contact_inbox")
        .load(&mut stage.app.database.connect())
        .unwrap();
    assert!(stored.iter().all(|row| !row.source_id.contains(&key)), "keys are not kept");
    let guesses = stored
        .iter()
        .map(|row| row.source_id.clone())
        .chain([first.contact.clone(), stage.company.contact.clone()]);
    for guess in guesses.chain(["x".to_owned()]) {
        let other = Visitor::come(&stage, json!({ "sourceId": guess, "email": "mia@example.com" })).await;
        assert_ne!(other.contact, first.contact, "{guess}");
        assert_ne!(other.contact, stage.company.contact, "{guess}");
        assert_ne!(other.key.as_deref(), Some(&*guess), "keys are ours to make");
    }
    let elsewhere =
        session(&stage, &stage.other.channel, json!({ "sourceId": key, "contactToken": first.token })).await;
    assert_ne!(id(&elsewhere.expect(201)["session"]["contact"]), first.contact);
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Text)]
    source_id: String,
}

#[tokio::test]
async fn a_visitor_has_one_conversation_or_one_a_session() {
    let stage = Stage::set().await;
    let first = Visitor::come(&stage, json!({})).await;
    let again = Visitor::come(&stage, json!({ "sourceId": first.key })).await;
    let place = async |visitor: &Visitor| visitor.says(&stage, "hello").await["conversationId"].clone();
    assert_eq!(place(&first).await, place(&again).await);
    let policy = json!({ "conversationPolicy": "perSession" });
    let path = format!("/v1/inboxes/{}", stage.company.inbox);
    stage.app.patch(&path).by(&stage.ada).json(policy).await.succeeded();
    let first = Visitor::come(&stage, json!({})).await;
    let reloaded = Visitor::come(&stage, json!({ "contactToken": first.token })).await;
    let again = Visitor::come(&stage, json!({ "sourceId": first.key })).await;
    let one = place(&first).await;
    assert_eq!(place(&reloaded).await, one, "a reload goes on");
    assert_ne!(place(&again).await, one);
    assert_eq!(again.get(&stage, "conversations").await.expect(200)["rowCount"], 2);
}

#[tokio::test]
async fn each_type_with_a_wrong_body_from_a_visitor() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({})).await;
    visitor.says(&stage, "hello").await;
    let file = "0193517e-3000-7c41-9d58-4f1f6c6d2c01";
    for (body, code) in [
        (json!({}), "errMsg_contentIsRequired"),
        (json!({ "content": " " }), "errMsg_contentIsRequired"),
        (json!({ "content": 7 }), "errMsg_contentIsNotAValidText"),
        (json!({ "content": "a\u{0}" }), "errMsg_contentIsNotAValidText"),
        (json!({ "content": "x".repeat(10_001) }), "errMsg_contentIsTooLong"),
        (json!({ "messageType": "poem", "content": "x" }), "errMsg_messageTypeIsNotValid"),
        (json!({ "messageType": "image" }), "errMsg_fileIdsIsRequired"),
        (json!({ "messageType": "audio" }), "errMsg_fileIdsIsRequired"),
        (json!({ "messageType": "video" }), "errMsg_fileIdsIsRequired"),
        (json!({ "messageType": "file" }), "errMsg_fileIdsIsRequired"),
        (json!({ "messageType": "file", "fileIds": [7] }), "errMsg_fileIdsIsNotAValidID"),
        (json!({ "messageType": "file", "fileIds": [file] }), "errMsg_fileIdsDoNotFit"),
        (json!({ "messageType": "location", "body": { "lat": 91, "lng": 0 } }), "errMsg_bodyIsNotValid"),
        (
            json!({ "messageType": "location", "fileIds": [file], "body": { "lat": 9, "lng": 0 } }),
            "errMsg_fileIdsDoNotFit",
        ),
        (json!({ "messageType": "markdown", "content": "**x**" }), "errMsg_messageTypeIsNotForContacts"),
        (json!({ "messageType": "card", "body": { "title": "x" } }), "errMsg_messageTypeIsNotForContacts"),
        (json!({ "messageType": "card", "body": {} }), "errMsg_bodyIsNotValid"),
        (
            json!({ "messageType": "carousel", "body": { "cards": [{ "title": "x" }] } }),
            "errMsg_messageTypeIsNotForContacts",
        ),
        (json!({ "messageType": "carousel", "body": { "cards": [] } }), "errMsg_bodyIsNotValid"),
        (
            json!({ "messageType": "dropdown", "content": "?", "body": { "options": [{ "title": "x" }] } }),
            "errMsg_messageTypeIsNotForContacts",
        ),
        (
            json!({ "messageType": "choice", "content": "?", "body": { "options": [] } }),
            "errMsg_bodyIsNotValid",
        ),
        (json!({ "content": "x", "conversationId": "7" }), "errMsg_conversationIdIsNotAValidID"),
        (json!({ "content": "x", "clientMessageId": "x".repeat(201) }), "errMsg_clientMessageIdIsTooLong"),
    ] {
        visitor.post(&stage, "messages", body).await.refused(400, code);
    }
    let place = json!({ "messageType": "location", "body": { "lat": 48.2, "lng": 16.4 } });
    visitor.post(&stage, "messages", place).await.succeeded();
    visitor.get(&stage, "messages").await.refused(400, "errMsg_conversationIdIsRequired");
    visitor.post(&stage, "seen", json!({})).await.refused(400, "errMsg_conversationIdIsRequired");
}

#[tokio::test]
async fn answers_pick_what_is_offered() {
    let stage = Stage::set().await;
    let visitor = Visitor::come(&stage, json!({})).await;
    let conversation = visitor.says(&stage, "hello").await["conversationId"].clone();
    let options =
        json!({ "options": [{ "title": "Small", "value": "s" }, { "title": "Medium", "value": "m" }] });
    let ask = json!({ "conversationId": conversation, "messageType": "dropdown", "content": "Size?", "body": options });
    let asked = id(&stage.post(&stage.ben, "/v1/messages", ask).await.expect(201)["message"]);
    for (answer, code) in [
        (json!("xl"), "errMsg_answerIsNotOffered"),
        (json!(["s", "m"]), "errMsg_answerIsNotOffered"),
        (json!([]), "errMsg_answerIsRequired"),
    ] {
        visitor
            .post(&stage, "messages", json!({ "answers": asked, "answer": answer }))
            .await
            .refused(400, code);
    }
    let own = json!({ "answers": "zz4a98xxat96iws9zmbrgj3a", "answer": "s" });
    visitor.post(&stage, "messages", own).await.refused(400, "errMsg_answersIsNotAnswerable");
    let said = visitor.post(&stage, "messages", json!({ "answers": asked, "answer": "m" })).await.expect(201);
    let message = &said["message"];
    assert_eq!(
        (&message["content"], &message["answer"], &message["answers"]),
        (&json!("Medium"), &json!(["m"]), &json!(asked))
    );
}
