//! Many at once: one thread for the two, numbers without gaps, one effect for a name.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn fifty_concurrent_creates_from_both_sides_in_both_orders_give_one_thread() {
    let stage = Stage::set().await;
    let (ada, ben) = (&stage.ada, &stage.ben);
    let creates = (0..50).map(|n| {
        let by = if n % 2 == 0 { ada } else { ben };
        let (sender, receiver) = if n % 4 < 2 { (ada.id, ben.id) } else { (ben.id, ada.id) };
        let body = json!({ "listingId": stage.bicycle.id, "senderId": sender, "receiverId": receiver });
        async { stage.app.post("/v1/conversationthreads").by(by).json(body).await }
    });
    let replies = join_all(creates).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 49);
    let ids: BTreeSet<String> = replies.iter().map(|reply| id(&reply.json["conversationThread"])).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(stage.told("thread-created").len(), 1);
}

#[tokio::test]
async fn a_hundred_concurrent_sends_and_reads_stay_exact() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let work = (0..100).map(|n| {
        let (stage, thread) = (&stage, &thread);
        async move {
            let by = if n % 2 == 0 { &stage.ada } else { &stage.ben };
            let message = stage.send(by, thread, &n.to_string()).await;
            if n % 4 == 1 {
                stage.read(&stage.ada, &message).await.succeeded();
            }
            if n % 10 == 3 {
                stage.delete(&stage.staff, &message).await.succeeded();
            }
        }
    });
    join_all(work).await;
    let all = stage.history(&stage.staff, &thread, "pageNumber=0&includeInactive=true").await;
    assert_eq!(seqs(&all), (1..=100).collect::<Vec<_>>());
    for person in [&stage.ada, &stage.ben] {
        let list = stage.history(person, &thread, "pageNumber=0").await;
        let mine = json!(person.id);
        let rows = list["conversationMessages"].as_array().unwrap();
        let unread = rows.iter().filter(|row| row["receiverId"] == mine && row["isRead"] == false).count();
        assert_eq!(stage.see(person, &thread).await["unreadCount"], json!(unread));
        assert_eq!(list["paging"]["totalRowCount"], json!(rows.len()));
    }
}

#[tokio::test]
async fn fifty_concurrent_sends_of_one_name_give_one_message() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let sends = (0..50).map(|_| {
        let body = json!({ "conversationThreadId": thread, "content": "once", "clientMessageId": "bubble" });
        async { stage.app.post("/v1/conversationmessages").by(&stage.ben).json(body).await }
    });
    let replies = join_all(sends).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    let ids: BTreeSet<String> = replies.iter().map(|reply| id(&reply.json["conversationMessage"])).collect();
    assert_eq!(ids.len(), 1);
}
