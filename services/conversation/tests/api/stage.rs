//! A running service, people and a listing that it knows.

use conversation::Conversation;
use conversation::store::listings;
use directory::KnownUser;
use events::listing::Listing;
use kit::UserId;
use kit::clock::uuid_v7;
use serde_json::{Value, json};
use testing::{Person, Reply, Running};

pub(crate) const SECRET: &str = "a secret for threads, in tests only";
/// Nothing listens on port 1: a look-up fails at once.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";

/// A service with Ada, who sells a bicycle, Ben, who wants it, a stranger and somebody of the staff.
pub(crate) struct Stage {
    pub(crate) app: Running<Conversation>,
    pub(crate) ada: Person,
    pub(crate) ben: Person,
    pub(crate) stranger: Person,
    pub(crate) staff: Person,
    pub(crate) bicycle: Listing,
}

pub(crate) async fn boot(users: &str, catalogue: &str) -> Running<Conversation> {
    let own = [
        ("pairs.secret", SECRET),
        ("directory.users_url", users),
        ("catalogue.listings_url", catalogue),
        ("files.bucket_url", NOWHERE),
    ];
    testing::boot(&own).await
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::on(boot(NOWHERE, NOWHERE).await).await
    }

    pub(crate) async fn on(app: Running<Conversation>) -> Self {
        let [ada, ben, stranger] = [(); 3].map(|()| app.person());
        let (staff, bicycle) = (app.staff(), listing(ada.id, "A red bicycle"));
        let stage = Self { app, ada, ben, stranger, staff, bicycle };
        for (person, name) in [(&stage.ada, "Ada"), (&stage.ben, "Ben"), (&stage.stranger, "Sam")] {
            stage.introduce(person.id, name, 1, true).await;
        }
        stage.keep(&stage.bicycle).await;
        stage
    }

    /// As the events of auth would.
    pub(crate) async fn introduce(&self, id: UserId, fullname: &str, record_version: i32, is_active: bool) {
        let (fullname, avatar) = (fullname.to_owned(), Some(format!("https://example.com/{fullname}.png")));
        let user = KnownUser { id, fullname, avatar, is_active, record_version, timezone: None };
        let keep = move |tx: &mut kit::Tx<'_>| Ok(directory::keep(tx, std::slice::from_ref(&user))?);
        self.app.app.write(keep).await.unwrap();
    }

    /// As a look-up would.
    pub(crate) async fn keep(&self, listing: &Listing) {
        let listing = listing.clone();
        assert!(self.app.app.write(move |tx| Ok(listings::keep(tx, &listing)?)).await.unwrap());
    }

    pub(crate) async fn open(&self, by: &Person, with: &Person, about: &Listing) -> Reply {
        let body = json!({ "listingId": about.id, "senderId": by.id, "receiverId": with.id });
        self.app.post("/v1/conversationthreads").by(by).json(body).await
    }

    /// The thread of Ben with Ada about her bicycle.
    pub(crate) async fn thread(&self) -> String {
        id(&self.open(&self.ben, &self.ada, &self.bicycle).await.json["conversationThread"])
    }

    pub(crate) async fn say(&self, by: &Person, thread: &str, content: &str) -> Reply {
        let body = json!({ "conversationThreadId": thread, "content": content });
        self.app.post("/v1/conversationmessages").by(by).json(body).await
    }

    pub(crate) async fn send(&self, by: &Person, thread: &str, content: &str) -> Value {
        self.say(by, thread, content).await.expect(201)["conversationMessage"].clone()
    }

    pub(crate) async fn see(&self, by: &Person, thread: &str) -> Value {
        let reply = self.app.get(&format!("/v1/conversationthreads/{thread}")).by(by).await;
        reply.expect(200)["conversationThread"].clone()
    }

    pub(crate) async fn history(&self, by: &Person, thread: &str, query: &str) -> Value {
        self.app.get(&format!("/v1/listconversationmessages/{thread}?{query}")).by(by).await.expect(200)
    }

    pub(crate) async fn read(&self, by: &Person, message: &Value) -> Reply {
        self.app.patch(&format!("/v1/markmessageasread/{}", id(message))).by(by).json(json!({})).await
    }

    pub(crate) async fn delete(&self, by: &Person, message: &Value) -> Reply {
        self.app.delete(&format!("/v1/conversationmessages/{}?reason=spam", id(message))).by(by).await
    }

    pub(crate) async fn restore(&self, by: &Person, message: &Value) -> Reply {
        self.app.post(&format!("/v1/conversationmessages/{}/restore", id(message))).by(by).await
    }

    /// Applies an event as the consumer does.
    pub(crate) async fn apply(&self, event: &Value) -> events::Applied {
        let bytes = serde_json::to_vec(event).unwrap();
        let work = move |tx: &mut kit::Tx<'_>| events::apply(tx, conversation::REACTIONS, &bytes);
        self.app.app.write(work).await.unwrap()
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self, kind: &str) -> Vec<Value> {
        let all = events::outbox::pending(&mut self.app.database.connect(), "conversation").unwrap();
        all.into_iter().filter(|event| event["type"] == kind).collect()
    }
}

pub(crate) fn listing(owner: UserId, title: &str) -> Listing {
    let date = "2026-01-01T00:00:00.000Z";
    serde_json::from_value(json!({
        "id": uuid_v7(kit::clock::Clock::now(&kit::SystemClock)), "userId": owner, "title": title, "description": "Rides well.", "price": 120.5,
        "currency": "EUR", "attributes": { "colour": "red" }, "condition": "used", "listingType": "sale",
        "status": "active", "premiumType": "none", "isPremium": false, "favoriteCount": 2, "viewsCount": 7,
        "isActive": true, "premiumExpiry": null, "expiresAt": null, "recordVersion": 1, "createdAt": date,
        "updatedAt": date,
    }))
    .unwrap()
}

/// An event of the catalogue about the next state of a listing.
pub(crate) fn told_of(listing: &Listing, kind: &str, change: impl FnOnce(&mut Listing)) -> (Listing, Value) {
    let mut after = listing.clone();
    after.record_version += 1;
    change(&mut after);
    let now = kit::clock::Clock::now(&kit::SystemClock);
    let event = json!({
        "id": uuid_v7(now), "type": kind, "source": "listing", "subject": after.id, "time": kit_date(now),
        "requestId": "r", "version": 1, "recipients": [], "data": { "listing": after },
    });
    (after, event)
}

fn kit_date(now: chrono::DateTime<chrono::Utc>) -> String {
    now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

pub(crate) fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("no id in {of}")).to_owned()
}

pub(crate) fn seqs(list: &Value) -> Vec<i64> {
    let rows = list["conversationMessages"].as_array().unwrap();
    rows.iter().map(|message| message["seq"].as_i64().unwrap()).collect()
}
