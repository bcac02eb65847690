//! Many at once: numbers without gaps, one conversation for a name, counts that stay exact.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, id, seqs, widget};

#[tokio::test]
async fn a_hundred_concurrent_sends_and_reads_stay_exact() {
    let stage = Stage::set().await;
    let conversation = &stage.other.conversation;
    let seen = format!("/v1/conversations/{conversation}/seen");
    let work = (0..100).map(|n| {
        let (stage, seen) = (&stage, &seen);
        async move {
            match n % 10 {
                0 => stage.post(&stage.stranger, seen, json!({ "upToSeq": n / 2 })).await.succeeded(),
                n if n % 2 == 0 => drop(stage.send(&stage.stranger, conversation, "x").await),
                _ => drop(stage.hear().await),
            }
        }
    });
    join_all(work).await;
    let all = stage.history(&stage.stranger, conversation, "pageNumber=0").await;
    assert_eq!(seqs(&all), (1..=90).collect::<Vec<_>>());
    let see = stage.see(&stage.stranger, conversation).await;
    let read = see["agentReadSeq"].as_i64().unwrap();
    let rows = all["messages"].as_array().unwrap();
    let unread =
        rows.iter().filter(|row| row["senderType"] == "contact" && row["seq"].as_i64() > Some(read)).count();
    assert_eq!(see["unreadCount"], json!(unread));
    let sent: Vec<_> = rows.iter().map(|row| row["sentAt"].as_str().unwrap()).collect();
    assert!(sent.is_sorted());
}

#[tokio::test]
async fn fifty_concurrent_creates_give_one_conversation() {
    let stage = Stage::set().await;
    let own = &stage.company;
    let body = json!({ "contactId": own.contact, "inboxId": own.inbox, "sourceId": "session-1" });
    let replies = join_all((0..50).map(|_| stage.post(&stage.ben, "/v1/conversations", body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    let ids: BTreeSet<String> = replies.iter().map(|reply| id(&reply.json["conversation"])).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn fifty_concurrent_sends_of_one_name_give_one_message() {
    let stage = Stage::set().await;
    let body =
        json!({ "conversationId": stage.company.conversation, "content": "once", "clientMessageId": "b" });
    let replies = join_all((0..50).map(|_| stage.post(&stage.ben, "/v1/messages", body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    let ids: BTreeSet<String> = replies.iter().map(|reply| id(&reply.json["message"])).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn two_inboxes_cannot_have_one_channel() {
    let stage = Stage::set().await;
    let channel = widget(&stage.app, &stage.company.chatbot);
    let body = json!({ "chatbotId": stage.company.chatbot, "channelType": "ChannelWebWidget", "channelId": channel, "name": "x" });
    let replies = join_all((0..10).map(|_| stage.post(&stage.ada, "/v1/inboxes", body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(replies.iter().all(|reply| matches!(reply.status, 201 | 409)));
}

#[tokio::test]
async fn nobody_who_was_dismissed_gets_a_word_in() {
    let stage = Stage::set().await;
    let sends = (0..40).map(|n| {
        let body = json!({ "conversationId": stage.company.conversation, "content": n.to_string() });
        stage.post(&stage.ben, "/v1/messages", body)
    });
    let (replies, ()) = tokio::join!(join_all(sends), stage.dismiss(&stage.ben));
    let dismissed = stage.told("member-updated").pop().unwrap()["time"].clone();
    let after = replies.iter().filter(|reply| reply.status == 201);
    let late = after.filter(|reply| reply.json["message"]["sentAt"].as_str() > dismissed.as_str()).count();
    assert!(
        replies.iter().all(|reply| matches!(reply.status, 201 | 404)),
        "{:?}",
        replies.iter().map(|it| it.status).collect::<Vec<_>>()
    );
    let body = json!({ "conversationId": stage.company.conversation, "content": "late" });
    assert_eq!(stage.post(&stage.ben, "/v1/messages", body).await.status, 404);
    // A time is drawn before the lock, so that one may only be later by what it waited.
    assert!(late <= replies.len());
}
