//! Reading: unread counts, and who has read a message.

use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn unread_is_what_others_said() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    for _ in 0..3 {
        stage.send(&stage.ada, &pair, "x").await;
    }
    stage.send(&stage.ben, &pair, "y").await;
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 3, "sending does not read");
    assert_eq!(stage.conversation(&stage.ada, &pair).await["unreadCount"], 1);
}

#[tokio::test]
async fn reading_up_to_a_message_and_reading_all() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    for n in 0..6 {
        stage.send(if n == 2 { &stage.ben } else { &stage.ada }, &pair, "x").await;
    }
    assert_eq!(stage.read(&stage.ben, &pair, json!({ "upToSeq": 4 })).await["unreadCount"], 2);
    assert_eq!(stage.read(&stage.ben, &pair, json!({ "upToSeq": 2 })).await["unreadCount"], 2, "never back");
    assert_eq!(stage.read(&stage.ben, &pair, json!({ "upToSeq": 0 })).await["unreadCount"], 2);
    assert_eq!(stage.read(&stage.ben, &pair, json!({})).await["unreadCount"], 0);
    assert_eq!(stage.read(&stage.ben, &pair, json!({ "upToSeq": 9_999_999 })).await["unreadCount"], 0);
    stage.send(&stage.ada, &pair, "x").await;
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 1);
}

#[tokio::test]
async fn read_by_names_those_who_read() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    for _ in 0..2 {
        stage.send(&stage.ada, &group, "x").await;
    }
    stage.read(&stage.ben, &group, json!({ "upToSeq": 1 })).await;
    let list = stage.messages(&stage.chloe, &format!("conversationId={group}")).await;
    assert_eq!(list["messages"][0]["readBy"], json!([stage.ada.id, stage.ben.id]));
    assert_eq!(list["messages"][0]["readByCount"], 2);
    assert_eq!(list["messages"][1]["readBy"], json!([stage.ada.id]));
}

#[tokio::test]
async fn reading_is_announced_once_and_is_no_change_of_the_conversation() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    stage.send(&stage.ada, &pair, "x").await;
    let before = stage.told().len();
    let first = stage.read(&stage.ben, &pair, json!({})).await;
    assert_eq!(first["recordVersion"], 1);
    stage.read(&stage.ben, &pair, json!({})).await;
    let told = stage.told();
    assert_eq!(told.len(), before + 1);
    let event = told.last().unwrap();
    assert_eq!(event["type"], "conversation-read");
    let member = json!({ "userId": stage.ben.id, "readSeq": 1, "uncounted": 0, "visibleFrom": 1, "isMember": true, "hiddenSeq": null, "rev": 2 });
    assert_eq!(event["data"], json!({ "conversationId": pair, "member": member }));
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let path = format!("/v1/conversations/{pair}/read");
    let read = async |by, body| stage.app.post(&path).by(by).json(body).await;
    read(&stage.stranger, json!({})).await.refused(403, "errMsg_callerIsNotAParticipant");
    read(&stage.ada, json!({ "upToSeq": -1 })).await.refused(400, "errMsg_upToSeqIsNotValid");
    read(&stage.ada, json!({ "upToSeq": "1" })).await.refused(400, "errMsg_upToSeqIsNotValid");
    read(&stage.ada, json!({ "upToSeq": 1e30 })).await.refused(400, "errMsg_upToSeqIsNotValid");
}
