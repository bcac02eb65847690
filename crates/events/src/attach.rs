//! What a service has running for its events.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use kit::{App, Background, Result, Tx};

use crate::consumer::Consumer;
use crate::reaction::Reaction;
use crate::relay::Relay;
use crate::schema::processed_event;
use crate::status::Status;

const MEASURE_EVERY: Duration = Duration::from_secs(1);
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// How long a repetition is known as one.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Relay, consumer and sweeper of a service, for [`kit::Service::background`]; `/readyz` shows them as `events`.
///
/// A service that reacts to nothing has no queue and no consumer.
#[must_use]
pub fn attach(app: &App, reactions: &'static [Reaction]) -> Vec<Background> {
    let status = Status::new(!reactions.is_empty());
    app.add_probe(status.probe(app));
    let relay = Relay::with(app, status.clone());
    let mut tasks: Vec<Background> =
        vec![Box::pin(relay.run()), Box::pin(watch(app.clone(), status.clone()))];
    if !reactions.is_empty() {
        tasks.push(Box::pin(Consumer::new(app, reactions, status).run()));
        tasks.push(Box::pin(sweeper(app.clone())));
    }
    tasks
}

async fn watch(app: App, status: Arc<Status>) {
    while app.stop().sleep(MEASURE_EVERY).await {
        if let Err(error) = status.measure(&app).await {
            log::debug!("outbox not measured: {error}");
        }
    }
}

async fn sweeper(app: App) {
    while app.stop().sleep(SWEEP_EVERY).await {
        if let Err(error) = sweep(&app).await {
            log::warn!("processed events not swept: {error}");
        }
    }
}

/// Forgets the events that were processed more than seven days ago, and returns how many. [`attach`] does it by itself.
///
/// # Errors
/// 503 when the database is away.
pub async fn sweep(app: &App) -> Result<usize> {
    let before = app.now() - REMEMBERED;
    app.write(move |tx| Ok(forget(tx, before)?)).await
}

fn forget(tx: &mut Tx<'_>, before: DateTime<Utc>) -> QueryResult<usize> {
    let old = processed_event::table.filter(processed_event::processed_at.lt(before));
    diesel::delete(old).execute(tx.conn())
}
