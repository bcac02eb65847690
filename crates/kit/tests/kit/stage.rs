//! Services whose end, clock or database is the test's.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::server::{Lifecycle, Server};
use kit::settings::Source;
use kit::{App, Clock, ManualClock, SystemClock};
use testing::{Database, ENVIRONMENT, Issuer};

use crate::notes::Notes;

/// A clock that the test keeps a hand on.
#[derive(Clone)]
pub(crate) struct Hands(pub(crate) Arc<ManualClock>);

impl Hands {
    pub(crate) fn now() -> Self {
        Self(Arc::new(ManualClock::at(SystemClock.now())))
    }
}

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
}

/// A listener that the test can drain.
pub(crate) struct Process {
    pub(crate) app: App,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) server: Server,
    pub(crate) url: String,
}

/// Settings for a service in that database, and others over them.
pub(crate) fn settings(database_url: &str, own: &[(&str, &str)]) -> Source {
    let issuer = Issuer::shared();
    let keys = issuer.dir.display().to_string();
    let usual = [
        ("environment", ENVIRONMENT),
        ("http.address", "127.0.0.1:0"),
        ("database.url", database_url),
        ("broker.url", "amqp://nobody@127.0.0.1:1/"),
        ("keys.dir", &keys),
        ("trust.auth.jwks_url", &issuer.jwks_url),
        ("trust.auth.uses", "access"),
    ];
    let pairs = usual.iter().chain(own);
    let pairs: BTreeMap<_, _> = pairs.map(|(path, value)| ((*path).into(), (*value).into())).collect();
    Source::from_pairs(&pairs).unwrap()
}

/// A replica: a listener on a schema that may have others.
pub(crate) fn start(database_url: &str, own: &[(&str, &str)], clock: Box<dyn Clock>) -> Process {
    let (process, app, service) =
        kit::service::assemble::<Notes>(&settings(database_url, own), clock).unwrap();
    let lifecycle = Lifecycle::default();
    let server = kit::service::start(&process, &app, &service, lifecycle.clone()).unwrap();
    let url = format!("http://{}", server.address);
    Process { app, lifecycle, server, url }
}

/// A replica that is ready, on a migrated schema.
pub(crate) async fn ready(database: &Database, own: &[(&str, &str)]) -> Process {
    migrate(database).await;
    let process = start(&database.url, own, Box::new(SystemClock));
    process.lifecycle.ready();
    process
}

pub(crate) async fn migrate(database: &Database) {
    let url = database.url.clone();
    tokio::task::spawn_blocking(move || kit::service::migrate::<Notes>(&url).unwrap()).await.unwrap();
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap()
}
