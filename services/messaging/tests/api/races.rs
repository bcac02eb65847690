//! Many at once: numbers without gaps, one conversation for a pair, one effect for a key.

use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn two_hundred_concurrent_sends_are_numbered_without_gaps() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sends = (0..200).map(|n| {
        let body = json!({ "conversationId": pair, "content": format!("{n}") });
        let by = if n % 2 == 0 { &stage.ada } else { &stage.ben };
        async {
            stage.app.post("/v1/messages").by(by).json(body).await.expect(201)["message"]["seq"]
                .as_i64()
                .unwrap()
        }
    });
    let mut numbers = join_all(sends).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
    let list = stage.messages(&stage.ada, &format!("conversationId={pair}&pageNumber=0")).await;
    assert_eq!(seqs(&list), (1..=200).collect::<Vec<i64>>());
    let times: Vec<&str> =
        list["messages"].as_array().unwrap().iter().map(|m| m["sentAt"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "time never goes back along the numbers");
    assert_eq!(stage.conversation(&stage.ada, &pair).await["unreadCount"], 100);
    assert_eq!(stage.told().len(), 201);
}

#[tokio::test]
async fn fifty_concurrent_creates_of_a_pair_give_one_conversation() {
    let stage = Stage::set().await;
    let (ada, ben) = (&stage.ada, &stage.ben);
    let creates = (0..50).map(|n| async move {
        let (by, with) = if n % 2 == 0 { (ada, [ada, ben]) } else { (ben, [ben, ada]) };
        (by, with)
    });
    let replies = join_all(creates.map(|create| async {
        let (by, with) = create.await;
        stage.open(by, false, &with).await
    }))
    .await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 49);
    let mut ids: Vec<String> = replies.iter().map(|reply| id(&reply.json["conversation"])).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(stage.told().len(), 1);
}

#[tokio::test]
async fn fifty_concurrent_posts_with_one_key_give_one_message_and_equal_answers() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let posts = (0..50).map(|_| async {
        let body = json!({ "conversationId": pair, "content": "once" });
        stage.app.post("/v1/messages").by(&stage.ada).header("Idempotency-Key", "send-1").json(body).await
    });
    let replies = join_all(posts).await;
    assert!(replies.iter().all(|reply| reply.status == 201 && reply.text == replies[0].text));
    let replayed = replies.iter().filter(|reply| reply.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 49);
    assert_eq!(seqs(&stage.messages(&stage.ada, &format!("conversationId={pair}")).await), [1]);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_and_one_user() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let post = async |by, content| {
        let body = json!({ "conversationId": pair, "content": content });
        stage.app.post("/v1/messages").by(by).header("Idempotency-Key", "k").json(body).await
    };
    assert_eq!(post(&stage.ada, "one").await.status, 201);
    post(&stage.ada, "two").await.refused(409, "errMsg_idempotencyKeyIsReused");
    assert_eq!(post(&stage.ben, "mine").await.status, 201);
    let (group, read) = (stage.group().await, json!({}));
    for place in [&pair, &group] {
        let path = format!("/v1/conversations/{place}/read");
        let reply =
            stage.app.post(&path).by(&stage.chloe).header("Idempotency-Key", "r").json(read.clone()).await;
        assert_eq!(reply.status, if *place == group { 200 } else { 403 }, "a refusal keeps nothing");
    }
}

#[tokio::test]
async fn a_refusal_keeps_no_answer() {
    let stage = Stage::set().await;
    let newcomer = stage.app.person();
    let open = async || {
        let body = json!({ "isGroup": false, "participantIds": [stage.ada.id, newcomer.id] });
        stage.app.post("/v1/conversations").by(&stage.ada).header("Idempotency-Key", "open").json(body).await
    };
    assert_eq!(open().await.status, 503, "nobody knows the newcomer, and the directory is away");
    stage.introduce(newcomer.id, "Nina").await;
    assert_eq!(open().await.status, 201);
}

#[tokio::test]
async fn concurrent_sends_and_reads_leave_the_count_exact() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let people = [&stage.ada, &stage.ben, &stage.chloe];
    let work = (0..120).map(|n| {
        let (by, group) = (people[n % 3], &group);
        let stage = &stage;
        async move {
            match n % 4 {
                3 => drop(stage.read(by, group, json!({ "upToSeq": n / 2 })).await),
                _ => drop(stage.send(by, group, "x").await),
            }
        }
    });
    join_all(work).await;
    for person in people {
        let list = stage.messages(person, &format!("conversationId={group}&pageNumber=0")).await;
        let me = json!(person.id);
        let unread = list["messages"].as_array().unwrap().iter().filter(|message| {
            message["senderUserId"] != me && !message["readBy"].as_array().unwrap().contains(&me)
        });
        assert_eq!(stage.conversation(person, &group).await["unreadCount"], unread.count());
    }
}
