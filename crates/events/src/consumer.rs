//! The consumer: takes events from the service's queue, at least once, and lets them take effect exactly once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use kit::{App, Error, Result, logs};
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::FieldTable;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::backoff::Backoff;
use crate::broker::{Broker, Link, timely};
use crate::death;
use crate::reaction::{Reaction, Work};
use crate::status::{Side, Status};
use crate::topology::short;
use crate::undertaker::Undertaker;

/// Events taken from the queue before the first is answered; also the bound on those that wait for another try.
const PREFETCH: u16 = 100;
/// Reactions that run at once: half of the usual pool, the other half is for requests.
const AT_ONCE: usize = 4;
/// Tries before an event is dead.
const TRIES: u32 = 5;
/// How long reactions may finish when the process stops.
const LAST_CALL: Duration = Duration::from_secs(2);

/// Consumes the events of one service. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Consumer {
    app: App,
    broker: Broker,
    reactions: &'static [Reaction],
    running: Arc<Semaphore>,
    undertaker: Arc<Undertaker>,
    status: Arc<Status>,
}

/// What became of an event.
enum Verdict {
    Applied,
    Refused(Error),
    /// The process stops: somebody else gets it.
    Interrupted,
}

impl Consumer {
    pub(crate) fn new(app: &App, reactions: &'static [Reaction], status: Arc<Status>) -> Self {
        let broker = |side| Broker::new(&app.settings().broker, format!("{} {side}", app.service()));
        let undertaker = Arc::new(Undertaker::new(broker("dead letters"), app.service()));
        let (broker, running) = (broker("consumer"), Arc::new(Semaphore::new(AT_ONCE)));
        Self { app: app.clone(), broker, reactions, running, undertaker, status }
    }

    /// Consumes until the process stops, however often the broker goes away.
    pub(crate) async fn run(self) {
        let mut backoff = Backoff::connecting();
        loop {
            let ended = self.session(&mut backoff).await;
            self.status.connected(Side::Consumer, &ended);
            if ended.is_ok() || !self.app.stop().sleep(backoff.pause()).await {
                return;
            }
        }
    }

    /// Consumes over one link; ends well only when the process stops.
    async fn session(&self, backoff: &mut Backoff) -> Result<()> {
        let link = self.broker.link().await?;
        let mut deliveries = self.subscribe(&link).await?;
        self.status.connected(Side::Consumer, &Ok(()));
        backoff.reset();
        // Dropped with the session: what it works on comes again over the next.
        let mut work = JoinSet::new();
        loop {
            tokio::select! {
                () = self.app.stop().signalled() => break,
                next = deliveries.next() => {
                    let delivery = next.ok_or_else(|| Error::unavailable("the queue was closed"))?;
                    work.spawn(self.clone().take(delivery.map_err(Error::unavailable)?));
                }
                Some(_) = work.join_next() => {}
            }
        }
        let _ = tokio::time::timeout(LAST_CALL, work.join_all()).await;
        Ok(())
    }

    async fn subscribe(&self, link: &Link) -> Result<lapin::Consumer> {
        timely(link.channel.basic_qos(PREFETCH, BasicQosOptions::default())).await?;
        let (queue, tag) = (short(&self.broker.topology.queue(self.app.service())), short(""));
        let options = BasicConsumeOptions::default();
        timely(link.channel.basic_consume(queue, tag, options, FieldTable::default())).await
    }

    async fn take(self, delivery: Delivery) {
        match Work::read(self.reactions, &delivery.data) {
            Ok(work) => {
                let scope = Arc::new(logs::Scope::new(work.request_id.as_str().into()));
                logs::scoped(scope, self.answer(delivery, work)).await;
            }
            Err(reason) => self.bury(&delivery, &reason).await,
        }
    }

    async fn answer(&self, delivery: Delivery, work: Work) {
        match self.react(Arc::new(work)).await {
            Verdict::Applied => {
                count("applied");
                heard(timely(delivery.ack(BasicAckOptions::default())).await);
            }
            Verdict::Refused(error) => self.bury(&delivery, &error.to_string()).await,
            Verdict::Interrupted => {}
        }
    }

    /// Tries until it is done, or has failed too often. A database that is away does not count: the event is not at
    /// fault.
    async fn react(&self, work: Arc<Work>) -> Verdict {
        let (mut backoff, mut failures) = (Backoff::reacting(), 0);
        loop {
            let Err(error) = self.attempt(work.clone()).await else { return Verdict::Applied };
            log::warn!("reaction to {} failed: {error}", work.id);
            failures += u32::from(error.code().status != 503);
            if failures == TRIES {
                return Verdict::Refused(error);
            }
            if !self.app.stop().sleep(backoff.pause()).await {
                return Verdict::Interrupted;
            }
        }
    }

    /// A panic in the reaction comes back as an error: it ran on a thread of its own.
    async fn attempt(&self, work: Arc<Work>) -> Result<()> {
        let _running = self.running.acquire().await.map_err(Error::internal)?;
        self.app.write(move |tx| work.apply(tx).map(|_| ())).await
    }

    /// Sends an event to the dead letters: with the reason, or else by rejecting it, which leaves that to the broker.
    async fn bury(&self, event: &Delivery, reason: &str) {
        let id = death::id(event).unwrap_or("?");
        log::error!("event {id} ({}) goes to the dead letters: {reason}", death::kind(event));
        count("dead");
        match self.undertaker.lay_aside(event, reason, self.app.now()).await {
            Ok(()) => heard(timely(event.ack(BasicAckOptions::default())).await),
            Err(error) => {
                log::warn!("event {id} is rejected without the reason: {error}");
                heard(timely(event.reject(BasicRejectOptions { requeue: false })).await);
            }
        }
    }
}

/// An answer that does not reach the broker does no harm: the event comes again, and is known.
fn heard(answer: Result<bool>) {
    if let Err(error) = answer {
        log::debug!("answer lost: {error}");
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("events_consumed_total", "outcome" => outcome).increment(1);
}
