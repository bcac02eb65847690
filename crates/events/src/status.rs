//! How telling and hearing go: for `/readyz` and the metrics.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{App, Health, Probe, Result};

use crate::outbox::{self, Backlog};

/// An event that has waited this long shows in `/readyz`.
const LATE: TimeDelta = TimeDelta::seconds(60);

/// What relay and consumer know of themselves.
pub(crate) struct Status {
    backlog: Mutex<Backlog>,
    /// Whether the relay's link is up.
    relay: AtomicBool,
    /// Whether the consumer's is.
    consumer: AtomicBool,
}

/// Which of the two links.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Relay,
    Consumer,
}

impl Status {
    /// Nothing is known yet; a service that consumes nothing misses no link.
    pub(crate) fn new(reacts: bool) -> Arc<Self> {
        let (relay, consumer) = (AtomicBool::new(false), AtomicBool::new(!reacts));
        Arc::new(Self { backlog: Mutex::default(), relay, consumer })
    }

    /// Notes whether a link is up, and tells it when that changed.
    pub(crate) fn connected(&self, side: Side, outcome: &Result<()>) {
        let (link, who) = match side {
            Side::Relay => (&self.relay, "relay"),
            Side::Consumer => (&self.consumer, "consumer"),
        };
        if link.swap(outcome.is_ok(), Ordering::AcqRel) == outcome.is_ok() {
            return;
        }
        match outcome {
            Ok(()) => log::info!("{who}: connected to the broker"),
            Err(error) => log::warn!("{who}: {error}"),
        }
    }

    /// Counts what waits.
    pub(crate) async fn measure(&self, app: &App) -> Result<()> {
        let backlog = app.read(|conn| Ok(outbox::backlog(conn)?)).await?;
        metrics::gauge!("outbox_depth").set(figure(backlog.depth));
        metrics::gauge!("outbox_unroutable").set(figure(backlog.unroutable));
        let age = backlog.oldest.map_or(0, |oldest| (app.now() - oldest).num_seconds());
        metrics::gauge!("outbox_age_seconds").set(figure(age));
        *self.backlog.lock().unwrap_or_else(PoisonError::into_inner) = backlog;
        Ok(())
    }

    /// Never bad: requests are answered without the broker, and events follow.
    pub(crate) fn health(&self, now: DateTime<Utc>) -> Health {
        let Backlog { depth, oldest, unroutable } =
            *self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        let away = [&self.relay, &self.consumer].iter().any(|link| !link.load(Ordering::Acquire));
        let late = oldest.is_some_and(|oldest| now - oldest > LATE);
        let complaints = [
            away.then(|| "the broker does not answer".to_owned()),
            (unroutable > 0).then(|| format!("{unroutable} events cannot be delivered")),
            late.then(|| format!("{depth} events wait, the oldest for more than a minute")),
        ];
        let complaints: Vec<_> = complaints.into_iter().flatten().collect();
        if complaints.is_empty() { Health::Good } else { Health::Degraded(complaints.join("; ")) }
    }

    /// What `/readyz` shows as `events`.
    pub(crate) fn probe(self: &Arc<Self>, app: &App) -> Probe {
        let (status, app) = (self.clone(), app.clone());
        Probe::new("events", move || {
            let health = status.health(app.now());
            Box::pin(std::future::ready(health))
        })
    }
}

/// Exact up to 2^31, and nobody reads a gauge beyond that.
fn figure(count: i64) -> f64 {
    f64::from(i32::try_from(count).unwrap_or(i32::MAX))
}
