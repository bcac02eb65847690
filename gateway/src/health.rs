//! How the services are: what `/readyz` and `/environments` tell.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use futures_util::future::join_all;
use http::StatusCode;
use kit::{Health, Probe};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::environments::{Environment, Environments};
use crate::upstream::Upstream;

/// How long a service may take to say how it is.
const DEADLINE: Duration = Duration::from_secs(1);
/// How long an answer is good for: however many ask us, a service is asked once in this time.
const FRESH: Duration = Duration::from_secs(1);
/// The largest answer that is read.
const LARGEST: usize = 64 << 10;

/// What a service last said of itself.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Health)>>);

impl Upstream {
    /// How the service is. Those who ask at the same moment wait for one answer.
    pub(crate) async fn health(&self) -> Health {
        let mut last = self.readiness.0.lock().await;
        match last.as_ref() {
            Some((when, health)) if when.elapsed() < FRESH => health.clone(),
            _ => {
                let health = self.ask().await;
                *last = Some((Instant::now(), health.clone()));
                health
            }
        }
    }

    async fn ask(&self) -> Health {
        match timeout(DEADLINE, self.readyz()).await {
            Ok(Some(health)) => health,
            Ok(None) => Health::Bad("cannot be reached".into()),
            Err(_) => Health::Bad("does not answer in time".into()),
        }
    }

    async fn readyz(&self) -> Option<Health> {
        let (status, body) = self.get("/readyz", LARGEST).await?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let word = body.get("status").and_then(Value::as_str).unwrap_or("unknown");
        Some(match (status, word) {
            (StatusCode::OK, "degraded") => Health::Degraded("see its own /readyz".into()),
            (StatusCode::OK, _) => Health::Good,
            (_, word) => Health::Bad(format!("says {word}")),
        })
    }
}

/// What `/readyz` looks at: every service of every environment.
pub(crate) fn probes(environments: &Environments) -> Vec<Probe> {
    let of_one = |environment: &Arc<Environment>| {
        let name = environment.name.clone();
        let upstreams = environment.upstreams.clone().into_iter();
        upstreams.map(move |(service, upstream)| {
            Probe::new(format!("{name}/{service}"), move || {
                let upstream = upstream.clone();
                Box::pin(async move { upstream.health().await })
            })
        })
    };
    environments.all.iter().flat_map(of_one).collect()
}

/// `GET /environments`: `[{name, baseUrl, healthy}]`, what a login page offers.
pub(crate) async fn environments(environments: &Environments) -> HttpResponse {
    let lines = environments.all.iter().map(|environment| async move {
        json!({ "name": environment.name, "baseUrl": environment.base_url, "healthy": healthy(environment).await })
    });
    HttpResponse::Ok().json(join_all(lines).await)
}

async fn healthy(environment: &Environment) -> bool {
    let found = join_all(environment.upstreams.values().map(|upstream| upstream.health())).await;
    !found.is_empty() && found.iter().all(|health| !matches!(health, Health::Bad(_)))
}
