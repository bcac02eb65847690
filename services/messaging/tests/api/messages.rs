//! Sending, getting and listing messages.

use serde_json::{Value, json};

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn a_message_is_numbered_stored_and_announced() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.send(&stage.ada, &pair, "  Hallo Ben 👋\n").await;
    assert_eq!(
        (&sent["seq"], &sent["content"]),
        (&json!(1), &json!("  Hallo Ben 👋\n")),
        "it is not trimmed"
    );
    assert_eq!((&sent["senderUserId"], &sent["_owner"]), (&json!(stage.ada.id), &json!(stage.ada.id)));
    assert_eq!((&sent["readBy"], &sent["readByCount"]), (&json!([stage.ada.id]), &json!(1)));
    assert_eq!(
        (&sent["type"], &sent["isActive"], &sent["recordVersion"]),
        (&json!("text"), &json!(true), &json!(1))
    );
    assert_eq!(stage.conversation(&stage.ben, &pair).await["lastMessageAt"], sent["sentAt"]);

    let got = stage.app.get(&format!("/v1/messages/{}", id(&sent))).by(&stage.ben).await.expect(200);
    assert_eq!(got["message"], sent);
}

#[tokio::test]
async fn the_event_carries_the_message_and_the_senders_state() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.send(&stage.ada, &pair, "hello").await;
    let event: Value = stage.told().pop().unwrap();
    assert_eq!((&event["source"], &event["type"]), (&json!("messaging"), &json!("message-created")));
    assert_eq!(event["subject"], json!(pair));
    let mut recipients: Vec<_> = event["recipients"].as_array().unwrap().clone();
    recipients.sort_by_key(ToString::to_string);
    let mut expected = vec![json!(format!("user:{}", stage.ada.id)), json!(format!("user:{}", stage.ben.id))];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(recipients, expected);
    let told = &event["data"]["message"];
    for field in
        ["id", "conversationId", "seq", "senderUserId", "content", "type", "sentAt", "createdAt", "isActive"]
    {
        assert_eq!(told[field], sent[field], "{field}");
    }
    let member = json!({ "userId": stage.ada.id, "readSeq": 0, "uncounted": 1, "visibleFrom": 1, "isMember": true, "hiddenSeq": null, "rev": 2 });
    assert_eq!(event["data"]["members"], json!([member]));
    let typed: events::Event<events::messaging::MessageCreated> = serde_json::from_value(event).unwrap();
    assert_eq!(typed.data.message.seq, 1);
}

#[tokio::test]
async fn only_participants_send_and_see() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.send(&stage.ada, &pair, "private").await;
    let body = json!({ "conversationId": pair, "content": "let me in" });
    let by_stranger = stage.app.post("/v1/messages").by(&stage.stranger).json(body).await;
    by_stranger.refused(403, "errMsg_callerIsNotAParticipant");
    for path in [format!("/v1/messages/{}", id(&sent)), format!("/v1/messages?conversationId={pair}")] {
        stage.app.get(&path).by(&stage.stranger).await.refused(403, "errMsg_callerIsNotAParticipant");
        stage.app.get(&path).by(&stage.app.staff()).await.refused(403, "errMsg_callerIsNotAParticipant");
    }
    assert_eq!(stage.messages(&stage.stranger, "").await["rowCount"], 0);
    assert_eq!(stage.conversation(&stage.ada, &pair).await["lastMessage"]["seq"], 1, "nothing came in");
}

#[tokio::test]
async fn nobody_speaks_for_another() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let body = |sender| json!({ "conversationId": pair, "content": "x", "senderUserId": sender });
    let as_ben = stage.app.post("/v1/messages").by(&stage.ada).json(body(stage.ben.id)).await;
    as_ben.refused(403, "errMsg_senderUserIdIsNotTheCaller");
    let as_ada = stage.app.post("/v1/messages").by(&stage.ada).json(body(stage.ada.id)).await;
    assert_eq!(as_ada.status, 201);
}

