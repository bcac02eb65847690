//! Whatever comes in at the compact dialect, a clear 4xx goes out that names the field, with its `code`.

use kit::clock::uuid_v7;
use serde_json::{Value, json};

use crate::stage::{Stage, text};

const ONE_PLACE: &str = "errMsg_exactlyOneOfChatIdUserUUIDUserUUIDsGroupUUID";

#[tokio::test]
async fn places() {
    let stage = Stage::set().await;
    let (pair, ben, chloe) = (stage.pair().await, stage.ben.id, stage.chloe.id);
    let unknown = uuid_v7(stage.app.app.now());
    let many: Vec<_> = (0..1_000).map(|_| uuid_v7(stage.app.app.now())).collect();
    let cases = [
        (json!({}), 400, ONE_PLACE),
        (json!({ "chatId": "", "userUUID": null, "userUUIDs": [], "groupUUID": "" }), 400, ONE_PLACE),
        (json!({ "chatId": pair, "userUUID": ben }), 400, ONE_PLACE),
        (json!({ "userUUID": ben, "userUUIDs": [ben, chloe] }), 400, ONE_PLACE),
        (json!({ "userUUIDs": [ben, chloe], "groupUUID": pair }), 400, ONE_PLACE),
        (json!({ "userUUID": stage.ada.id }), 400, "errMsg_userUUIDIsTheCaller"),
        (json!({ "chatId": "x" }), 400, "errMsg_chatIdIsNotAValidID"),
        (json!({ "chatId": 1 }), 400, "errMsg_chatIdIsNotAValidID"),
        (json!({ "userUUID": [ben] }), 400, "errMsg_userUUIDIsNotAValidID"),
        (json!({ "userUUIDs": [ben, 7] }), 400, "errMsg_userUUIDsIsNotAValidID"),
        (json!({ "userUUIDs": ben }), 400, "errMsg_userUUIDsMakeNoGroup"),
        (json!({ "userUUIDs": [ben, stage.ada.id] }), 400, "errMsg_userUUIDsMakeNoGroup"),
        (json!({ "userUUIDs": many }), 400, "errMsg_userUUIDsMakeNoGroup"),
        (json!({ "chatId": unknown }), 404, "errMsg_conversationIsNotFound"),
        (json!({ "groupUUID": unknown }), 404, "errMsg_conversationIsNotFound"),
        (json!({ "userUUID": unknown }), 503, "errMsg_serviceIsUnavailable"),
    ];
    for (to, status, message) in cases {
        let refused = stage.say(&stage.ada, to, text("x")).await;
        refused.refused(status, message);
        assert_eq!((&refused.json["code"], &refused.json["errCode"]), (&json!(status), &json!(status)));
    }
    let stranger = stage.say(&stage.stranger, json!({ "chatId": pair }), text("x")).await;
    stranger.refused(403, "errMsg_callerIsNotAParticipant");
}

/// Somebody whom auth knew, and who is gone: nobody has to be asked.
#[tokio::test]
async fn people_who_are_gone() {
    let stage = Stage::set().await;
    let ghost = stage.app.person();
    stage.retire(ghost.id).await;
    let (ben, chloe) = (stage.ben.id, stage.chloe.id);
    let (private, several) =
        (json!({ "userUUID": ghost.id }), json!({ "userUUIDs": [ben, chloe, ghost.id] }));
    stage.say(&stage.ada, private, text("x")).await.refused(400, "errMsg_userUUIDIsNotKnown");
    stage.say(&stage.ada, several, text("x")).await.refused(400, "errMsg_userUUIDsIsNotKnown");
    let profile = json!({ "type": "profileId", "content": ghost.id });
    stage.say(&stage.ada, json!({ "userUUID": ben }), profile).await.refused(400, "errMsg_contentIsNotKnown");
    let group = json!({ "users": [ben, chloe, ghost.id] });
    stage.app.post("/chats/groups").by(&stage.ada).json(group).await.refused(400, "errMsg_usersIsNotKnown");
    let path = format!("/chats/groups/{}/users", stage.club().await);
    let add = stage.app.post(&path).by(&stage.ada).json(json!({ "users": ghost.id })).await;
    add.refused(400, "errMsg_usersIsNotKnown");
}

