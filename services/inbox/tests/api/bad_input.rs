//! What comes in wrong gets a clear 4xx that names the field; nothing makes a 5xx.

use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn each_complaint_names_its_field() {
    let stage = Stage::set().await;
    let own = &stage.company;
    let (seen, notes) = (
        format!("/v1/conversations/{}/seen", own.conversation),
        format!("/v1/conversations/{}/notes", own.conversation),
    );
    let cases = [
        ("/v1/chatbots", json!({}), "errMsg_nameIsRequired"),
        ("/v1/chatbots", json!({ "name": "  " }), "errMsg_nameIsRequired"),
        ("/v1/chatbots", json!({ "name": "x".repeat(101) }), "errMsg_nameIsTooLong"),
        ("/v1/chatbots", json!({ "name": "a\u{0}" }), "errMsg_nameIsNotAValidText"),
        ("/v1/contacts", json!({ "name": "x" }), "errMsg_chatbotIdIsRequired"),
        ("/v1/contacts", json!({ "chatbotId": 7 }), "errMsg_chatbotIdIsNotAValidID"),
        ("/v1/conversations", json!({ "inboxId": own.inbox }), "errMsg_contactIdIsRequired"),
        ("/v1/messages", json!({ "content": "x" }), "errMsg_conversationIdIsRequired"),
        (&seen, json!({ "upToSeq": -1 }), "errMsg_upToSeqIsNotValid"),
        (&seen, json!({ "upToSeq": "x" }), "errMsg_upToSeqIsNotValid"),
        (&seen, json!({ "upToSeq": 1.5 }), "errMsg_upToSeqIsNotValid"),
        (&notes, json!({ "content": "" }), "errMsg_contentIsRequired"),
    ];
    for (path, body, expected) in cases {
        stage.post(&stage.ben, path, body).await.refused(400, expected);
    }
}

#[tokio::test]
async fn each_type_refuses_what_is_not_its_own() {
    let stage = Stage::set().await;
    let body = |kind: &str, body: Value| json!({ "messageType": kind, "body": body });
    let cases = [
        (json!({ "conversationId": stage.ben.id }), "errMsg_conversationIdIsNotAValidID"),
        (json!({ "content": " \n" }), "errMsg_contentIsRequired"),
        (json!({ "content": "x".repeat(10_001) }), "errMsg_contentIsTooLong"),
        (json!({ "content": 1 }), "errMsg_contentIsNotAValidText"),
        (json!({ "fileIds": ["x"] }), "errMsg_fileIdsIsNotAValidID"),
        (json!({ "clientMessageId": "x".repeat(201) }), "errMsg_clientMessageIdIsTooLong"),
        (body("poem", Value::Null), "errMsg_messageTypeIsNotValid"),
        (body("location", Value::Null), "errMsg_bodyIsNotValid"),
        (body("location", json!({ "lat": 91, "lng": 0 })), "errMsg_bodyIsNotValid"),
        (body("card", json!({ "title": "" })), "errMsg_bodyIsNotValid"),
        (body("carousel", json!({ "cards": [] })), "errMsg_bodyIsNotValid"),
        (body("dropdown", json!({})), "errMsg_bodyIsNotValid"),
        (body("choice", json!({ "options": [{}] })), "errMsg_bodyIsNotValid"),
        (body("card", json!([])), "errMsg_bodyIsNotValid"),
        (body("card", json!({ "title": "x".repeat(70_000) })), "errMsg_bodyIsTooLong"),
        (json!({ "answers": "x", "answer": "y" }), "errMsg_answersIsNotAValidID"),
    ];
    for (more, expected) in cases {
        let mut body = json!({ "conversationId": stage.company.conversation, "content": "x" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.post(&stage.ben, "/v1/messages", body).await.refused(400, expected);
    }
}

#[tokio::test]
async fn no_path_and_no_query_makes_a_5xx() {
    let stage = Stage::set().await;
    let own = &stage.company;
    for path in [
        "/v1/conversations/x".to_owned(),
        format!("/v1/conversations/{}", stage.ben.id),
        format!("/v1/conversations/{}%00", own.conversation),
        "/v1/messages/%F0%9F%98%80".to_owned(),
        "/v1/chatbots/..%2F..%2Fetc".to_owned(),
        format!("/v1/messages?conversationId={}&pageNumber=99999999999999999999", own.conversation),
        format!("/v1/messages?conversationId={}&beforeSeq=1&afterSeq=2", own.conversation),
        format!("/v1/messages?conversationId={}&search=x", own.conversation),
        format!("/v1/messages?search={}", "x".repeat(201)),
        "/v1/contacts?search=%00".to_owned(),
        "/v1/conversations?participantId=ben".to_owned(),
        "/v1/conversations?chatbotId=null".to_owned(),
        "/v1/conversations?unread=null".to_owned(),
    ] {
        let reply = stage.app.get(&path).by(&stage.ben).await;
        assert!((400..500).contains(&reply.status), "{path}: {} {}", reply.status, reply.text);
        assert_eq!(reply.json["result"], "ERR", "{path}");
    }
    let far = format!(
        "/v1/messages?conversationId={}&pageNumber=9223372036854775807&pageRowCount=200",
        own.conversation
    );
    assert_eq!(stage.get(&stage.ben, &far).await["messages"], json!([]));
    for body in ["[]", "{", "1", "\"x\"", ""] {
        let reply = stage.app.post("/v1/messages").by(&stage.ben).raw(body).await;
        assert_eq!(reply.status, 400, "{body}: {}", reply.text);
    }
}
