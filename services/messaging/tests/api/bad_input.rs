//! Whatever comes in, a clear 4xx goes out that names the field.

use chrono::TimeDelta;
use kit::Role;
use kit::clock::uuid_v7;
use serde_json::{Value, json};

use crate::stage::Stage;

#[tokio::test]
async fn bodies_that_are_no_json_objects() {
    let stage = Stage::set().await;
    let post = async |body: &'static [u8]| stage.app.post("/v1/messages").by(&stage.ada).raw(body).await;
    for broken in ["{", "{\"content\":}", "\u{feff}{}", "nul", "{\"a\":1,}"] {
        post(broken.as_bytes()).await.refused(400, "errMsg_bodyIsNotValidJson");
    }
    post(b"{\"content\":\"\xff\"}").await.refused(400, "errMsg_bodyIsNotValidJson");
    for other in ["[]", "1", "null", "\"x\"", "true"] {
        post(other.as_bytes()).await.refused(400, "errMsg_bodyIsNotAnObject");
    }
    post(b"").await.refused(400, "errMsg_conversationIdIsRequired");
    let deep = "[".repeat(100_000);
    stage.app.post("/v1/messages").by(&stage.ada).raw(deep).await.refused(400, "errMsg_bodyIsNotValidJson");
}

/// A good message, but for one field.
fn bad_messages() -> Vec<(&'static str, Value, &'static str)> {
    let long = |size| json!("x".repeat(size));
    vec![
        ("conversationId", json!(null), "errMsg_conversationIdIsRequired"),
        ("conversationId", json!("x"), "errMsg_conversationIdIsNotAValidID"),
        ("conversationId", json!(7), "errMsg_conversationIdIsNotAValidID"),
        ("conversationId", json!([]), "errMsg_conversationIdIsNotAValidID"),
        ("content", json!(null), "errMsg_contentIsRequired"),
        ("content", json!(""), "errMsg_contentIsRequired"),
        ("content", json!(" \n\t\u{2003}"), "errMsg_contentIsRequired"),
        ("content", json!(7), "errMsg_contentIsNotAValidText"),
        ("content", json!({ "a": 1 }), "errMsg_contentIsNotAValidText"),
        ("content", json!("a\0b"), "errMsg_contentIsNotAValidText"),
        ("content", long(10_001), "errMsg_contentIsTooLong"),
        ("content", long(1 << 20), "errMsg_contentIsTooLong"),
        ("senderUserId", json!("me"), "errMsg_senderUserIdIsNotAValidID"),
        ("sentAt", json!("yesterday"), "errMsg_sentAtIsNotAValidDate"),
        ("sentAt", json!("2026-02-30T00:00:00Z"), "errMsg_sentAtIsNotAValidDate"),
        ("sentAt", json!(1e300), "errMsg_sentAtIsNotAValidDate"),
        ("readBy", json!(["nobody"]), "errMsg_readByIsNotAValidID"),
        ("deletedFor", json!(1), "errMsg_deletedForIsNotAValidID"),
        ("clientMessageId", json!(1), "errMsg_clientMessageIdIsNotAValidText"),
        ("clientMessageId", long(1 << 20), "errMsg_clientMessageIdIsTooLong"),
    ]
}

#[tokio::test]
async fn fields_of_messages() {
    let stage = Stage::set().await;
    let good = json!({ "conversationId": stage.pair().await, "content": "x" });
    let post = async |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        stage.app.post("/v1/messages").by(&stage.ada).json(body).await
    };
    for (field, value, message) in bad_messages() {
        post(field, value).await.refused(400, message);
    }
    let unknown = json!(uuid_v7(stage.app.app.now()));
    post("conversationId", unknown).await.refused(404, "errMsg_conversationIsNotFound");
    let longest = json!("😀".repeat(10_000));
    assert_eq!(post("content", longest).await.status, 201, "length is in characters");
}

#[tokio::test]
async fn fields_of_conversations() {
    let stage = Stage::set().await;
    let (ada, ben) = (stage.ada.id, stage.ben.id);
    let many: Vec<_> = (0..10_000).map(|_| uuid_v7(stage.app.app.now())).chain([ada.uuid()]).collect();
    let cases = [
        (json!({}), "errMsg_isGroupIsRequired"),
        (json!({ "isGroup": "no" }), "errMsg_isGroupIsNotAValidBoolean"),
        (json!({ "isGroup": false }), "errMsg_participantIdsIsRequired"),
        (json!({ "isGroup": false, "participantIds": ["x"] }), "errMsg_participantIdsIsNotAValidID"),
        (json!({ "isGroup": false, "participantIds": ada }), "errMsg_participantIdsMustBeTwo"),
        (json!({ "isGroup": true, "participantIds": many }), "errMsg_participantIdsMustBeThreeToAThousand"),
        (
            json!({ "isGroup": false, "participantIds": [ada, ben], "lastMessageAt": "x" }),
            "errMsg_lastMessageAtIsNotAValidDate",
        ),
    ];
    for (body, message) in cases {
        stage.app.post("/v1/conversations").by(&stage.ada).json(body).await.refused(400, message);
    }
}

