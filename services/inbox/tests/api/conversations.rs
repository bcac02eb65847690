//! Conversations: lists that reorder, what is seen, where they stand.

use serde_json::{Value, json};

use crate::stage::{Stage, id, ids, seqs};

#[tokio::test]
async fn the_list_reorders_and_what_it_lacks_can_be_fetched() {
    let stage = Stage::set().await;
    let first = stage.company.conversation.clone();
    let (_, second) = stage.meet("Tom").await;
    let (_, third) = stage.meet("Zoe").await;
    let order = async || ids(&stage.get(&stage.ben, "/v1/conversations").await["conversations"]);
    assert_eq!(order().await, [third.as_str(), &second, &first]);
    stage.send(&stage.ben, &first, "hello").await;
    assert_eq!(order().await, [first.as_str(), &third, &second]);

    let page = stage.get(&stage.ben, "/v1/conversations?pageRowCount=1").await;
    let listed = &page["conversations"][0];
    let mut fetched = stage.see(&stage.ben, &first).await;
    let access = ["bucketId", "bucketToken"].map(|name| fetched.as_object_mut().unwrap().remove(name));
    assert_eq!(access[0], Some(json!(format!("inbox-{first}"))));
    assert!(access[1].as_ref().is_some_and(Value::is_string));
    assert_eq!(*listed, fetched, "by id it has the shape of the list");
    assert_eq!(listed["lastMessage"]["content"], "hello");
    assert_eq!(
        (&listed["contact"]["name"], &listed["inbox"]["channelType"]),
        (&json!("Mia"), &json!("ChannelWebWidget"))
    );
}

#[tokio::test]
async fn unread_is_the_same_for_all_agents() {
    let stage = Stage::set().await;
    let conversation = stage.other.conversation.clone();
    for _ in 0..3 {
        stage.hear().await;
    }
    let unread = async || stage.see(&stage.stranger, &conversation).await["unreadCount"].as_i64().unwrap();
    assert_eq!(unread().await, 3);
    stage.send(&stage.stranger, &conversation, "one moment").await;
    assert_eq!(unread().await, 3, "sending does not read");
    let seen = format!("/v1/conversations/{conversation}/seen");
    let part = stage.post(&stage.stranger, &seen, json!({ "upToSeq": 2 })).await.expect(200);
    assert_eq!(
        (&part["conversation"]["unreadCount"], &part["conversation"]["agentReadSeq"]),
        (&json!(1), &json!(2))
    );
    let all = stage.post(&stage.stranger, &seen, json!({})).await.expect(200);
    assert_eq!(all["conversation"]["unreadCount"], 0);
    assert!(all["conversation"]["agentLastSeenAt"].is_string());
    // It never goes back.
    stage.post(&stage.stranger, &seen, json!({ "upToSeq": 1 })).await.succeeded();
    assert_eq!(unread().await, 0);
    let told = stage.told("conversation-seen");
    assert_eq!(told.len(), 2, "what changes nothing is not told");
    assert_eq!(told[1]["data"]["sides"]["agents"], json!({ "readSeq": 4, "uncounted": 0, "rev": 4 }));
    for (filter, found) in [("unread=true", 0), ("unread=false", 1)] {
        let list = stage.get(&stage.stranger, &format!("/v1/conversations?{filter}")).await;
        assert_eq!(list["paging"]["totalRowCount"], found, "{filter}");
    }
}

#[tokio::test]
async fn what_the_contact_says_opens_what_was_resolved() {
    let stage = Stage::set().await;
    let path = format!("/v1/conversations/{}", stage.other.conversation);
    let change = |body: Value| stage.app.patch(&path).by(&stage.stranger).json(body);
    let resolved = change(json!({ "status": "resolved", "assigneeId": stage.stranger.id })).await.expect(200);
    assert_eq!(resolved["conversation"]["recordVersion"], 2);
    assert_eq!(resolved["conversation"]["assigneeId"], json!(stage.stranger.id));
    stage.send(&stage.stranger, &stage.other.conversation, "done").await;
    assert_eq!(stage.see(&stage.stranger, &stage.other.conversation).await["status"], "resolved");
    stage.hear().await;
    let after = stage.see(&stage.stranger, &stage.other.conversation).await;
    assert_eq!((&after["status"], &after["recordVersion"]), (&json!("open"), &json!(3)));
    assert_eq!(stage.told("conversation-updated").len(), 2);
    change(json!({ "status": "gone" })).await.refused(400, "errMsg_statusIsNotValid");
    change(json!({ "status": null })).await.refused(400, "errMsg_statusIsRequired");
    change(json!({ "assigneeId": stage.ben.id })).await.refused(400, "errMsg_assigneeIdIsNotAMember");
    assert_eq!(
        change(json!({ "assigneeId": null })).await.expect(200)["conversation"]["assigneeId"],
        json!(null)
    );
}

#[tokio::test]
async fn filters_narrow_and_are_told() {
    let stage = Stage::set().await;
    let (tom, with_tom) = stage.meet("Tom").await;
    stage.send(&stage.ben, &with_tom, "hi").await;
    for query in [
        format!("contactId={tom}"),
        format!("participantId={}", stage.ben.id),
        format!("status=open&status=pending&contactId={tom}&inboxId={}", stage.company.inbox),
        format!("chatbotId={}&contactId[]={tom}&lastMessageAt=$today", stage.company.chatbot),
    ] {
        let list = stage.get(&stage.ada, &format!("/v1/conversations?{query}")).await;
        assert_eq!(ids(&list["conversations"]), [with_tom.as_str()], "{query}");
        assert_eq!(
            list["filters"].as_array().unwrap().len(),
            query.matches("Id").count().max(1)
                + usize::from(query.contains("lastMessageAt"))
                + usize::from(query.contains("status")),
            "{query}: {}",
            list["filters"]
        );
    }
    for (query, message) in [
        ("status=closed", "errMsg_statusIsNotValid"),
        ("contactId=x", "errMsg_contactIdIsNotAValidID"),
        ("unread=maybe", "errMsg_unreadIsNotAValidBoolean"),
        ("lastMessageAt=yesterday", "errMsg_lastMessageAtIsNotAValidDate"),
        ("pageNumber=-1", "errMsg_pageNumberIsNotValid"),
    ] {
        stage.app.get(&format!("/v1/conversations?{query}")).by(&stage.ada).await.refused(400, message);
    }
}

