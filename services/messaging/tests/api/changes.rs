//! Messages change: edits, reads out of order, hides, and deletes.

use serde_json::{Value, json};
use testing::Person;

use crate::stage::{Stage, id, seqs};

async fn patch(stage: &Stage, by: &Person, message: &Value, body: Value) -> testing::Reply {
    stage.app.patch(&format!("/v1/messages/{}", id(message))).by(by).json(body).await
}

async fn delete(stage: &Stage, by: &Person, message: &Value) -> Value {
    stage.app.delete(&format!("/v1/messages/{}", id(message))).by(by).await.expect(200)
}

#[tokio::test]
async fn the_sender_edits() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.send(&stage.ada, &pair, "helo").await;
    let edited =
        patch(&stage, &stage.ada, &sent, json!({ "content": "hello" })).await.expect(200)["message"].clone();
    assert_eq!((&edited["content"], &edited["recordVersion"]), (&json!("hello"), &json!(2)));
    assert_eq!((&edited["seq"], &edited["sentAt"]), (&sent["seq"], &sent["sentAt"]));
    assert_eq!(stage.conversation(&stage.ben, &pair).await["lastMessage"]["content"], "hello");
    assert_eq!(stage.told_last("message-updated")["data"]["message"]["content"], "hello");
    let same = patch(&stage, &stage.ada, &sent, json!({ "content": "hello" })).await.expect(200);
    assert_eq!(same["message"]["recordVersion"], 2, "the same content is no edit");
    let by_ben = patch(&stage, &stage.ben, &sent, json!({ "content": "hello" })).await;
    by_ben.refused(403, "errMsg_contentIsAnothers");
    patch(&stage, &stage.ada, &sent, json!({ "content": " " }))
        .await
        .refused(400, "errMsg_contentIsRequired");
    patch(&stage, &stage.ada, &sent, json!({ "content": 1 }))
        .await
        .refused(400, "errMsg_contentIsNotAValidText");
    let path = format!("/v1/messages/{}", id(&sent));
    let old =
        stage.app.patch(&path).by(&stage.ada).header("If-Match", "1").json(json!({ "content": "x" })).await;
    old.refused(409, "errMsg_recordVersionIsStale");
}

#[tokio::test]
async fn messages_are_read_one_by_one_in_any_order() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let mut sent = Vec::new();
    for n in 1..=4 {
        sent.push(stage.send(&stage.ada, &pair, &format!("{n}")).await);
    }
    let (ada, ben) = (stage.ada.id, stage.ben.id);
    let read = patch(&stage, &stage.ben, &sent[2], json!({ "readBy": [ada, ben] })).await.expect(200);
    assert_eq!(
        (&read["message"]["readBy"], &read["message"]["readByCount"]),
        (&json!([ada, ben]), &json!(2))
    );
    assert_eq!(read["message"]["recordVersion"], 1, "reading is no change of the message");
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 3);
    assert_eq!(stage.told_last("message-read")["data"]["seq"], 3);
    let told = stage.told().len();
    let _ = patch(&stage, &stage.ben, &sent[2], json!({ "readBy": ben })).await.expect(200);
    assert_eq!(stage.told().len(), told, "read once");
    assert_eq!(stage.read(&stage.ben, &pair, json!({ "upToSeq": 2 })).await["unreadCount"], 1);
    let _ = patch(&stage, &stage.ben, &sent[3], json!({ "readBy": [ben] })).await.expect(200);
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 0);
    let chloe = stage.chloe.id;
    let foreign = patch(&stage, &stage.ben, &sent[0], json!({ "readBy": [ben, chloe] })).await;
    foreign.refused(403, "errMsg_readByNamesAnother");
    let all = stage.messages(&stage.ada, &format!("conversationId={pair}")).await;
    assert!(all["messages"].as_array().unwrap().iter().all(|message| message["readByCount"] == 2));
}

