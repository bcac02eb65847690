//! Webhooks that come in: by whom, once, and into which conversation.

use std::collections::BTreeSet;

use inbox::domain::webhook::sign;
use serde_json::{Value, json};

use crate::channels::System;
use crate::stage::{Stage, id};

#[tokio::test]
async fn what_comes_in_makes_contact_and_conversation_once() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let mut body = System::message("m-1", "tom@mail", "hello");
    body["contact"]["email"] = json!("tom@example.com");
    let first = system.says(&stage, &body).await.expect(201)["message"].clone();
    assert_eq!(
        (&first["seq"], &first["senderType"], &first["sourceId"]),
        (&json!(1), &json!("contact"), &json!("m-1"))
    );
    assert!(first["bucketToken"].is_string() && first["bucketId"].is_string());
    let second =
        system.says(&stage, &System::message("m-2", "tom@mail", "hello?")).await.expect(201)["message"]
            .clone();
    assert_eq!((&second["conversationId"], &second["seq"]), (&first["conversationId"], &json!(2)));
    let conversation = first["conversationId"].as_str().unwrap();
    let seen = stage.see(&stage.ben, conversation).await;
    assert_eq!((&seen["sourceId"], &seen["unreadCount"]), (&json!("tom@mail"), &json!(2)));
    assert_eq!(
        (&seen["contact"]["name"], &seen["contact"]["email"]),
        (&json!("tom@mail"), &json!("tom@example.com"))
    );
    assert_eq!(seen["contact"]["isVerified"], false);
    for replayed in [body, System::message("m-1", "somebody else", "something else")] {
        let again = system.says(&stage, &replayed).await.expect(200);
        assert_eq!((&again["reused"], &again["message"]["id"]), (&json!(true), &first["id"]));
    }
    let contacts = stage.get(&stage.ben, "/v1/contacts?pageNumber=0").await;
    assert!(!contacts.to_string().contains("somebody else"), "a replay makes nobody");
}

#[tokio::test]
async fn who_comes_many_times_at_once_is_one() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let same = System::message("same", "Ann", "hello");
    let replies = futures_util::future::join_all((0..8).map(|_| system.says(&stage, &same))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| [200, 201].contains(&reply.status)), "{replies:?}");
    let all: Vec<Value> = (0..8).map(|at| System::message(&format!("m-{at}"), "Bob", "hello")).collect();
    let replies = futures_util::future::join_all(all.iter().map(|body| system.says(&stage, body))).await;
    let messages: Vec<Value> =
        replies.into_iter().map(|reply| reply.expect(201)["message"].clone()).collect();
    let unique = |field: &str| messages.iter().map(|it| it[field].to_string()).collect::<BTreeSet<_>>().len();
    assert_eq!((unique("conversationId"), unique("senderId"), unique("seq")), (1, 1, 8));
    let named =
        async |name| stage.get(&stage.ben, &format!("/v1/contacts?search={name}")).await["rowCount"].clone();
    assert_eq!((named("Ann").await, named("Bob").await), (json!(1), json!(1)), "no contact is left over");
    let mut known = (0..8)
        .map(|at| System::message(&format!("k-{at}"), &format!("place-{at}"), "hello"))
        .collect::<Vec<_>>();
    for body in &mut known {
        body["contact"]["identifier"] = json!("u-7");
    }
    let replies = futures_util::future::join_all(known.iter().map(|body| system.says(&stage, body))).await;
    let senders: BTreeSet<String> =
        replies.into_iter().map(|reply| reply.expect(201)["message"]["senderId"].to_string()).collect();
    assert_eq!(senders.len(), 1, "an identifier is one contact");
}

