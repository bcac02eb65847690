//! A running catalogue, a clock to set, and people.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{RunQueryDsl as _, sql_query};
use kit::{Clock, ManualClock, Role, SystemClock};
use listing::Catalogue;
use serde_json::{Value, json};
use testing::{Person, Reply, Running};

/// A catalogue with an owner, somebody else and a moderator.
pub(crate) struct Stage {
    pub(crate) app: Running<Catalogue>,
    pub(crate) ada: Person,
    pub(crate) ben: Person,
    pub(crate) staff: Person,
    clock: Arc<ManualClock>,
}

struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let app = testing::boot_at(&[], Box::new(Shared(clock.clone()))).await;
        let (ada, ben, staff) = (app.person(), app.person(), app.issuer.person(Role::Moderator));
        Self { app, ada, ben, staff, clock }
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// In so many minutes, as a body writes it.
    pub(crate) fn in_minutes(&self, minutes: i64) -> String {
        (self.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339()
    }

    pub(crate) async fn post(&self, by: &Person, body: Value) -> Reply {
        self.app.post("/v1/listings").by(by).json(body).await
    }

    /// A new listing on offer.
    pub(crate) async fn offer(&self, by: &Person, title: &str) -> Value {
        self.post(by, json!({ "title": title, "status": "active" })).await.expect(201)["listing"].clone()
    }

    pub(crate) async fn get(&self, by: &Person, id: &str) -> Reply {
        self.app.get(&format!("/v1/listings/{id}")).by(by).await
    }

    pub(crate) async fn patch(&self, by: &Person, id: &str, body: Value) -> Reply {
        self.app.patch(&format!("/v1/listings/{id}")).by(by).json(body).await
    }

    pub(crate) async fn delete(&self, by: &Person, id: &str) -> Reply {
        self.app.delete(&format!("/v1/listings/{id}")).by(by).await
    }

    pub(crate) async fn list(&self, by: &Person, query: &str) -> Value {
        self.app.get(&format!("/v1/listings?{query}")).by(by).await.expect(200)
    }

    /// The titles of a list.
    pub(crate) async fn titles(&self, by: &Person, query: &str) -> Vec<String> {
        let list = self.list(by, query).await;
        let titles = list["listings"].as_array().unwrap().iter();
        titles.map(|row| row["title"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs a statement that no client could.
    pub(crate) fn sql(&self, statement: &str) {
        sql_query(statement).execute(&mut self.app.database.connect()).unwrap();
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self) -> Vec<Value> {
        events::outbox::pending(&mut self.app.database.connect(), "listing").unwrap()
    }

    /// The types of the events about a listing that wait in the outbox, by its versions.
    pub(crate) fn told_of(&self, id: &str) -> Vec<(String, i64)> {
        let told = self.told();
        let about = told.iter().filter(|event| event["subject"] == id);
        let version = |event: &Value| event["data"]["listing"]["recordVersion"].as_i64().unwrap();
        let mut about: Vec<_> =
            about.map(|event| (event["type"].as_str().unwrap().to_owned(), version(event))).collect();
        about.sort_by_key(|(_, version)| *version);
        about
    }
}

pub(crate) fn id(listing: &Value) -> String {
    listing["id"].as_str().unwrap().to_owned()
}
