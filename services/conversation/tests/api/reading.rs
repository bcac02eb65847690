//! Reading: one message, in any order, or all up to a place.

use serde_json::json;

use crate::stage::{Stage, id};

#[tokio::test]
async fn a_message_is_read_by_its_receiver_and_the_first_time_stays() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = stage.send(&stage.ben, &thread, "hello").await;
    let read = stage.read(&stage.ada, &message).await.expect(200)["conversationMessage"].clone();
    assert_eq!((&read["isRead"], &read["recordVersion"]), (&json!(true), &json!(2)));
    assert_eq!(read["readAt"], read["updatedAt"]);
    let again = stage.read(&stage.ada, &message).await.expect(200)["conversationMessage"].clone();
    assert_eq!(again, read, "idempotent");
    assert_eq!(stage.see(&stage.ada, &thread).await["unreadCount"], 0);
    let [told] = stage.told("message-read").try_into().unwrap();
    assert_eq!(told["data"]["message"]["readAt"], read["readAt"]);
    assert_eq!(told["data"]["member"]["readSeq"], 1);
    for other in [&stage.ben, &stage.staff] {
        let reply = stage.read(other, &message).await;
        reply.refused(403, "errMsg_callerIsNotTheReceiver");
    }
    stage.read(&stage.stranger, &message).await.refused(403, "errMsg_callerIsNotInTheThread");
}

#[tokio::test]
async fn messages_are_read_out_of_order() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let mut messages = Vec::new();
    for n in 1..=3 {
        messages.push(stage.send(&stage.ben, &thread, &n.to_string()).await);
    }
    for (nth, left) in [(1, 2), (0, 1), (2, 0)] {
        stage.read(&stage.ada, &messages[nth]).await.succeeded();
        assert_eq!(stage.see(&stage.ada, &thread).await["unreadCount"], left);
    }
}

#[tokio::test]
async fn a_thread_is_read_up_to_a_place_or_whole() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    for n in 1..=4 {
        stage.send(&stage.ben, &thread, &n.to_string()).await;
    }
    stage.send(&stage.ada, &thread, "mine").await;
    let path = format!("/v1/conversationthreads/{thread}/read");
    let read = async |body| stage.app.post(&path).by(&stage.ada).json(body).await.expect(200);
    assert_eq!(read(json!({ "upToSeq": 3 })).await["conversationThread"]["unreadCount"], 1);
    let list = stage.history(&stage.ben, &thread, "").await;
    let shown: Vec<_> =
        list["conversationMessages"].as_array().unwrap().iter().map(|m| &m["isRead"]).collect();
    assert_eq!(shown, [true, true, true, false, false]);
    assert_eq!(list["conversationMessages"][0]["recordVersion"], 2, "being read counts as an update");
    assert_eq!(read(json!({})).await["conversationThread"]["unreadCount"], 0);
    assert_eq!(read(json!({})).await["conversationThread"]["unreadCount"], 0);
    assert_eq!(stage.told("thread-read").len(), 2, "reading nothing new tells nothing");
    stage
        .app
        .post(&path)
        .by(&stage.staff)
        .json(json!({}))
        .await
        .refused(403, "errMsg_callerIsNotInTheThread");
}

#[tokio::test]
async fn if_match_guards_a_reading() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = stage.send(&stage.ben, &thread, "hello").await;
    let path = format!("/v1/markmessageasread/{}", id(&message));
    let read = async |version: &str| stage.app.patch(&path).by(&stage.ada).header("If-Match", version).await;
    read("7").await.refused(409, "errMsg_recordVersionIsStale");
    read("x").await.refused(400, "errMsg_ifMatchIsNotValid");
    assert_eq!(read("1").await.status, 200);
}
