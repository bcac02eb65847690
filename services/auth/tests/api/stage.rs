//! A running service, a clock to set, and people who registered and logged in.

use std::sync::Arc;

use auth::Auth;
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Clock, ManualClock, Role, Service as _, SystemClock};
use serde_json::{Value, json};
use testing::{Person, Reply, Running};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// The least memory that is allowed: tests hash a lot.
const QUICK: (&str, &str) = ("password.memory_kib", "8192");

pub(crate) struct Stage {
    pub(crate) app: Running<Auth>,
    clock: Arc<ManualClock>,
}

/// Somebody who logged in.
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) person: Person,
    pub(crate) refresh: String,
    /// The whole answer to the login.
    pub(crate) bundle: Value,
}

struct Shared(Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(own: &[(&str, &str)]) -> Self {
        let clock = Arc::new(ManualClock::at(SystemClock.now()));
        let own: Vec<_> = [QUICK].into_iter().chain(own.iter().copied()).collect();
        Self { app: testing::boot_at(&own, Box::new(Shared(clock.clone()))).await, clock }
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub(crate) async fn register(&self, name: &str) -> Reply {
        let body = json!({ "email": email(name), "password": PASSWORD, "fullname": name });
        self.app.post("/v1/users").json(body).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Reply {
        self.app.post("/login").json(json!({ "email": email, "password": password })).await
    }

    pub(crate) async fn login_from(&self, address: &str, email: &str, password: &str) -> Reply {
        let ask = self.app.post("/login").header("X-Real-IP", address);
        ask.json(json!({ "email": email, "password": password })).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.app.post("/refresh").json(json!({ "refreshToken": token })).await
    }

    /// One more login of somebody.
    pub(crate) async fn again(&self, email: &str) -> Account {
        account(self.login(email, PASSWORD).await.expect(200))
    }

    /// Somebody new, logged in.
    pub(crate) async fn account(&self, name: &str) -> Account {
        let _ = self.register(name).await.expect(201);
        self.again(&email(name)).await
    }

    /// Somebody new with a rank that an operator gave.
    pub(crate) async fn ranked(&self, name: &str, role: Role) -> Account {
        let _ = self.register(name).await.expect(201);
        self.operate(&["user-role", &email(name), role.name()]).await.unwrap();
        self.again(&email(name)).await
    }

    /// Runs a command of the operator's.
    pub(crate) async fn operate(&self, words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Auth::command(&self.app.app, &words)?.await.map_err(|error| error.message())
    }

    pub(crate) async fn user(&self, id: &Person) -> Reply {
        self.app.get(&format!("/v1/users/{}", id.id)).by(id).await
    }

    pub(crate) async fn patch(&self, by: &Person, of: &Person, body: Value) -> Reply {
        self.app.patch(&format!("/v1/users/{}", of.id)).by(by).json(body).await
    }

    pub(crate) async fn delete(&self, by: &Person, of: &Person) -> Reply {
        self.app.delete(&format!("/v1/users/{}", of.id)).by(by).await
    }

    /// What waits in the outbox.
    pub(crate) fn told(&self) -> Vec<Value> {
        events::outbox::pending(&mut self.app.database.connect(), "auth").unwrap()
    }

    /// The types of the events that wait in the outbox, sorted: the clock stands, so nothing else orders them.
    pub(crate) fn told_types(&self) -> Vec<String> {
        let mut types: Vec<_> =
            self.told().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        types.sort_unstable();
        types
    }
}

pub(crate) fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase().replace(' ', "."))
}

pub(crate) fn account(bundle: Value) -> Account {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let person = Person {
        id: text(&bundle["user"]["id"]).parse().unwrap(),
        session: text(&bundle["sessionId"]).parse().unwrap(),
        token: text(&bundle["accessToken"]),
    };
    let (email, refresh) = (text(&bundle["user"]["email"]), text(&bundle["refreshToken"]));
    Account { email, person, refresh, bundle }
}
