//! A service on a port of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use kit::server::{Lifecycle, Server};
use kit::settings::Source;
use kit::{App, Clock, Role, Service, SystemClock};
use reqwest::Method;

use crate::issuer::ENVIRONMENT;
use crate::{Ask, Database, Issuer, Person};

/// A service with its schema migrated and its listener up, but no background work.
pub struct Running<S: Service> {
    /// The service.
    pub service: Arc<S>,
    /// Its handle.
    pub app: App,
    /// Who signs the tokens that it takes.
    pub issuer: Arc<Issuer>,
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    /// Its schema; dropped last.
    pub database: Database,
    http: reqwest::Client,
    _server: Server,
}

/// Boots a service with settings of its own, written as `section.key`.
///
/// # Panics
/// When it does not boot.
pub async fn boot<S: Service>(own: &[(&str, &str)]) -> Running<S> {
    boot_at::<S>(own, Box::new(SystemClock)).await
}

/// Boots a service with a clock of the test's.
///
/// # Panics
/// When it does not boot.
pub async fn boot_at<S: Service>(own: &[(&str, &str)], clock: Box<dyn Clock>) -> Running<S> {
    let (database, issuer) = (Database::create(), Issuer::shared());
    let source = Source::from_pairs(&settings(&database, &issuer, own)).unwrap();
    let (process, app, service) = kit::service::assemble::<S>(&source, clock).unwrap();
    let url = database.url.clone();
    tokio::task::spawn_blocking(move || kit::service::migrate::<S>(&url).unwrap()).await.unwrap();
    let lifecycle = Lifecycle::default();
    let server = kit::service::start(&process, &app, &service, lifecycle.clone()).unwrap();
    lifecycle.ready();
    let url = format!("http://{}", server.address);
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with no deadline but their own")]
    let http = reqwest::Client::new();
    Running { service, app, issuer, url, database, http, _server: server }
}

fn settings(database: &Database, issuer: &Issuer, own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let keys = issuer.dir.display().to_string();
    let usual = [
        ("environment", ENVIRONMENT),
        ("http.address", "127.0.0.1:0"),
        ("database.url", &database.url),
        ("broker.url", "amqp://nobody@127.0.0.1:1/"),
        ("keys.dir", &keys),
        ("trust.auth.jwks_url", &issuer.jwks_url),
        ("trust.auth.uses", "access,service"),
    ];
    let pairs = usual.iter().chain(own);
    pairs.map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect()
}

impl<S: Service> Running<S> {
    /// Somebody new.
    #[must_use]
    pub fn person(&self) -> Person {
        self.issuer.person(Role::User)
    }

    /// Somebody new among the staff.
    #[must_use]
    pub fn staff(&self) -> Person {
        self.issuer.person(Role::Admin)
    }

    /// A request.
    #[must_use]
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        Ask(self.http.request(method, format!("{}{path}", self.url)))
    }

    /// A GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    /// A POST.
    #[must_use]
    pub fn post(&self, path: &str) -> Ask {
        self.ask(Method::POST, path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch(&self, path: &str) -> Ask {
        self.ask(Method::PATCH, path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(&self, path: &str) -> Ask {
        self.ask(Method::DELETE, path)
    }
}
