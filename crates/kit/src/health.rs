//! `/healthz`: the process lives. `/readyz`: it can do its work, and what is amiss.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use diesel::{RunQueryDsl as _, sql_query};
use futures_util::future::{BoxFuture, join_all};
use serde_json::json;

use crate::{App, Stop};

/// How something that a process needs is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Good,
    /// Requests are answered, but something waits or is missing: shown, still 200.
    Degraded(String),
    /// Requests cannot be answered: 503.
    Bad(String),
}

impl Health {
    fn word(&self) -> String {
        match self {
            Self::Good => "ok".into(),
            Self::Degraded(why) => format!("degraded: {why}"),
            Self::Bad(why) => format!("unavailable: {why}"),
        }
    }
}

/// Something that `/readyz` looks at.
#[derive(Clone)]
pub struct Probe {
    name: Cow<'static, str>,
    look: Arc<dyn Fn() -> BoxFuture<'static, Health> + Send + Sync>,
}

impl Probe {
    /// A probe of that name.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        look: impl Fn() -> BoxFuture<'static, Health> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), look: Arc::new(look) }
    }

    /// Whether Postgres answers.
    pub(crate) fn database(app: &App) -> Self {
        let db = app.db().clone();
        Self::new("database", move || {
            let db = db.clone();
            Box::pin(async move {
                let answer = db.read(|conn| Ok(sql_query("SELECT 1").execute(conn)?)).await;
                answer.map_or_else(|_| Health::Bad("Postgres does not answer".into()), |_| Health::Good)
            })
        })
    }
}

/// Where a process stands between its start and its end.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<Stage>);

#[derive(Debug, Default)]
struct Stage {
    number: AtomicU8,
    draining: Stop,
}

const READY: u8 = 1;
const DRAINING: u8 = 2;

impl Lifecycle {
    /// The process can do its work from now on.
    pub fn ready(&self) {
        let _ = self.0.number.compare_exchange(0, READY, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The process is about to end.
    pub fn drain(&self) {
        self.0.number.store(DRAINING, Ordering::Release);
        self.0.draining.signal();
    }

    /// Whether it can do its work already.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        self.0.number.load(Ordering::Acquire) == 0
    }

    /// Whether it is about to end.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.number.load(Ordering::Acquire) == DRAINING
    }

    /// Resolves when it is about to end: for answers that have no end of their own.
    pub async fn draining(&self) {
        self.0.draining.signalled().await;
    }
}

/// `GET /healthz`.
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// `GET /readyz`: `{status, checks}`.
pub(crate) async fn readyz(
    lifecycle: web::Data<Lifecycle>,
    probes: web::Data<dyn Fn() -> Vec<Probe> + Send + Sync>,
) -> HttpResponse {
    if lifecycle.is_starting() || lifecycle.is_draining() {
        let status = if lifecycle.is_starting() { "starting" } else { "draining" };
        return HttpResponse::ServiceUnavailable().json(json!({ "status": status, "checks": {} }));
    }
    let looks = probes().into_iter().map(|probe| async move { (probe.name, (probe.look)().await) });
    report(&join_all(looks).await)
}

fn report(found: &[(Cow<'static, str>, Health)]) -> HttpResponse {
    let bad = found.iter().any(|(_, health)| matches!(health, Health::Bad(_)));
    let degraded = found.iter().any(|(_, health)| matches!(health, Health::Degraded(_)));
    let (code, status) = match (bad, degraded) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (false, true) => (StatusCode::OK, "degraded"),
        (false, false) => (StatusCode::OK, "ready"),
    };
    let checks: BTreeMap<_, _> = found.iter().map(|(name, health)| (name, health.word())).collect();
    HttpResponse::build(code).json(json!({ "status": status, "checks": checks }))
}
