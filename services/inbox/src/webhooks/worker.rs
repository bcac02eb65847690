//! The worker: claims what is due, sends it outside any transaction, and notes what came of it. Killed at any line, it leaves
//! a lease behind; when that is over, the delivery is made again under the same id.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use kit::{Background, Result, Tx};
use tokio::task::JoinSet;

use crate::Inbox;
use crate::domain::delivery::{Delivery, Outcome};
use crate::domain::webhook::sign;
use crate::store::webhook_deliveries::BITE;
use crate::store::{channel_apis, webhook_deliveries};
use crate::webhooks::client::Hook;

/// How many deliveries are on their way at once.
const LANES: usize = 16;
/// How many are claimed at once.
const CLAIMED: usize = 4;
/// How often it looks whether something is due.
const POLL: Duration = Duration::from_millis(500);
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How much longer than a try a lease lasts.
const SPARE: TimeDelta = TimeDelta::seconds(30);

/// The work beside the requests: deliveries, and the end of their log.
#[must_use]
pub fn background(service: &Arc<Inbox>) -> Vec<Background> {
    let (worker, sweeper) = (service.clone(), service.clone());
    vec![
        Box::pin(work(worker)),
        Box::pin(async move {
            while sweeper.app.stop().sleep(SWEEP_EVERY).await {
                if let Err(error) = sweep(&sweeper).await {
                    log::warn!("deliveries not swept: {error}");
                }
            }
        }),
    ]
}

/// Whoever is done makes room for the next, and may be what the next of its conversation waited for.
async fn work(service: Arc<Inbox>) {
    let (stop, mut busy) = (service.app.stop().clone(), JoinSet::new());
    loop {
        let claimed = claimed(&service, LANES - busy.len()).await;
        let found = !claimed.is_empty();
        for delivery in claimed {
            let service = service.clone();
            busy.spawn(async move { delivered(&service, delivery).await });
        }
        if found && busy.len() < LANES {
            continue;
        }
        tokio::select! {
            () = stop.signalled() => break,
            Some(_) = busy.join_next(), if !busy.is_empty() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while busy.join_next().await.is_some() {}
}

async fn claimed(service: &Inbox, free: usize) -> Vec<Delivery> {
    match claim(service, free.min(CLAIMED)).await {
        Ok(claimed) => claimed,
        Err(error) => {
            log::warn!("no webhooks claimed: {error}");
            Vec::new()
        }
    }
}

async fn delivered(service: &Inbox, delivery: Delivery) {
    if let Err(error) = deliver(service, delivery).await {
        log::warn!("what became of a webhook is not noted, so it will be sent again: {error}");
    }
}

/// One round: claims a bite, sends it, notes what came of it; how many.
///
/// # Errors
/// 503 when the database is away.
pub async fn turn(service: &Inbox) -> Result<usize> {
    let claimed = claim(service, CLAIMED).await?;
    let count = claimed.len();
    let all = claimed.into_iter().map(|delivery| delivered(service, delivery));
    futures_util::future::join_all(all).await;
    Ok(count)
}

async fn claim(service: &Inbox, count: usize) -> Result<Vec<Delivery>> {
    let count = i64::try_from(count).unwrap_or(0);
    let now = service.app.now();
    let try_takes = TimeDelta::from_std(service.webhooks.deadline()).unwrap_or(SPARE);
    let until = now + try_takes + SPARE;
    service.app.write(move |tx| Ok(webhook_deliveries::claim(tx, count, now, until)?)).await
}

async fn deliver(service: &Inbox, delivery: Delivery) -> Result<()> {
    let (chatbot, channel) = (delivery.chatbot_id, delivery.channel_id);
    let channel = service.app.read(move |conn| Ok(channel_apis::get(conn, chatbot, channel)?)).await?;
    let outcome = match channel.and_then(|channel| Some((channel.webhook_url?, channel.secret))) {
        Some((url, secret)) => post(service, &delivery, &url, &secret).await,
        None => Outcome::Nowhere("The channel has no webhookUrl any more."),
    };
    let after = delivery.tried(outcome, service.app.now());
    let known = service.app.write(move |tx: &mut Tx<'_>| Ok(webhook_deliveries::finish(tx, &after)?)).await?;
    if !known {
        log::warn!("a webhook took longer than its lease and was claimed again");
    }
    Ok(())
}

async fn post(service: &Inbox, delivery: &Delivery, url: &str, secret: &str) -> Outcome {
    let (id, timestamp) = (delivery.id.to_string(), service.app.now().timestamp().to_string());
    let signature = sign(secret, &id, &timestamp, delivery.body.as_bytes());
    let hook = Hook { url, id: &id, timestamp: &timestamp, signature: &signature, body: &delivery.body };
    service.webhooks.send(&hook).await
}

/// Puts off what waits behind something else, and takes out what is long over; how many went.
///
/// # Errors
/// 503 when the database is away.
pub async fn sweep(service: &Inbox) -> Result<usize> {
    let now = service.app.now();
    while service.app.write(move |tx| Ok(webhook_deliveries::defer(tx, now)?)).await? == BITE {}
    let mut gone = 0;
    loop {
        let bite = service.app.write(move |tx| Ok(webhook_deliveries::sweep(tx, now)?)).await?;
        gone += bite;
        if bite < BITE {
            return Ok(gone);
        }
    }
}