#[tokio::test]
async fn what_the_server_owns_is_checked_and_ignored() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let body = json!({
        "conversationId": pair, "content": "x", "sentAt": "1999-12-31T23:59:59Z",
        "readBy": [stage.ben.id], "deletedFor": stage.ben.id,
    });
    let sent = stage.app.post("/v1/messages").by(&stage.ada).json(body).await.expect(201);
    assert_eq!(sent["message"]["readBy"], json!([stage.ada.id]));
    assert_eq!(sent["message"]["deletedFor"], json!([]));
    assert!(sent["message"]["sentAt"].as_str().unwrap() > "2026");
}

#[tokio::test]
async fn a_client_message_id_is_taken_once() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let body = |content| json!({ "conversationId": pair, "content": content, "clientMessageId": "bubble-1" });
    let first = stage.app.post("/v1/messages").by(&stage.ada).json(body("one")).await.expect(201);
    let again = stage.app.post("/v1/messages").by(&stage.ada).json(body("two")).await.expect(200);
    assert_eq!((&again["message"], &again["reused"]), (&first["message"], &json!(true)));
    assert_eq!(first["message"]["clientMessageId"], "bubble-1");
    let with_key = stage
        .app
        .post("/v1/messages")
        .by(&stage.ada)
        .header("Idempotency-Key", "k")
        .json(body("three"))
        .await;
    assert_eq!(with_key.expect(200)["message"]["id"], first["message"]["id"]);
    let others = stage.app.post("/v1/messages").by(&stage.ben).json(body("mine")).await.expect(201);
    assert_eq!(
        others["message"]["seq"], 2,
        "each sender has names of their own, and a repetition takes no number"
    );
}

#[tokio::test]
async fn pages_and_places() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    for n in 1..=7 {
        stage.send(if n % 2 == 0 { &stage.ben } else { &stage.ada }, &pair, &format!("{n}")).await;
    }
    let list = async |query: &str| {
        seqs(&stage.messages(&stage.ben, &format!("conversationId={pair}&{query}")).await)
    };
    assert_eq!(list("").await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(list("pageNumber=2&pageRowCount=3").await, [4, 5, 6]);
    assert_eq!(list("pageNumber=3&pageRowCount=3").await, [7]);
    assert_eq!(list("pageNumber=4&pageRowCount=3").await, [0; 0]);
    assert_eq!(list("pageNumber=9223372036854775807&pageRowCount=200").await, [0; 0]);
    assert_eq!(list("pageNumber=0").await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(list("limit=2").await, [6, 7]);
    assert_eq!(list("beforeSeq=4&limit=2").await, [2, 3]);
    assert_eq!(list("afterSeq=4&limit=2").await, [5, 6]);
    assert_eq!(list("aroundSeq=4&limit=3").await, [3, 4, 5]);
    assert_eq!(list("afterSeq=9223372036854775807").await, [0; 0]);
    let page =
        stage.messages(&stage.ada, &format!("conversationId={pair}&pageNumber=2&pageRowCount=3")).await;
    assert_eq!(
        page["paging"],
        json!({ "pageNumber": 2, "pageRowCount": 3, "totalRowCount": 7, "pageCount": 3 })
    );
}

#[tokio::test]
async fn across_all_conversations_by_time() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    for (place, content) in [(&pair, "1"), (&group, "2"), (&pair, "3"), (&group, "4")] {
        stage.send(&stage.ada, place, content).await;
    }
    let contents = |json: &Value| -> Vec<String> {
        json["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["content"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = stage.messages(&stage.ben, "").await;
    let mut sorted = contents(&all);
    sorted.sort();
    assert_eq!(sorted, ["1", "2", "3", "4"]);
    let times: Vec<&str> =
        all["messages"].as_array().unwrap().iter().map(|m| m["sentAt"].as_str().unwrap()).collect();
    assert!(times.is_sorted());
    assert_eq!(all["paging"]["totalRowCount"], 4);
    assert_eq!(contents(&stage.messages(&stage.chloe, "").await).len(), 2, "only where she is");
    let tail = stage.messages(&stage.ben, "pageNumber=2&pageRowCount=3").await;
    assert_eq!(tail["rowCount"], 1);
    assert_eq!(tail["messages"][0], all["messages"][3]);
}