#[tokio::test]
async fn deleted_for_me_is_gone_for_me() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let mut sent = Vec::new();
    for n in 1..=5 {
        sent.push(stage.send(&stage.ada, &pair, &format!("{n}")).await);
    }
    for message in [&sent[1], &sent[4]] {
        let gone = delete(&stage, &stage.ben, message).await;
        assert_eq!((&gone["effect"], &gone["message"]["isActive"]), (&json!("deletedForMe"), &json!(false)));
    }
    let list =
        async |query: &str| stage.messages(&stage.ben, &format!("conversationId={pair}&{query}")).await;
    let all = list("").await;
    assert_eq!((seqs(&all), &all["paging"]["totalRowCount"]), (vec![1, 3, 4], &json!(3)));
    assert_eq!(seqs(&list("limit=2").await), [3, 4]);
    assert_eq!(seqs(&list("beforeSeq=4&limit=2").await), [1, 3]);
    assert_eq!(seqs(&list("afterSeq=1&limit=1").await), [3]);
    assert_eq!(seqs(&list("aroundSeq=3&limit=2").await), [3, 4]);
    assert_eq!(seqs(&list("pageNumber=2&pageRowCount=2").await), [4]);
    assert_eq!(seqs(&stage.messages(&stage.ben, "").await), [1, 3, 4]);
    let seen = stage.conversation(&stage.ben, &pair).await;
    assert_eq!((&seen["unreadCount"], &seen["lastMessage"]["seq"]), (&json!(3), &json!(4)));
    let listed =
        stage.app.get("/v1/conversations").by(&stage.ben).await.expect(200)["conversations"][0].clone();
    assert_eq!(listed["lastMessage"], seen["lastMessage"]);
    let path = format!("/v1/messages/{}", id(&sent[1]));
    stage.app.get(&path).by(&stage.ben).await.refused(404, "errMsg_messageIsNotFound");
    stage.app.delete(&path).by(&stage.ben).await.refused(404, "errMsg_messageIsNotFound");
    assert_eq!(
        stage.conversation(&stage.ada, &pair).await["lastMessage"]["seq"],
        5,
        "for others it is there"
    );
    let read = stage.read(&stage.ben, &pair, json!({})).await;
    assert_eq!(read["unreadCount"], 0);
    let by_ada = stage.messages(&stage.ada, &format!("conversationId={pair}")).await;
    assert_eq!(by_ada["messages"][1]["readBy"], json!([stage.ada.id]), "hiding isn't reading");
    assert_eq!(by_ada["messages"][0]["readBy"], json!([stage.ada.id, stage.ben.id]));
}

#[tokio::test]
async fn a_sender_deletes_for_themselves_through_deleted_for() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.send(&stage.ada, &pair, "x").await;
    let ada = stage.ada.id;
    let hidden = patch(&stage, &stage.ada, &sent, json!({ "deletedFor": ada })).await.expect(200);
    assert_eq!(hidden["message"]["deletedFor"], json!([ada]));
    assert_eq!(stage.messages(&stage.ada, "").await["rowCount"], 0);
    let for_ben = stage.messages(&stage.ben, "").await;
    assert_eq!((&for_ben["rowCount"], &for_ben["messages"][0]["deletedFor"]), (&json!(1), &json!([])));
    let event = stage.told_last("message-hidden");
    assert_eq!(event["recipients"], json!([format!("user:{ada}")]), "nobody else is told");
}

#[tokio::test]
async fn deleted_for_all_by_its_sender() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let first = stage.send(&stage.ada, &group, "one").await;
    let second = stage.send(&stage.ada, &group, "two").await;
    let _ = stage.read(&stage.ben, &group, json!({})).await;
    let gone = delete(&stage, &stage.ada, &second).await;
    assert_eq!((&gone["effect"], &gone["message"]["isActive"]), (&json!("deletedForAll"), &json!(false)));
    assert_eq!(gone["message"]["recordVersion"], 2);
    for (person, unread) in [(&stage.ada, 0), (&stage.ben, 0), (&stage.chloe, 1)] {
        let seen = stage.conversation(person, &group).await;
        assert_eq!((&seen["unreadCount"], &seen["lastMessage"]["content"]), (&json!(unread), &json!("one")));
        assert_eq!(seen["lastMessageAt"], second["sentAt"], "it never goes back");
        let list = stage.messages(person, &format!("conversationId={group}")).await;
        assert_eq!((seqs(&list), &list["paging"]["totalRowCount"]), (vec![1], &json!(1)));
    }
    let event = stage.told_last("message-deleted");
    assert_eq!(event["data"]["message"]["content"], "", "its content is erased");
    assert_eq!(event["data"]["members"].as_array().unwrap().len(), 1, "for one it had counted");
    assert_eq!(event["data"]["lastMessage"]["id"], first["id"]);
    assert_eq!(stage.send(&stage.ben, &group, "three").await["seq"], 3, "its number stays taken");
    let path = format!("/v1/messages/{}", id(&second));
    stage.app.get(&path).by(&stage.ada).await.refused(404, "errMsg_messageIsNotFound");
}

#[tokio::test]
async fn explain_lists_what_counts() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let mut sent = Vec::new();
    for n in 1..=4 {
        sent.push(stage.send(if n == 3 { &stage.ben } else { &stage.ada }, &pair, "x").await);
    }
    let _ = patch(&stage, &stage.ben, &sent[1], json!({ "readBy": stage.ben.id })).await.expect(200);
    let path = format!("/v1/conversations/{pair}?explain=true");
    let json = stage.app.get(&path).by(&stage.ben).await.expect(200);
    assert_eq!(json["explain"]["counting"], json!([1, 4]));
    assert_eq!(json["explain"]["countedOneByOne"], json["conversation"]["unreadCount"]);
    let odd = stage.app.get(&format!("/v1/conversations/{pair}?explain=1")).by(&stage.ben).await;
    odd.refused(400, "errMsg_explainIsNotAValidBoolean");
}
