//! Two services: one tells, as auth does; one hears, as messaging does.

use std::sync::Arc;
use std::time::Duration;

use diesel::{RunQueryDsl as _, sql_query};
use events::auth::{SessionRevoked, User, UserCreated};
use events::{Announcement, Payload, Recipient};
use kit::clock::uuid_v7;
use kit::settings::{Nothing, SettingsError, Source};
use kit::{App, Clock, Migrations, Role, Routes, Service, SystemClock, UserId};
use testing::Running;
use uuid::Uuid;

use crate::cable::Cable;
use crate::reactions::{MENDED, REACTIONS, TABLES};
use crate::tap::{Tap, broker_url};

/// Stands for auth.
pub(crate) struct Teller;

/// Stands for messaging.
pub(crate) struct Hearer;

impl Service for Teller {
    const NAME: &'static str = "auth";
    type Settings = Nothing;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS]
    }

    fn new(_: App, _: Nothing) -> Result<Self, SettingsError> {
        Ok(Self)
    }

    fn routes(_: &mut Routes<'_>) {}
}

impl Service for Hearer {
    const NAME: &'static str = "messaging";
    type Settings = Nothing;

    fn migrations() -> Migrations {
        vec![events::MIGRATIONS]
    }

    fn new(_: App, _: Nothing) -> Result<Self, SettingsError> {
        Ok(Self)
    }

    fn routes(_: &mut Routes<'_>) {}
}

/// A teller whose broker is at `url`, without background work: its relay is driven by hand.
pub(crate) async fn teller(tap: &Tap, url: &str) -> Running<Teller> {
    teller_at(tap, url, Box::new(SystemClock)).await
}

/// The same with a clock of the test's.
pub(crate) async fn teller_at(tap: &Tap, url: &str, clock: Box<dyn Clock>) -> Running<Teller> {
    let settings = [("broker.url", url), ("broker.namespace", &tap.settings.namespace)];
    testing::boot_at::<Teller>(&settings, clock).await
}

/// A hearer that consumes; it stops when this is dropped.
pub(crate) struct Listening {
    pub(crate) running: Running<Hearer>,
    app: App,
}

/// A hearer whose broker is at `url`.
pub(crate) async fn hearer(tap: &Tap, url: &str) -> Listening {
    let running = deaf_hearer(tap, url).await;
    let app = running.app.clone();
    let listening = listen(running, app);
    until("the hearer is connected", async || checks(&listening.running).await == "ok").await;
    listening
}

/// A hearer that reaches its database through a cable.
pub(crate) async fn hearer_with_cable(tap: &Tap) -> (Listening, Cable) {
    let running = deaf_hearer(tap, &broker_url()).await;
    let cable = Cable::to(&running.database.url).await;
    let keys = running.issuer.dir.display().to_string();
    let settings = [
        ("http.address", "127.0.0.1:0"),
        ("database.url", &cable.url),
        ("database.wait_ms", "50"),
        ("broker.url", &broker_url()),
        ("broker.namespace", &tap.settings.namespace),
        ("keys.dir", &keys),
    ];
    let settings = settings.map(|(path, value)| (path.to_owned(), value.to_owned())).into();
    let source = Source::from_pairs(&settings).unwrap();
    let (_, app, _) = kit::service::assemble::<Hearer>(&source, Box::new(SystemClock)).unwrap();
    (listen(running, app), cable)
}

/// A hearer with its tables, that consumes nothing.
pub(crate) async fn deaf_hearer(tap: &Tap, url: &str) -> Running<Hearer> {
    let settings = [("broker.url", url), ("broker.namespace", &tap.settings.namespace)];
    let running = testing::boot::<Hearer>(&settings).await;
    let mut conn = running.database.connect();
    for table in [TABLES, MENDED] {
        sql_query(table).execute(&mut conn).unwrap();
    }
    running
}

fn listen(running: Running<Hearer>, app: App) -> Listening {
    for task in events::attach(&app, REACTIONS) {
        tokio::spawn(task);
    }
    Listening { running, app }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.app.stop().signal();
    }
}

/// What `/readyz` says of events.
pub(crate) async fn checks<S: Service>(running: &Running<S>) -> String {
    let ready = running.get("/readyz").await;
    ready.expect(200)["checks"]["events"].as_str().unwrap_or_default().to_owned()
}

/// Announces a new user for each name, in one transaction, and returns the events' ids.
pub(crate) async fn announce(app: &App, names: &[&str]) -> Vec<Uuid> {
    let told: Vec<_> = names.iter().map(|name| user_created(name)).collect();
    let ids = told.iter().map(|it| it.id).collect();
    enqueue(app, told).await;
    ids
}

/// Announces so many new users.
pub(crate) async fn announce_many(app: &App, count: usize) -> Vec<Uuid> {
    announce(app, &vec!["Ada"; count]).await
}

/// Announces something that nobody consumes.
pub(crate) async fn announce_unheard(app: &App) {
    let (session_id, user_id) = (fresh().into(), fresh().into());
    enqueue(app, vec![announcement(SessionRevoked { session_id, user_id })]).await;
}

async fn enqueue<P: Payload>(app: &App, told: Vec<Announcement<P>>) {
    let told = Arc::new(told);
    app.write(move |tx| Ok(told.iter().try_for_each(|it| events::enqueue(tx, it))?)).await.unwrap();
}

fn fresh() -> Uuid {
    uuid_v7(SystemClock.now())
}

/// A new user, still to be announced.
pub(crate) fn user_created(fullname: &str) -> Announcement<UserCreated> {
    let (id, now): (UserId, _) = (fresh().into(), SystemClock.now());
    let user = User {
        id,
        fullname: fullname.to_owned(),
        avatar: None,
        role: Role::User,
        timezone: None,
        is_active: true,
        record_version: 1,
        created_at: now,
        updated_at: now,
    };
    announcement(UserCreated { user })
}

fn announcement<P>(data: P) -> Announcement<P> {
    let recipient = Recipient::User(fresh().into());
    Announcement {
        id: fresh(),
        time: SystemClock.now(),
        request_id: "a-request".into(),
        subject: "a-subject".into(),
        recipients: vec![recipient],
        data,
    }
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, is_so: impl AsyncFnMut() -> bool) {
    testing::eventually(Duration::from_secs(30), what, is_so).await;
}
