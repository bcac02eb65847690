//! What the relay does when all is well, and when a queue is missing.

use chrono::TimeDelta;
use diesel::{RunQueryDsl as _, sql_query};
use events::Relay;
use events::outbox::pending;
use kit::{Clock, Health, ManualClock, SystemClock};

use crate::stage::{announce, announce_many, announce_unheard, checks, teller, teller_at, until};
use crate::tap::{Tap, broker_url};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_confirms_is_forgotten() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let told = announce_many(&auth.app, 1_200).await;
    let relay = Relay::new(&auth.app);
    assert_eq!(relay.drain().await.unwrap(), told.len());
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 0);
    let (count, ids) = tap.take_all(&tap.topology.queue("messaging")).await;
    assert_eq!((count, ids.len()), (told.len(), told.len()));
    assert_eq!(relay.drain().await.unwrap(), 0);
    assert_eq!(relay.health(), Health::Good);
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_consumes_needs_no_queue() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    announce_unheard(&auth.app).await;
    assert_eq!(Relay::new(&auth.app).drain().await.unwrap(), 1);
    assert_eq!(tap.depth(&tap.topology.queue("messaging")).await, 0);
    tap.clean().await;
}

/// A clock that the test and the service share.
struct Shared(std::sync::Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.now()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_queue_stays_shows_and_follows_later() {
    let tap = Tap::open().await;
    let clock = std::sync::Arc::new(ManualClock::at(SystemClock.now()));
    let auth = teller_at(&tap, &broker_url(), Box::new(Shared(clock.clone()))).await;
    let relay = Relay::new(&auth.app);
    relay.drain().await.unwrap();
    // As long as one queue takes it, the broker says nothing of the others.
    for consumer in ["conversation", "inbox", "messaging"] {
        tap.delete(&tap.topology.queue(consumer)).await;
    }
    let told = announce(&auth.app, &["Ada"]).await;
    assert_eq!(relay.drain().await.unwrap(), 0, "an unroutable event was taken for a confirmed one");
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 1);
    assert_eq!(relay.health(), Health::Degraded("1 events cannot be delivered".into()));
    assert_eq!(relay.drain().await.unwrap(), 0, "it is not due yet");
    clock.advance(TimeDelta::seconds(3));
    assert_eq!(relay.drain().await.unwrap(), 1, "the queue was declared again");
    assert_eq!(relay.health(), Health::Good);
    let (_, ids) = tap.take_all(&tap.topology.queue("messaging")).await;
    assert!(ids.contains(&told[0].to_string()));
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_no_event_does_not_stop_the_others() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let told = announce(&auth.app, &["Ada", "Ben"]).await;
    let spoil = format!("UPDATE outbox SET recipients = '{{nobody}}' WHERE id = '{}'", told[0]);
    sql_query(spoil).execute(&mut auth.database.connect()).unwrap();
    let relay = Relay::new(&auth.app);
    assert_eq!(relay.drain().await.unwrap(), 1);
    assert!(matches!(relay.health(), Health::Degraded(_)));
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_relay_at_a_time_and_another_takes_over() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let (first, second) = (Relay::new(&auth.app), Relay::new(&auth.app));
    announce_many(&auth.app, 3).await;
    assert_eq!(first.drain().await.unwrap(), 3);
    announce_many(&auth.app, 2).await;
    assert_eq!(second.drain().await.unwrap(), 0, "the first holds the lease");
    drop(first);
    let taken_over = async || second.drain().await.unwrap() == 2;
    until("the lease of the first has lapsed", taken_over).await;
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_at_once_lose_nothing() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let (first, second) = (Relay::new(&auth.app), Relay::new(&auth.app));
    let mut told = Vec::new();
    for _ in 0..10 {
        told.extend(announce_many(&auth.app, 50).await);
        let (one, two) = tokio::join!(first.drain(), second.drain());
        assert!(one.unwrap() + two.unwrap() >= 50);
    }
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 0);
    let (_, ids) = tap.take_all(&tap.topology.queue("messaging")).await;
    assert_eq!(ids, told.iter().map(ToString::to_string).collect());
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_relays_by_itself_and_tells_how_it_is() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    for task in events::attach(&auth.app, &[]) {
        tokio::spawn(task);
    }
    until("the relay is connected", async || checks(&auth).await == "ok").await;
    announce_many(&auth.app, 5).await;
    let queue = tap.topology.queue("messaging");
    until("the events were told", async || tap.depth(&queue).await == 5).await;
    auth.app.stop().signal();
    tap.clean().await;
}