#[tokio::test]
async fn only_the_secret_lets_in_and_only_now() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let now = stage.app.app.now().timestamp();
    let body = System::message("1", "Tom", "hello").to_string();
    let mut said = BTreeSet::new();
    let mut refused = async |system: &System, headers: [(&str, &str); 3]| {
        let reply = system.sends(&stage, body.clone(), headers).await;
        reply.refused(401, "errMsg_signatureIsNotValid");
        said.insert(reply.json["detail"].to_string());
    };
    let stamp = now.to_string();
    let good = sign(&system.secret, "a", &stamp, body.as_bytes());
    for signature in ["", "v1,", "v1,AAAA", "v2,AAAA", &sign("whsec_AAAA", "a", &stamp, body.as_bytes())] {
        refused(
            &system,
            [("webhook-id", "a"), ("webhook-timestamp", &stamp), ("webhook-signature", signature)],
        )
        .await;
    }
    refused(&system, [("webhook-id", "b"), ("webhook-timestamp", &stamp), ("webhook-signature", &good)])
        .await;
    refused(&system, [("webhook-id", "a"), ("webhook-timestamp", &stamp), ("x", &good)]).await;
    for away in [-301, 301] {
        let stamp = (now + away).to_string();
        let signature = sign(&system.secret, "a", &stamp, body.as_bytes());
        refused(
            &system,
            [("webhook-id", "a"), ("webhook-timestamp", &stamp), ("webhook-signature", &signature)],
        )
        .await;
    }
    for channel in ["zz4a98xxat96iws9zmbrgj3a", "7", &stage.company.channel] {
        let other = System { channel: channel.to_owned(), ..system.clone() };
        refused(&other, [("webhook-id", "a"), ("webhook-timestamp", &stamp), ("webhook-signature", &good)])
            .await;
    }
    assert_eq!(said.len(), 1, "one refusal for all: {said:?}");
    let headers = [("webhook-id", "a"), ("webhook-timestamp", &*stamp), ("webhook-signature", &*good)];
    let _ = system.sends(&stage, body.clone(), headers).await.expect(201);
    stage.app.delete(&format!("/v1/chatbots/{}", stage.company.chatbot)).by(&stage.ada).await.succeeded();
    system.sends(&stage, body, headers).await.refused(401, "errMsg_signatureIsNotValid");
}

/// Whoever begins with a picture has the conversation before it, and with it a place for the picture.
#[tokio::test]
async fn a_conversation_is_opened_before_its_first_message() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let body = json!({ "contact": { "sourceId": "Tom", "name": "Tom" } });
    let opened = system.opens(&stage, &body).await.expect(201)["conversation"].clone();
    let conversation = id(&opened);
    assert_eq!(opened["bucketId"], format!("inbox-{conversation}"));
    assert!(opened["bucketToken"].is_string());
    assert_eq!(
        (&opened["sourceId"], &opened["lastSeq"], &opened["status"]),
        (&json!("Tom"), &json!(0), &json!("open"))
    );
    let again = system.opens(&stage, &body).await.expect(200);
    assert_eq!((&again["conversation"]["id"], &again["reused"]), (&opened["id"], &json!(true)));
    assert_eq!(stage.see(&stage.ben, &conversation).await["contact"]["name"], "Tom", "agents see it at once");
    let said = system.says(&stage, &System::message("1", "Tom", "hello")).await.expect(201);
    assert_eq!((&said["message"]["conversationId"], &said["message"]["seq"]), (&opened["id"], &json!(1)));
    assert_eq!(
        stage.told("conversation-created").iter().filter(|it| it["subject"] == *conversation).count(),
        1
    );

    system.opens(&stage, &json!({})).await.refused(400, "errMsg_contactIsRequired");
    system.opens(&stage, &json!({ "contact": {} })).await.refused(400, "errMsg_sourceIdIsRequired");
    let forged = System { secret: "whsec_AAAA".into(), ..system.clone() };
    forged.opens(&stage, &body).await.refused(401, "errMsg_signatureIsNotValid");
}

#[tokio::test]
async fn a_webhook_that_says_that_it_is_no_json_is_refused() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let body = System::message("1", "Tom", "hello").to_string();
    let stamp = stage.app.app.now().timestamp().to_string();
    let signature = sign(&system.secret, "a", &stamp, body.as_bytes());
    let says = |content_type: &str| {
        let ask = stage.app.post(&format!("/v1/channelapis/{}/messages", system.channel));
        let ask = ask.header("webhook-id", "a").header("webhook-timestamp", &stamp);
        ask.header("webhook-signature", &signature).raw_as(content_type, body.clone())
    };
    says("text/plain").await.refused(415, "errMsg_contentTypeIsNotJson");
    let _ = says("application/json; charset=utf-8").await.expect(201);
}

