//! What happens when the link to the broker, or to the database, fails.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use events::Relay;
use events::outbox::pending;
use kit::Health;

use crate::cable::Cable;
use crate::reactions::effects;
use crate::stage::{announce_many, checks, hearer, hearer_with_cable, teller, until};
use crate::tap::{Tap, broker_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_stops_no_write() {
    let tap = Tap::open().await;
    let auth = teller(&tap, "amqp://u:p@127.0.0.1:1/%2f").await;
    let relay = Relay::new(&auth.app);
    announce_many(&auth.app, 3).await;
    assert_eq!(relay.drain().await.unwrap_err().code().status, 503);
    assert_eq!(relay.health(), Health::Degraded("the broker does not answer".into()));
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_while_relaying_loses_nothing() {
    let tap = Tap::open().await;
    let cable = Cable::to(&broker_url()).await;
    let auth = teller(&tap, &cable.url).await;
    let relay = Relay::new(&auth.app);
    relay.drain().await.unwrap();
    let told = announce_many(&auth.app, 1_000).await;
    for bytes in [30_000, 200_000, 400_000] {
        cable.cut_after(bytes);
        relay.drain().await.expect_err("the cable was cut");
        cable.mend();
    }
    relay.drain().await.unwrap();
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 0);
    let expected: BTreeSet<_> = told.iter().map(ToString::to_string).collect();
    let (count, ids) = tap.take_all(&tap.topology.queue("messaging")).await;
    assert_eq!(ids, expected, "{count} arrived");
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_died_silently_is_given_up_in_seconds() {
    let tap = Tap::open().await;
    let cable = Cable::to(&broker_url()).await;
    let auth = teller(&tap, &cable.url).await;
    let relay = Relay::new(&auth.app);
    relay.drain().await.unwrap();
    announce_many(&auth.app, 10).await;
    cable.silence();
    let begun = Instant::now();
    assert_eq!(relay.drain().await.unwrap_err().code().status, 503);
    assert!(begun.elapsed().as_secs() < 15, "{:?}", begun.elapsed());
    cable.cut();
    cable.mend();
    assert!(relay.drain().await.unwrap() <= 10);
    assert_eq!(pending(&mut auth.database.connect(), "auth").unwrap().len(), 0);
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_while_consuming_applies_everything_once() {
    let tap = Tap::open().await;
    let cable = Cable::to(&broker_url()).await;
    let auth = teller(&tap, &broker_url()).await;
    let messaging = hearer(&tap, &cable.url).await;
    announce_many(&auth.app, 600).await;
    cable.cut_after(2_000);
    Relay::new(&auth.app).drain().await.unwrap();
    until("the cable has cut itself", async || cable.refused() > 0).await;
    assert!(effects(&mut messaging.running.database.connect()).0 < 600);
    cable.mend();
    let mut conn = messaging.running.database.connect();
    until("all events took effect", async || effects(&mut conn).0 == 600).await;
    let queue = tap.topology.queue("messaging");
    until("all events are answered", async || tap.depth(&queue).await == 0).await;
    assert_eq!(effects(&mut conn), (600, 600));
    // The relay, which has nothing to tell, tries at its own pace.
    until("both links are back", async || checks(&messaging.running).await == "ok").await;
    drop(messaging);
    assert_eq!(tap.depth(&tap.topology.dead("messaging")).await, 0);
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_while_burying_loses_no_dead_letter() {
    let tap = Tap::open().await;
    let cable = Cable::to(&broker_url()).await;
    let _messaging = hearer(&tap, &cable.url).await;
    let ids: BTreeSet<_> = (0..600).map(|number| number.to_string()).collect();
    cable.cut_after(60_000);
    for id in &ids {
        tap.publish("user-created", format!(r#"{{"id":"{id}"}}"#).as_bytes()).await;
    }
    until("the cable has cut itself", async || cable.refused() > 0).await;
    let (queue, dead) = (tap.topology.queue("messaging"), tap.topology.dead("messaging"));
    assert!(tap.depth(&dead).await < 600);
    cable.mend();
    until("all are dead", async || tap.depth(&dead).await >= 600 && tap.depth(&queue).await == 0).await;
    let (_, found) = tap.take_all(&dead).await;
    assert_eq!(found, ids);
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_waited_for() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let (messaging, database) = hearer_with_cable(&tap).await;
    announce_many(&auth.app, 1).await;
    let relay = Relay::new(&auth.app);
    relay.drain().await.unwrap();
    let mut conn = messaging.running.database.connect();
    until("the hearer hears", async || effects(&mut conn).0 == 1).await;
    database.cut();
    announce_many(&auth.app, 19).await;
    assert_eq!(relay.drain().await.unwrap(), 19);
    // Five tries take two seconds: whatever is dead then was blamed for the database.
    let begun = Instant::now();
    until("five tries would be over", async || begun.elapsed() > Duration::from_secs(4)).await;
    assert_eq!(tap.depth(&tap.topology.dead("messaging")).await, 0);
    assert!(database.refused() > 5);
    database.mend();
    until("all events took effect", async || effects(&mut conn) == (20, 20)).await;
    tap.clean().await;
}
