//! The unified inbox over this service's own conversations, whose events come back to it.

use inbox::unified::{command, moves};
use serde_json::{Value, json};
use testing::Person;

use crate::stage::{Stage, id};

impl Stage {
    /// Everything that was told and not yet heard comes back, in the wrong order, and whoever came or went is seen to.
    pub(crate) async fn hear_back(&self) {
        let mut events = events::outbox::pending(&mut self.app.database.connect(), "inbox").unwrap();
        events.reverse();
        let is_for_us = |event: &Value| {
            inbox::REACTIONS.iter().any(|it| event["source"] == it.source() && event["type"] == it.kind())
        };
        events.retain(is_for_us);
        for event in &events {
            self.apply(event).await;
        }
        moves::move_all(&self.app.app).await.unwrap();
    }

    pub(crate) async fn entries(&self, by: &Person, query: &str) -> Value {
        self.get(by, &format!("/v1/inboxentries?{query}")).await
    }
}

/// An entry of somebody's.
pub(crate) async fn entry_of(stage: &Stage, by: &Person) -> String {
    stage.hear_back().await;
    id(&stage.entries(by, "").await["inboxEntries"][0])
}

#[tokio::test]
async fn agents_have_their_chatbots_conversations_in_one_list() {
    let stage = Stage::set().await;
    let (of, other) = (stage.company.conversation.clone(), stage.other.conversation.clone());
    stage.hear().await;
    stage.hear_back().await;
    let list = stage.entries(&stage.stranger, "").await;
    let entry = &list["inboxEntries"][0];
    assert_eq!((&list["paging"]["totalRowCount"], &list["unreadCount"]), (&json!(1), &json!(1)));
    assert_eq!((&entry["conversationId"], &entry["source"]), (&json!(other), &json!("inbox")));
    assert_eq!((&entry["title"], &entry["unreadCount"]), (&json!("Mia"), &json!(1)));
    assert_eq!(entry["lastMessage"]["senderType"], "contact");
    assert_eq!(entry["counterparts"][0]["id"], stage.other.contact);
    for agent in [&stage.ada, &stage.eve, &stage.ben] {
        let list = stage.entries(agent, "").await;
        assert_eq!((&list["rowCount"], &list["inboxEntries"][0]["conversationId"]), (&json!(1), &json!(of)));
        assert_eq!(
            (&list["inboxEntries"][0]["lastMessage"], &list["unreadCount"]),
            (&json!(null), &json!(0))
        );
    }
    assert_eq!(stage.entries(&stage.staff, "").await["rowCount"], 0);
}

#[tokio::test]
async fn the_list_reorders_and_filters() {
    let stage = Stage::set().await;
    let (_, second) = stage.meet("Tom").await;
    stage.hear_back().await;
    let order = async || {
        let list = stage.entries(&stage.ben, "").await["inboxEntries"].clone();
        let of = |entry: &Value| entry["conversationId"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(order().await[0], second);
    stage.send(&stage.ada, &stage.company.conversation, "Hello Mia").await;
    stage.hear_back().await;
    assert_eq!(order().await, [stage.company.conversation.clone(), second.clone()]);
    for (query, rows) in [
        ("source=inbox", 2),
        ("source=messaging", 0),
        ("source=messaging&source=inbox", 2),
        ("unread=true", 0),
        ("unread=false", 2),
        ("pageRowCount=1", 1),
        ("pageRowCount=1&pageNumber=3", 0),
    ] {
        assert_eq!(stage.entries(&stage.ben, query).await["rowCount"], rows, "{query}");
    }
    let refuse = async |query: &str, message: &str| {
        stage.app.get(&format!("/v1/inboxentries?{query}")).by(&stage.ben).await.refused(400, message);
    };
    refuse("source=post", "errMsg_sourceIsNotValid").await;
    refuse("unread=maybe", "errMsg_unreadIsNotAValidBoolean").await;
}

#[tokio::test]
async fn who_comes_gets_all_and_who_goes_has_none() {
    let stage = Stage::set().await;
    let newcomer = stage.app.person();
    crate::stage::introduce(&stage.app, newcomer.id, "New").await;
    stage.meet("Tom").await;
    stage.hear_back().await;
    let _ = stage.hire(&newcomer, "agent").await.expect(201);
    stage.hear_back().await;
    assert_eq!(stage.entries(&newcomer, "").await["rowCount"], 2);
    stage.dismiss(&newcomer).await;
    stage.hear_back().await;
    assert_eq!(stage.entries(&newcomer, "").await["rowCount"], 0);
    stage.app.delete(&format!("/v1/chatbots/{}", stage.company.chatbot)).by(&stage.ada).await.succeeded();
    stage.hear_back().await;
    assert_eq!(stage.entries(&stage.ben, "").await["rowCount"], 0);
}

#[tokio::test]
async fn what_is_broken_is_told_and_put_right() {
    let stage = Stage::set().await;
    stage.hear().await;
    stage.send(&stage.ada, &stage.company.conversation, "Hello Mia").await;
    stage.hear_back().await;
    let service = &stage.app.service;
    let said = command::checked(service, false).await.unwrap();
    assert!(said.contains("as its owners say: 4 entries; messaging was not asked"), "{said}");
    let before = stage.entries(&stage.stranger, "").await["inboxEntries"].clone();
    for broken in [
        "UPDATE inbox_entry SET read_seq = 1 WHERE read_seq = 0",
        "UPDATE inbox_message SET preview = 'nonsense'",
        "DELETE FROM inbox_message",
        "DELETE FROM inbox_entry WHERE unread > 0",
        "UPDATE inbox_place SET contact_id = NULL, record_version = 0",
    ] {
        diesel::RunQueryDsl::execute(diesel::sql_query(broken), &mut stage.app.database.connect()).unwrap();
        let told = command::checked(service, false).await;
        if !broken.contains("contact_id") {
            assert!(told.is_err(), "{broken}");
        }
        command::checked(service, true).await.unwrap();
        command::checked(service, false).await.unwrap();
        let after = stage.entries(&stage.stranger, "").await["inboxEntries"].clone();
        for name in ["lastMessage", "unreadCount", "lastMessageAt"] {
            assert_eq!(after[0][name], before[0][name], "{broken}");
        }
    }
}
