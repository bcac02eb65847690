//! The one handle that everything hangs on.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::clock::uuid_v7;
use crate::db::Db;
use crate::idempotency::Claim;
use crate::settings::{ProcessSettings, ServiceSettings, SettingsError};
use crate::tokens::{Grant, ServiceClaims};
use crate::{
    Answer, Body, Call, Claims, Clock, OneStatement, Probe, Result, SigningKeys, Stop, Trust, Tx, Use,
    idempotency,
};

/// A running service: its name and environment, clock, database, keys and trust. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    service: &'static str,
    environment: String,
    settings: ServiceSettings,
    clock: Box<dyn Clock>,
    db: Db,
    keys: SigningKeys,
    trust: Trust,
    http: reqwest::Client,
    probes: RwLock<Vec<Probe>>,
    stop: Stop,
}

/// How long one service waits for another.
const LOOK_UP_DEADLINE: Duration = Duration::from_secs(1);
/// A call to another service is made at once: its token need not live longer.
const SERVICE_TOKEN_LIFE: chrono::TimeDelta = chrono::TimeDelta::minutes(1);

impl App {
    /// The handle of a service. Nothing is connected yet.
    ///
    /// # Errors
    /// When the signing keys cannot be read.
    pub fn new(
        service: &'static str,
        process: &ProcessSettings,
        settings: ServiceSettings,
        clock: Box<dyn Clock>,
    ) -> std::result::Result<Self, SettingsError> {
        let http = http_client()?;
        Ok(Self(Arc::new(Inner {
            service,
            environment: process.environment.clone(),
            clock,
            db: Db::new(&settings.database),
            keys: SigningKeys::load(&settings.keys.dir)?,
            trust: Trust::new(&process.environment, &settings.trust, http.clone()),
            http,
            probes: RwLock::default(),
            stop: Stop::default(),
            settings,
        })))
    }

    /// The service's name: its schema, its queue, the issuer of its tokens.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.0.service
    }

    /// The environment's name.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.0.environment
    }

    /// The settings that every service has.
    #[must_use]
    pub fn settings(&self) -> &ServiceSettings {
        &self.0.settings
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// A new id, ordered by time.
    #[must_use]
    pub fn new_id<I: From<uuid::Uuid>>(&self) -> I {
        uuid_v7(self.now()).into()
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// See [`Db::read`].
    ///
    /// # Errors
    /// As there.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut diesel::pg::PgConnection) -> Result<T> + Send + 'static,
    {
        self.0.db.read(query).await
    }

    /// See [`Db::write`].
    ///
    /// # Errors
    /// As there.
    pub async fn write<T, F>(&self, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.0.db.write(change).await
    }

    /// See [`Db::once`].
    ///
    /// # Errors
    /// As there.
    pub async fn once<S: OneStatement>(&self, statement: S) -> Result<diesel::QueryResult<Option<S::Row>>> {
        self.0.db.once(statement).await
    }

    /// Runs a POST of `route`: with an `Idempotency-Key`, once for all its repetitions; without one, just so.
    ///
    /// # Errors
    /// 409 when the key was used with another request, and whatever `effect` says; then nothing is changed.
    pub async fn post<F>(&self, call: &Call, body: &Body, route: &'static str, effect: F) -> Result<Answer>
    where
        F: Fn(&mut Tx<'_>) -> Result<Answer> + Send + 'static,
    {
        match Claim::of(call, body, route, self.now()) {
            Some(claim) => self.write(move |tx| claim.once(tx, &effect)).await,
            None => self.write(effect).await,
        }
    }

    /// Takes out kept answers whose 24 hours are over, a bite at a time; how many went. Background work does it.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn sweep(&self) -> Result<usize> {
        let now = self.now();
        self.write(move |tx| Ok(idempotency::sweep(tx, now)?)).await
    }

    /// Signs a token with the service's own key.
    ///
    /// # Errors
    /// Internal, when that cannot be done.
    pub fn sign<T: serde::Serialize>(
        &self,
        typ: Use,
        subject: String,
        extra: T,
        life: chrono::TimeDelta,
    ) -> Result<String> {
        let grant = Grant { issuer: self.0.service, environment: &self.0.environment, typ, subject, extra };
        self.0.keys.sign(&Claims::new(grant, self.now(), life), self.now())
    }

    /// Prepares a GET of another service, signed as this one, with a deadline of a second.
    ///
    /// # Errors
    /// Internal, when the token cannot be signed.
    pub fn look_up(&self, url: &str) -> Result<reqwest::RequestBuilder> {
        let token =
            self.sign(Use::Service, self.0.service.to_owned(), ServiceClaims {}, SERVICE_TOKEN_LIFE)?;
        Ok(self.0.http.get(url).bearer_auth(token).timeout(LOOK_UP_DEADLINE))
    }

    /// The service's own signing keys.
    #[must_use]
    pub fn keys(&self) -> &SigningKeys {
        &self.0.keys
    }

    /// Whose tokens are taken.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.0.trust
    }

    /// Adds something that `/readyz` looks at.
    pub fn add_probe(&self, probe: Probe) {
        self.0.probes.write().unwrap_or_else(PoisonError::into_inner).push(probe);
    }

    pub(crate) fn probes(&self) -> Vec<Probe> {
        self.0.probes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells background work when to end.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.0.stop
    }
}

/// The client for look-ups between services: no redirects, no proxies, a deadline on everything.
fn http_client() -> std::result::Result<reqwest::Client, SettingsError> {
    let builder = reqwest::Client::builder().connect_timeout(LOOK_UP_DEADLINE).timeout(2 * LOOK_UP_DEADLINE);
    let client = builder.redirect(reqwest::redirect::Policy::none()).no_proxy().tcp_nodelay(true).build();
    client.map_err(|error| SettingsError { variable: "BANTER__…".into(), problem: error.to_string() })
}