fn bad_messages() -> Vec<(Value, &'static str)> {
    let of = |kind: &str, content: Value| json!({ "type": kind, "content": content });
    let place = |lat: Value, lng: Value| of("location", json!({ "lat": lat, "lng": lng }));
    vec![
        (json!(null), "errMsg_messageIsRequired"),
        (json!("hello"), "errMsg_messageIsNotValid"),
        (json!({}), "errMsg_contentIsRequired"),
        (of("video", json!("x")), "errMsg_typeIsNotValid"),
        (of("system", json!("x")), "errMsg_typeIsNotValid"),
        (of("TEXT", json!("x")), "errMsg_typeIsNotValid"),
        (json!({ "type": 1, "content": "x" }), "errMsg_typeIsNotAValidText"),
        (of("text", json!(" \n\u{3000}")), "errMsg_contentIsRequired"),
        (of("text", json!({ "a": 1 })), "errMsg_contentIsNotAValidText"),
        (of("text", json!("a\u{0}")), "errMsg_contentIsNotAValidText"),
        (of("text", json!("x".repeat(10_001))), "errMsg_contentIsTooLong"),
        (of("link", json!("javascript:alert(1)")), "errMsg_contentIsNotValid"),
        (of("link", json!("java\nscript://example.com")), "errMsg_contentIsNotValid"),
        (of("link", json!("data:text/html,<script>")), "errMsg_contentIsNotValid"),
        (of("link", json!("example.com")), "errMsg_contentIsNotValid"),
        (of("link", json!(format!("https://example.com/{}", "x".repeat(2_000)))), "errMsg_contentIsTooLong"),
        (of("docId", json!("x")), "errMsg_contentIsNotAValidID"),
        (of("profileId", json!("ada")), "errMsg_contentIsNotAValidID"),
        (of("location", json!("Vienna")), "errMsg_contentIsNotValid"),
        (of("location", json!({})), "errMsg_latIsRequired"),
        (place(json!(1), json!(null)), "errMsg_lngIsRequired"),
        (place(json!("1"), json!(1)), "errMsg_latIsNotValid"),
        (place(json!(90.1), json!(0)), "errMsg_latIsOutOfRange"),
        (place(json!(0), json!(-181)), "errMsg_lngIsOutOfRange"),
        (place(json!(1e300), json!(0)), "errMsg_latIsOutOfRange"),
        (of("location", json!({ "lat": 0, "lng": 0, "name": 7 })), "errMsg_nameIsNotAValidText"),
        (json!({ "content": "x", "replyTo": "x" }), "errMsg_replyToIsNotAValidID"),
        (json!({ "content": "x", "clientMessageId": "x".repeat(201) }), "errMsg_clientMessageIdIsTooLong"),
    ]
}

#[tokio::test]
async fn messages() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    for (message, refusal) in bad_messages() {
        let refused = stage.say(&stage.ada, json!({ "chatId": pair }), message.clone()).await;
        assert_eq!((refused.status, &refused.json["message"]), (400, &json!(refusal)), "{message}");
        assert_eq!(refused.json["code"], 400);
    }
    assert_eq!(stage.history(&stage.ada, &pair, "").await["meta"]["total"], 0);
    let v1 = async |kind: &str, content: &str, refusal: &str| {
        let body = json!({ "conversationId": pair, "type": kind, "content": content });
        stage.app.post("/v1/messages").by(&stage.ada).json(body).await.refused(400, refusal);
    };
    v1("link", "javascript:x", "errMsg_contentIsNotValid").await;
    v1("location", "{\"lat\":91,\"lng\":0}", "errMsg_latIsOutOfRange").await;
    v1("location", "[]", "errMsg_contentIsNotValid").await;
    v1("system", "I am the system", "errMsg_typeIsNotValid").await;
}