#[tokio::test]
async fn malformed_webhooks_are_refused_by_name() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let good = System::message("1", "Tom", "hello");
    let changed = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    for (body, code) in [
        (json!({}), "errMsg_contactIsRequired"),
        (json!([]), "errMsg_bodyIsNotAnObject"),
        (changed("/sourceId", Value::Null), "errMsg_sourceIdIsRequired"),
        (changed("/sourceId", json!(7)), "errMsg_sourceIdIsNotAValidText"),
        (changed("/sourceId", json!("x".repeat(256))), "errMsg_sourceIdIsTooLong"),
        (changed("/contact", json!("Tom")), "errMsg_contactIsNotValid"),
        (changed("/contact/sourceId", json!(" ")), "errMsg_sourceIdIsRequired"),
        (changed("/contact/name", json!("x".repeat(101))), "errMsg_nameIsTooLong"),
        (changed("/message", json!({})), "errMsg_contentIsRequired"),
        (changed("/message", json!({ "content": "\u{0}" })), "errMsg_contentIsNotAValidText"),
        (
            changed("/message", json!({ "messageType": "poem", "content": "x" })),
            "errMsg_messageTypeIsNotValid",
        ),
        (
            changed("/message", json!({ "messageType": "card", "body": { "title": "x" } })),
            "errMsg_messageTypeIsNotForContacts",
        ),
        (changed("/message", json!({ "messageType": "location", "body": {} })), "errMsg_bodyIsNotValid"),
        (
            changed(
                "/message",
                json!({ "content": "x", "fileIds": ["0193517e-3000-7c41-9d58-4f1f6c6d2c01"] }),
            ),
            "errMsg_fileIdsDoNotFit",
        ),
        (
            changed("/message", json!({ "answers": "zz4a98xxat96iws9zmbrgj3a", "answer": "x" })),
            "errMsg_answersIsNotAnswerable",
        ),
    ] {
        system.says(&stage, &body).await.refused(400, code);
    }
    let contacts = stage.get(&stage.ben, "/v1/contacts?search=Tom").await;
    assert_eq!(contacts["rowCount"], 0, "a refusal makes nobody");
    stage.app.delete(&format!("/v1/inboxes/{}", system.inbox)).by(&stage.ada).await.succeeded();
    system.says(&stage, &good).await.refused(404, "errMsg_inboxIsNotFound");
}

#[tokio::test]
async fn a_contact_has_one_conversation_or_several() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let says = async |at: usize, conversation: &str| {
        let mut body = System::message(&format!("m-{at}"), "Tom", "hello");
        body["conversationSourceId"] = json!(conversation);
        system.says(&stage, &body).await.expect(201)["message"]["conversationId"].clone()
    };
    assert_eq!(says(1, "a").await, says(2, "b").await);
    let policy = json!({ "conversationPolicy": "perSession" });
    stage.app.patch(&format!("/v1/inboxes/{}", system.inbox)).by(&stage.ada).json(policy).await.succeeded();
    let [a, b, again] = [says(3, "a").await, says(4, "b").await, says(5, "a").await];
    assert_ne!(a, b);
    assert_eq!(a, again);
}

#[tokio::test]
async fn identifiers_join_and_addresses_do_not() {
    let stage = Stage::set().await;
    let system = System::connect(&stage, None).await;
    let says = async |source: &str, field: &str, value: &str| {
        let mut body = System::message(&format!("of {source}"), source, "hello");
        body["contact"][field] = json!(value);
        system.says(&stage, &body).await.expect(201)["message"]["senderId"].clone()
    };
    assert_ne!(says("a", "email", "x@example.com").await, says("b", "email", "x@example.com").await);
    let known = says("c", "identifier", "u-7").await;
    assert_eq!(known, says("d", "identifier", "u-7").await);
    let contact = format!("/v1/contacts/{}", known.as_str().unwrap());
    assert_eq!(stage.get(&stage.ben, &contact).await["contact"]["isVerified"], true);
    stage.app.delete(&contact).by(&stage.ben).await.succeeded();
    let mut back = System::message("back", "c", "hello again");
    back["contact"]["identifier"] = json!("u-7");
    let back = system.says(&stage, &back).await.expect(201)["message"].clone();
    assert_ne!(back["senderId"], known, "whoever comes back after their deletion is somebody new");
    let conversation = stage.see(&stage.ben, back["conversationId"].as_str().unwrap()).await;
    assert_eq!(id(&conversation["contact"]), back["senderId"].as_str().unwrap());
}
