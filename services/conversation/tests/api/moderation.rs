//! Moderation: what the staff delete and bring back, and the log of it.

use diesel::prelude::*;
use diesel::sql_query;
use kit::Service as _;
use serde_json::{Value, json};

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn a_deleted_message_is_gone_for_the_two_and_stays_for_the_staff() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let first = stage.send(&stage.ben, &thread, "first").await;
    let second = stage.send(&stage.ben, &thread, "second").await;
    let deleted = stage.delete(&stage.staff, &second).await.expect(200)["conversationMessage"].clone();
    assert_eq!((&deleted["isActive"], &deleted["recordVersion"]), (&json!(false), &json!(2)));
    assert_eq!(deleted["deletedBy"], json!(stage.staff.id));
    let path = format!("/v1/conversationmessages/{}", id(&second));
    for person in [&stage.ada, &stage.ben, &stage.staff] {
        stage.app.get(&path).by(person).await.refused(404, "errMsg_conversationMessageIsNotFound");
        let list = stage.history(person, &thread, "").await;
        assert_eq!((seqs(&list), &list["paging"]["totalRowCount"]), (vec![1], &json!(1)));
        assert_eq!(seqs(&stage.history(person, &thread, "limit=5").await), [1]);
    }
    let seen = stage.see(&stage.ada, &thread).await;
    assert_eq!((&seen["unreadCount"], &seen["lastMessage"]["id"]), (&json!(1), &first["id"]));
    assert_eq!(seen["lastMessageAt"], second["sentAt"], "the time does not go back");
    let whole = stage.app.get(&format!("{path}?includeInactive=true")).by(&stage.staff).await.expect(200);
    assert_eq!(whole["conversationMessage"]["content"], "second");
    let list = stage.history(&stage.staff, &thread, "includeInactive=true").await;
    assert_eq!((seqs(&list), &list["paging"]["totalRowCount"]), (vec![1, 2], &json!(2)));
    let [told] = stage.told("message-deleted").try_into().unwrap();
    assert_eq!(told["data"]["message"]["content"], "", "nobody is told what it said");
    assert_eq!(told["data"]["lastMessage"]["id"], first["id"]);
    stage.delete(&stage.staff, &second).await.refused(404, "errMsg_conversationMessageIsNotFound");
    stage.read(&stage.ada, &second).await.refused(404, "errMsg_conversationMessageIsNotFound");
}

#[tokio::test]
async fn what_comes_back_is_unread_again_unless_it_was_read() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let unread = async || stage.see(&stage.ada, &thread).await["unreadCount"].as_i64().unwrap();
    let [first, second] =
        [stage.send(&stage.ben, &thread, "1").await, stage.send(&stage.ben, &thread, "2").await];
    stage.delete(&stage.staff, &first).await.succeeded();
    stage.read(&stage.ada, &second).await.succeeded();
    assert_eq!(unread().await, 0);
    let back = stage.restore(&stage.staff, &first).await.expect(200)["conversationMessage"].clone();
    assert_eq!((&back["isActive"], &back["recordVersion"]), (&json!(true), &json!(3)));
    assert_eq!(unread().await, 1, "the watermark had passed it while it was away");
    stage.read(&stage.ada, &first).await.succeeded();
    stage.delete(&stage.staff, &first).await.succeeded();
    stage.restore(&stage.staff, &first).await.succeeded();
    assert_eq!(unread().await, 0);
    assert_eq!(stage.told("message-restored").len(), 2);
    assert_eq!(stage.restore(&stage.staff, &first).await.status, 200, "there is nothing to restore");
    assert_eq!(stage.told("message-restored").len(), 2);
}

async fn moderated() -> (Stage, Vec<Value>) {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    for n in 1..=3 {
        let message = stage.send(&stage.ben, &thread, &n.to_string()).await;
        stage.delete(&stage.staff, &message).await.succeeded();
        stage.restore(&stage.staff, &message).await.succeeded();
    }
    let log = stage.app.get("/v1/moderationlog").by(&stage.staff).await.expect(200);
    let rows = log["moderationLog"].as_array().unwrap().clone();
    (stage, rows)
}

async fn verify(stage: &Stage) -> Result<String, String> {
    let words = ["moderation", "verify"].map(str::to_owned);
    let command = conversation::Conversation::command(&stage.app.app, &words).unwrap();
    command.await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn the_log_tells_who_did_what_and_why() {
    let (stage, rows) = moderated().await;
    assert_eq!(rows.len(), 6);
    let (newest, oldest) = (&rows[0], &rows[5]);
    assert_eq!(
        (&newest["seq"], &newest["action"], &newest["reason"]),
        (&json!(6), &json!("restore"), &json!(null))
    );
    assert_eq!(
        (&oldest["seq"], &oldest["action"], &oldest["reason"]),
        (&json!(1), &json!("delete"), &json!("spam"))
    );
    assert_eq!(oldest["actorId"], json!(stage.staff.id));
    let page =
        stage.app.get("/v1/moderationlog?pageNumber=2&pageRowCount=4").by(&stage.staff).await.expect(200);
    assert_eq!(page["moderationLog"].as_array().unwrap().as_slice(), &rows[4..]);
    assert_eq!(verify(&stage).await.unwrap(), "the moderation log is whole: 6 entries");
}

#[tokio::test]
async fn a_log_that_was_changed_is_found_out() {
    for change in [
        "UPDATE moderation_log SET reason = 'mistake' WHERE seq = 3",
        "UPDATE moderation_log SET actor_id = message_id WHERE seq = 1",
        "UPDATE moderation_log SET at = at + interval '1 second' WHERE seq = 6",
        "UPDATE moderation_log SET hash = decode(repeat('11', 32), 'hex') WHERE seq = 2",
        "DELETE FROM moderation_log WHERE seq = 2",
        "DELETE FROM moderation_log WHERE seq = 6",
        "DELETE FROM moderation_log",
    ] {
        let (stage, _) = moderated().await;
        assert!(sql_query(change).execute(&mut stage.app.database.connect()).unwrap() > 0);
        let told = verify(&stage).await.unwrap_err();
        assert!(told.contains("changed") || told.contains("moderation log"), "{change}: {told}");
    }
}
