//! Threads about listings, over all services: what the catalogue tells arrives, once, whoever is killed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::faults::{client_message_id, kill_while_writing};
use crate::load::Place;
use crate::system::{System, User, eventually};
use crate::tap::Tap;

/// Something on offer, to be had at once.
fn on_offer(title: &str) -> Value {
    json!({ "title": title, "status": "active" })
}

async fn set_status(system: &System, by: &User, listing: &str, status: &str) {
    let ask = system.ask(reqwest::Method::PATCH, &format!("/listing-api/v1/listings/{listing}"));
    ask.token(&by.token).json(json!({ "status": status })).await.succeeded();
}

impl System {
    /// Begins a thread at once: the event of the listing may be on its way still.
    pub(crate) async fn begin(&self, buyer: &User, seller: &User, listing: &str) -> String {
        let body = json!({ "listingId": listing, "receiverId": seller.id });
        let ask = self.post("/conversation-api/v1/conversationthreads").token(&buyer.token).json(body);
        ask.await.expect(201)["conversationThread"]["id"].as_str().unwrap().to_owned()
    }

    /// Writes in a thread, and gives the message back.
    pub(crate) async fn say(&self, by: &User, thread: &str, content: &str) -> Value {
        let body = json!({ "conversationThreadId": thread, "content": content });
        let ask = self.post("/conversation-api/v1/conversationmessages").token(&by.token).json(body);
        ask.await.expect(201)["conversationMessage"].clone()
    }
}

/// What the system said in a thread.
async fn notices(system: &System, by: &User, thread: &str) -> Vec<Value> {
    let history = Place::thread(thread).history(system, by).await;
    history.into_iter().filter(|message| message["kind"] == "system").map(|m| m["content"].clone()).collect()
}

#[tokio::test]
async fn a_sold_listing_is_told_in_its_threads() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Selma").await, system.user("Ben").await);
    let listing = system.offer(&seller, on_offer("A lamp")).await;
    let thread = system.begin(&buyer, &seller, &listing).await;
    set_status(&system, &seller, &listing, "sold").await;
    eventually("the thread hears of it", async || !notices(&system, &buyer, &thread).await.is_empty()).await;
    assert_eq!(notices(&system, &buyer, &thread).await, [json!("This listing was sold.")]);
    let path = format!("/conversation-api/v1/conversationthreads/{thread}");
    let seen = system.get(&path).token(&seller.token).await.expect(200)["conversationThread"].clone();
    assert_eq!((&seen["listing"]["status"], &seen["unreadCount"]), (&json!("sold"), &json!(0)));
}

#[tokio::test]
async fn a_deleted_user_is_called_so() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Selma").await, system.user("Ben").await);
    let listing = system.offer(&seller, on_offer("A chair")).await;
    let thread = system.begin(&buyer, &seller, &listing).await;
    let path = format!("/auth-api/v1/users/{}", seller.id);
    system.ask(reqwest::Method::DELETE, &path).token(&seller.token).await.succeeded();
    let path = format!("/conversation-api/v1/conversationthreads/{thread}");
    let other = async || {
        let json = system.get(&path).token(&buyer.token).await.expect(200);
        json["conversationThread"]["otherUser"]["fullname"].clone()
    };
    eventually("the name is gone", async || other().await == "Deleted user").await;
    let gone = [json!("This listing was removed.")];
    eventually("the listing goes with its owner", async || notices(&system, &buyer, &thread).await == gone)
        .await;
}

#[tokio::test]
async fn conversation_killed_under_load_misses_no_event_and_doubles_no_notice() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Selma").await, system.user("Ben").await);
    let tap = Tap::on(&system, "conversation.message-created").await;
    let mut sales = Vec::new();
    for n in 0..10 {
        let listing = system.offer(&seller, on_offer(&format!("Bicycle {n}"))).await;
        sales.push((system.begin(&buyer, &seller, &listing).await, listing));
    }
    let place = Place::thread(&sales[0].0);
    let sell = async {
        for (_, listing) in &sales {
            tokio::time::sleep(Duration::from_millis(500)).await;
            set_status(&system, &seller, listing, "sold").await;
        }
    };
    let kills = kill_while_writing(&system, "conversation", &buyer, &place);
    let (acknowledged, ()) = futures_util::join!(kills, sell);
    tap.hear_all(acknowledged, client_message_id).await;
    for (thread, _) in &sales {
        let told = async || !notices(&system, &buyer, thread).await.is_empty();
        eventually("the thread hears of the sale", told).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    for (thread, _) in &sales {
        assert_eq!(notices(&system, &buyer, thread).await, [json!("This listing was sold.")]);
    }
}

#[tokio::test]
async fn the_moderation_log_is_verified_by_the_operator() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Selma").await, system.user("Ben").await);
    let listing = system.offer(&seller, on_offer("A table")).await;
    let thread = system.begin(&buyer, &seller, &listing).await;
    let message = system.say(&buyer, &thread, "buy my pills").await["id"].as_str().unwrap().to_owned();
    let token = system.login(&system.moderator().await).await;
    let path = format!("/conversation-api/v1/conversationmessages/{message}?reason=spam");
    system.ask(reqwest::Method::DELETE, &path).token(&token).await.succeeded();
    let said = system.obey(&["moderation", "verify"]).await;
    assert!(said.contains("is whole"), "{said}");
}
