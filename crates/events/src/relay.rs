//! The relay: tells what the outbox holds, and forgets only what the broker has confirmed.

use std::sync::Arc;
use std::time::Duration;

use kit::clock::uuid_v7;
use kit::{App, Health, Result};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::broker::{Broker, Link};
use crate::lease::Lease;
use crate::letter::Fate;
use crate::outbox::{self, Forget, Postpone, Row};
use crate::publisher::Publisher;
use crate::status::{Side, Status};

/// Events published before their confirmations are awaited together.
const BATCH: i64 = 500;
/// Another replica's commits wake nobody here: look this often.
const POLL: Duration = Duration::from_millis(200);

/// Relays the events of one service.
pub struct Relay {
    app: App,
    broker: Broker,
    lease: Lease,
    link: Mutex<Option<Link>>,
    status: Arc<Status>,
}

/// What became of one batch.
struct Round {
    confirmed: usize,
    unroutable: usize,
    /// There may be more.
    full: bool,
}

impl Relay {
    /// The relay of a service; nothing is connected yet.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self::with(app, Status::new(false))
    }

    pub(crate) fn with(app: &App, status: Arc<Status>) -> Self {
        let broker = Broker::new(&app.settings().broker, format!("{} relay", app.service()));
        let lease = Lease::new(uuid_v7(app.now()));
        Self { app: app.clone(), broker, lease, link: Mutex::default(), status }
    }

    /// Tells everything that is due, and returns how many events the broker has confirmed. None when another replica
    /// holds the lease. For tests, which drive the relay by hand.
    ///
    /// # Errors
    /// 503 when the database or the broker is away; what was confirmed is forgotten all the same.
    pub async fn drain(&self) -> Result<usize> {
        let mut told = 0;
        loop {
            let round = self.round().await?;
            told += round.confirmed;
            if !round.full {
                self.status.measure(&self.app).await?;
                return Ok(told);
            }
        }
    }

    /// What `/readyz` says of it.
    #[must_use]
    pub fn health(&self) -> Health {
        self.status.health(self.app.now())
    }

    /// Relays until the process stops.
    pub async fn run(self) {
        let mut backoff = Backoff::connecting();
        while self.step(&mut backoff).await {}
        if let Err(error) = self.lease.give_back(&self.app).await {
            log::warn!("relay: lease not given back: {error}");
        }
    }

    /// One batch, then a pause unless there is more; whether there is still time to work.
    async fn step(&self, backoff: &mut Backoff) -> bool {
        match self.round().await {
            Ok(round) => {
                backoff.reset();
                if round.full { self.app.stop().sleep(Duration::ZERO).await } else { self.idle().await }
            }
            Err(error) => {
                log::debug!("relay: {error}");
                self.app.stop().sleep(backoff.pause()).await
            }
        }
    }

    async fn idle(&self) -> bool {
        tokio::select! {
            () = self.app.db().told() => true,
            awake = self.app.stop().sleep(POLL) => awake,
        }
    }

    async fn round(&self) -> Result<Round> {
        let mut slot = self.link.lock().await;
        let linked = self.broker.ensure(&mut slot).await;
        self.status.connected(Side::Relay, &linked);
        linked?;
        let batch = self.batch().await?;
        let told = match slot.as_ref() {
            Some(link) if !batch.is_empty() => self.publisher().tell(link, batch).await,
            _ => return Ok(Round { confirmed: 0, unroutable: 0, full: false }),
        };
        if told.failure.is_some() {
            *slot = None;
        }
        let round = self.settle(&told.fates).await?;
        if round.unroutable > 0 {
            // Made anew, with the topology: the queue may have been deleted.
            *slot = None;
        }
        told.failure.map_or(Ok(round), Err)
    }

    fn publisher(&self) -> Publisher {
        Publisher { source: self.app.service(), exchange: self.broker.topology.exchange() }
    }

    /// What to publish; nothing while another replica has the lease. Costs one query when there is nothing.
    async fn batch(&self) -> Result<Vec<Row>> {
        let now = self.app.now();
        if !self.lease.is_fresh() {
            let due = self.app.read(move |conn| Ok(outbox::is_due(conn, now)?)).await?;
            if !(due && self.lease.take(&self.app).await?) {
                return Ok(Vec::new());
            }
        }
        self.app.read(move |conn| Ok(outbox::oldest(conn, now, BATCH)?)).await
    }

    /// Forgets what was confirmed and postpones what found no queue. All else stays as it is, and is told again.
    async fn settle(&self, fates: &[(Uuid, Fate)]) -> Result<Round> {
        let with = |wanted: Fate| -> Vec<Uuid> {
            fates.iter().filter(|(_, fate)| *fate == wanted).map(|(id, _)| *id).collect()
        };
        let (told, stuck) = (with(Fate::Confirmed), with(Fate::Unroutable));
        let (confirmed, unroutable) = (told.len(), stuck.len());
        if confirmed > 0 {
            self.app.once(Forget(told)).await??;
            metrics::counter!("events_published_total").increment(whole(confirmed));
        }
        if unroutable > 0 {
            log::error!("relay: {unroutable} events found no queue; they stay in the outbox");
            metrics::counter!("events_unroutable_total").increment(whole(unroutable));
            self.app.once(Postpone { ids: stuck, now: self.app.now() }).await??;
        }
        Ok(Round { confirmed, unroutable, full: i64::try_from(confirmed).is_ok_and(|it| it == BATCH) })
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