#[tokio::test]
async fn there_is_one_conversation_for_each_name_of_the_channel() {
    let stage = Stage::set().await;
    let own = &stage.company;
    let body = json!({ "contactId": own.contact, "inboxId": own.inbox });
    let again = stage.post(&stage.ben, "/v1/conversations", body).await.expect(200);
    assert_eq!((id(&again["conversation"]), &again["reused"]), (own.conversation.clone(), &json!(true)));
    let body = json!({ "contactId": own.contact, "inboxId": own.inbox, "sourceId": "order-7" });
    let other = stage.post(&stage.ben, "/v1/conversations", body).await.expect(201);
    assert_ne!(id(&other["conversation"]), own.conversation);
    assert_eq!(stage.told("conversation-created").len(), 3);
}

#[tokio::test]
async fn participants_come_by_writing_or_by_being_asked() {
    let stage = Stage::set().await;
    let path = format!("/v1/conversations/{}/participants", stage.company.conversation);
    stage.send(&stage.ben, &stage.company.conversation, "hi").await;
    let eve = stage.post(&stage.ben, &path, json!({ "userId": stage.eve.id })).await.expect(201);
    assert_eq!(stage.post(&stage.ben, &path, json!({ "userId": stage.eve.id })).await.status, 200);
    stage
        .post(&stage.ben, &path, json!({ "userId": stage.stranger.id }))
        .await
        .refused(400, "errMsg_userIdIsNotAMember");
    let list = stage.get(&stage.ada, &path).await["participants"].clone();
    let who: Vec<_> = list.as_array().unwrap().iter().map(|it| it["_owner"].clone()).collect();
    assert_eq!(who, [json!(stage.company.contact), json!(stage.ben.id), json!(stage.eve.id)]);
    stage.app.delete(&format!("{path}/{}", id(&eve["participant"]))).by(&stage.ben).await.succeeded();
    let contact = id(&list[0]);
    stage
        .app
        .delete(&format!("{path}/{contact}"))
        .by(&stage.ben)
        .await
        .refused(404, "errMsg_participantIsNotFound");
}

#[tokio::test]
async fn pages_and_places_of_a_history() {
    let stage = Stage::set().await;
    let conversation = &stage.company.conversation;
    let mut sent = Vec::new();
    for n in 1..=9 {
        sent.push(stage.send(&stage.ben, conversation, &n.to_string()).await);
    }
    let part = async |query: &str| seqs(&stage.history(&stage.ada, conversation, query).await);
    assert_eq!(part("").await, (1..=9).collect::<Vec<_>>());
    let check = async |gone: &[i64], cases: &[(&str, &[i64])]| {
        for (query, expected) in cases {
            assert_eq!(part(query).await, *expected, "{query} without {gone:?}");
        }
    };
    check(
        &[],
        &[
            ("pageNumber=2&pageRowCount=4", &[5, 6, 7, 8]),
            ("limit=2", &[8, 9]),
            ("beforeSeq=3&limit=5", &[1, 2]),
            ("afterSeq=7", &[8, 9]),
            ("aroundSeq=5&limit=3", &[4, 5, 6]),
            ("pageNumber=7", &[]),
        ],
    )
    .await;
    for seq in [2, 6] {
        stage.app.delete(&format!("/v1/messages/{}", id(&sent[seq - 1]))).by(&stage.ben).await.succeeded();
    }
    check(
        &[2, 6],
        &[
            ("pageNumber=2&pageRowCount=4", &[7, 8, 9]),
            ("limit=2", &[8, 9]),
            ("beforeSeq=4", &[1, 3]),
            ("afterSeq=5&limit=2", &[7, 8]),
            ("aroundSeq=6&limit=3", &[5, 7, 8]),
        ],
    )
    .await;
    let list = stage.history(&stage.ada, conversation, "pageNumber=0").await;
    assert_eq!(list["paging"]["totalRowCount"], 7);
}

#[tokio::test]
async fn what_nobody_takes_care_of_can_be_asked_for() {
    let stage = Stage::set().await;
    let (taken, (_, other)) = (stage.company.conversation.clone(), stage.meet("Tom").await);
    let path = format!("/v1/conversations/{taken}");
    let take = stage.app.patch(&path).by(&stage.ben).json(json!({ "assigneeId": stage.ben.id }));
    let _ = take.await.expect(200);
    let part = json!({ "userId": stage.ben.id });
    stage.post(&stage.ada, &format!("{path}/participants"), part).await.succeeded();
    let (ben, both) = (stage.ben.id, vec![other.clone(), taken.clone()]);
    for (filter, found) in [
        (format!("assigneeId={ben}"), vec![taken.clone()]),
        ("assigneeId=null".to_owned(), vec![other.clone()]),
        (format!("assigneeId=null&assigneeId={ben}"), both.clone()),
        ("participantId=null".to_owned(), vec![other]),
        (format!("participantId={ben}&participantId=null"), both),
    ] {
        let list = stage.get(&stage.ben, &format!("/v1/conversations?{filter}")).await;
        assert_eq!(ids(&list["conversations"]), found, "{filter}");
    }
}