#[tokio::test]
async fn paths_and_queries() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let (unknown, far) = (uuid_v7(stage.app.app.now()), "100000000000000000000");
    let cases = [
        ("/v1/conversations/1".into(), 400, "errMsg_conversationIdIsNotAValidID"),
        ("/v1/conversations/%00".into(), 400, "errMsg_conversationIdIsNotAValidID"),
        (format!("/v1/conversations/{unknown}"), 404, "errMsg_conversationIsNotFound"),
        ("/v1/messages/x".into(), 400, "errMsg_messageIdIsNotAValidID"),
        (format!("/v1/messages/{unknown}"), 404, "errMsg_messageIsNotFound"),
        (format!("/v1/messages?conversationId={unknown}"), 404, "errMsg_conversationIsNotFound"),
        ("/v1/messages?conversationId=x".into(), 400, "errMsg_conversationIdIsNotAValidID"),
        (format!("/v1/messages?pageNumber={far}"), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/messages?pageNumber=-1".into(), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/conversations?pageRowCount=201".into(), 400, "errMsg_pageRowCountIsNotValid"),
        (format!("/v1/messages?conversationId={pair}&limit=0"), 400, "errMsg_limitIsNotValid"),
        (format!("/v1/messages?conversationId={pair}&beforeSeq={far}"), 400, "errMsg_beforeSeqIsNotValid"),
        (
            format!("/v1/messages?conversationId={pair}&beforeSeq=3&afterSeq=1"),
            400,
            "errMsg_afterSeqIsNotValid",
        ),
        ("/v1/nothing".into(), 404, "errMsg_notFound"),
        ("/".into(), 404, "errMsg_notFound"),
    ];
    for (path, status, message) in cases {
        stage.app.get(&path).by(&stage.ada).await.refused(status, message);
    }
}

#[tokio::test]
async fn methods_types_and_sizes() {
    let stage = Stage::set().await;
    let put = stage.app.ask(reqwest::Method::PUT, "/v1/messages").by(&stage.ada).await;
    put.refused(405, "errMsg_methodNotAllowed");
    assert_eq!(put.header("allow"), "GET, POST");
    let form = stage.app.post("/v1/messages").by(&stage.ada).header("Content-Type", "text/plain");
    testing::Ask(form.0.body("content=x")).await.refused(415, "errMsg_contentTypeIsNotJson");
    let huge = vec![b' '; 3 << 20];
    stage.app.post("/v1/messages").by(&stage.ada).raw(huge).await.refused(413, "errMsg_bodyIsTooLarge");
    let get = stage.app.get("/v1/conversations").by(&stage.ada).json(json!({})).await;
    assert_eq!(get.status, 200, "a body on a GET is ignored");
    let key = stage.app.post("/v1/messages").by(&stage.ada).header("Idempotency-Key", &"k".repeat(256));
    key.json(json!({})).await.refused(400, "errMsg_idempotencyKeyIsNotValid");
}

#[tokio::test]
async fn tokens_that_are_not_good_here() {
    let stage = Stage::set().await;
    let (issuer, ada) = (&stage.app.issuer, &stage.ada);
    let service = ("a service's", issuer.service("auth"));
    for (what, token) in issuer.forgeries(ada).into_iter().chain([service]) {
        let reply = stage.app.get("/v1/conversations").token(&token).await;
        let found = (reply.status, &reply.json["message"]);
        assert_eq!(found, (401, &json!("errMsg_userNotAuthenticated")), "{what}");
    }
    stage.app.get("/v1/conversations").await.refused(401, "errMsg_userNotAuthenticated");
    let long_ago = stage.app.app.now() - TimeDelta::hours(2);
    let expired = issuer.access(ada.id, ada.session, Role::User, long_ago);
    stage.app.get("/v1/conversations").token(&expired).await.refused(401, "errMsg_tokenIsExpired");
    let other_header = stage.app.get("/v1/conversations").header("token", &ada.token).await;
    assert_eq!(other_header.status, 200, "the header `token` will do");
}
