//! One list of everything: over messaging and conversation, also while the broker is away.

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{System, User, eventually};

/// Somebody's list, by the ids of conversations, with what is unread of each and how the newest message begins.
async fn list(system: &System, by: &User) -> Vec<(String, Value, Value)> {
    let json = system.get("/inbox-api/v1/inboxentries").token(&by.token).await.expect(200);
    let of = |entry: &Value| {
        let id = entry["conversationId"].as_str().unwrap().to_owned();
        (id, entry["unreadCount"].clone(), entry["lastMessage"]["content"].clone())
    };
    json["inboxEntries"].as_array().unwrap().iter().map(of).collect()
}

fn is(id: &str, unread: i64, last: &str) -> (String, Value, Value) {
    (id.to_owned(), json!(unread), json!(last))
}

#[tokio::test]
async fn one_list_of_everything_whatever_becomes_of_the_broker() {
    let system = System::take().await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let listing = system.offer(&ada, json!({ "title": "A red bicycle", "status": "active" })).await;
    let thread = system.begin(&ben, &ada, &listing).await;
    let pair = system.open(&ben, &[&ben, &ada]).await;
    system.say(&ben, &thread, "Is it still there?").await;
    system.send(&ben, &pair, "Hello").await;
    let expected = [is(&pair, 1, "Hello"), is(&thread, 1, "Is it still there?")];
    eventually("both are in the list", async || list(&system, &ada).await == expected).await;

    system.with_stack(|stack| stack.knock_out("rabbitmq").unwrap()).await;
    system.say(&ben, &thread, "I'd take it").await;
    let oops = system.send(&ben, &pair, "Oops").await;
    let path = format!("/messaging-api/v1/messages/{}", oops["id"].as_str().unwrap());
    system.ask(Method::DELETE, &path).token(&ben.token).await.succeeded();
    let read = format!("/messaging-api/v1/conversations/{pair}/read");
    system.post(&read).token(&ada.token).json(json!({})).await.succeeded();
    system.with_stack(|stack| stack.start("rabbitmq").unwrap()).await;

    let expected = [is(&pair, 0, "Hello"), is(&thread, 2, "I'd take it")];
    eventually("the list follows", async || list(&system, &ada).await == expected).await;
    let said = system.obey(&["inbox", "verify"]).await;
    assert!(said.contains("the unified inbox is as its owners say"), "{said}");
}