#[tokio::test]
async fn lists() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let of_chat = |query: &str| format!("/chats/messages?chatId={pair}&{query}");
    let unknown = uuid_v7(stage.app.app.now());
    let cases = [
        ("/chats/messages".into(), 400, "errMsg_chatIdIsRequired"),
        ("/chats/messages?chatId=x".into(), 400, "errMsg_chatIdIsNotAValidID"),
        (format!("/chats/messages?chatId={unknown}"), 404, "errMsg_conversationIsNotFound"),
        (of_chat("limit=-1"), 400, "errMsg_limitIsNotValid"),
        (of_chat("limit=0"), 400, "errMsg_limitIsNotValid"),
        (of_chat("limit=201"), 400, "errMsg_limitIsNotValid"),
        (of_chat("limit=x"), 400, "errMsg_limitIsNotValid"),
        (of_chat("limit=1&limit=2"), 400, "errMsg_limitIsNotValid"),
        (of_chat("skip=-1"), 400, "errMsg_skipIsNotValid"),
        (of_chat("skip=100000000000000000000"), 400, "errMsg_skipIsNotValid"),
        (of_chat("cursor=x"), 400, "errMsg_cursorIsNotValid"),
        (of_chat("cursor=-1"), 400, "errMsg_cursorIsNotValid"),
        (of_chat("cursor=3&skip=1"), 400, "errMsg_skipIsNotValid"),
        (of_chat("startAt=yesterday"), 400, "errMsg_startAtIsNotAValidDate"),
        (of_chat("endAt=2026-02-30T00:00:00Z"), 400, "errMsg_endAtIsNotAValidDate"),
        (of_chat("startAt=9223372036854775807"), 400, "errMsg_startAtIsNotAValidDate"),
        (of_chat("startAt=200&endAt=100"), 400, "errMsg_endAtIsNotValid"),
        ("/chats?limit=-1".into(), 400, "errMsg_limitIsNotValid"),
        ("/chats?skip=-1".into(), 400, "errMsg_skipIsNotValid"),
        ("/chats?cursor=x".into(), 400, "errMsg_cursorIsNotValid"),
        ("/chats/groups/x".into(), 400, "errMsg_groupIdIsNotAValidID"),
        (format!("/chats/groups/{unknown}"), 404, "errMsg_conversationIsNotFound"),
        ("/chats/nothing".into(), 404, "errMsg_notFound"),
    ];
    for (path, status, message) in cases {
        let refused = stage.app.get(&path).by(&stage.ada).await;
        assert_eq!((refused.status, &refused.json["message"]), (status, &json!(message)), "{path}");
        assert_eq!(refused.json["code"], status, "{path}");
    }
    let broken = stage.app.ask(reqwest::Method::GET, "/chats/messages").by(&stage.ada).raw("{").await;
    broken.refused(400, "errMsg_bodyIsNotValidJson");
    assert_eq!(stage.app.get("/chats").await.json["code"], 401);
    let put = stage.app.ask(reqwest::Method::PUT, "/chats").by(&stage.ada).await;
    assert_eq!((put.status, &put.json["code"]), (405, &json!(405)));
    let other_header = stage.app.get("/chats").header("token", &stage.ada.token).await;
    assert_eq!(other_header.status, 200, "the header `token` will do");
}

#[tokio::test]
async fn groups() {
    let stage = Stage::set().await;
    let (ben, chloe) = (stage.ben.id, stage.chloe.id);
    let cases = [
        (json!({}), "errMsg_usersIsRequired"),
        (json!({ "users": [] }), "errMsg_usersMakeNoGroup"),
        (json!({ "users": ben }), "errMsg_usersMakeNoGroup"),
        (json!({ "users": ["x"] }), "errMsg_usersIsNotAValidID"),
        (json!({ "users": [ben, chloe], "name": "x".repeat(101) }), "errMsg_nameIsTooLong"),
        (json!({ "users": [ben, chloe], "name": "  " }), "errMsg_nameIsRequired"),
        (json!({ "users": [ben, chloe], "name": 7 }), "errMsg_nameIsNotAValidText"),
        (json!({ "users": [ben, chloe], "desc": "x".repeat(1_001) }), "errMsg_descIsTooLong"),
        (json!({ "users": [ben, chloe], "icon": "javascript:x" }), "errMsg_iconIsNotValid"),
    ];
    for (body, message) in cases {
        let refused = stage.app.post("/chats/groups").by(&stage.ada).json(body.clone()).await;
        assert_eq!((refused.status, &refused.json["message"]), (400, &json!(message)), "{body}");
    }
}
