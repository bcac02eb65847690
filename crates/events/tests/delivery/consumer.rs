//! What the consumer does with events that repeat, that are poison, and that fail.

use events::outbox::pending;
use events::{Relay, dead_letters};

use crate::reactions::{effects, took_effect, tries};
use crate::stage::{announce, announce_many, hearer, teller, until};
use crate::tap::{Tap, broker_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_takes_effect_once() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let messaging = hearer(&tap, &broker_url()).await;
    announce_many(&auth.app, 20).await;
    for event in pending(&mut auth.database.connect(), "auth").unwrap() {
        for _ in 0..3 {
            tap.publish("user-created", event.to_string().as_bytes()).await;
        }
    }
    let relay = Relay::new(&auth.app);
    relay.drain().await.unwrap();
    let queue = tap.topology.queue("messaging");
    let mut conn = messaging.running.database.connect();
    until("the queue is empty", async || tap.depth(&queue).await == 0).await;
    announce_many(&auth.app, 1).await;
    assert_eq!(relay.drain().await.unwrap(), 1);
    until("all took effect, the last one too", async || effects(&mut conn).0 == 21).await;
    assert_eq!(effects(&mut conn), (21, 21));
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_goes_to_the_dead_letters_while_others_flow() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let messaging = hearer(&tap, &broker_url()).await;
    let good = announce_many(&auth.app, 1).await;
    let event = pending(&mut auth.database.connect(), "auth").unwrap().remove(0);
    let spoilt = |field: &str, value: serde_json::Value| {
        let mut event = event.clone();
        event["id"] = uuid::Uuid::nil().to_string().into();
        event[field] = value;
        event.to_string()
    };
    let poison = [
        "{".to_owned(),
        "[]".to_owned(),
        String::new(),
        spoilt("data", serde_json::json!({ "user": null })),
        spoilt("type", "user-exploded".into()),
        spoilt("source", "nobody".into()),
        spoilt("version", 2.into()),
        spoilt("id", "1".into()),
    ];
    for body in &poison {
        tap.publish("user-created", body.as_bytes()).await;
    }
    Relay::new(&auth.app).drain().await.unwrap();
    let mut conn = messaging.running.database.connect();
    until("the good one took effect", async || took_effect(&mut conn, good[0])).await;
    let (dead, count) = (tap.topology.dead("messaging"), u32::try_from(poison.len()).unwrap());
    until("the others are dead", async || tap.depth(&dead).await == count).await;
    assert_eq!(effects(&mut conn), (1, 1));
    let reasons = reasons(&tap).await;
    for reason in
        ["EOF", "invalid type: null", "no reaction to auth.user-exploded", "version 2 is newer than 1"]
    {
        assert!(reasons.iter().any(|it| it.contains(reason)), "{reason}: {reasons:?}");
    }
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_reaction_is_tried_again_and_then_dead_while_others_flow() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let messaging = hearer(&tap, &broker_url()).await;
    let ids = announce(&auth.app, &["Never", "Third time", "Panic"]).await;
    let stuck = announce(&auth.app, &["Never"; 30]).await;
    let good = announce_many(&auth.app, 50).await;
    Relay::new(&auth.app).drain().await.unwrap();
    let mut conn = messaging.running.database.connect();
    until("the good ones took effect", async || good.iter().all(|id| took_effect(&mut conn, *id))).await;
    assert!(stuck.iter().all(|id| tries(*id) < 5), "the good ones waited for those that fail");
    let dead = tap.topology.dead("messaging");
    until("the bad ones are dead", async || tap.depth(&dead).await == 32).await;
    assert!(reasons(&tap).await.iter().all(|reason| reason.contains("500")));
    assert_eq!(ids.iter().map(|id| tries(*id)).collect::<Vec<_>>(), [5, 3, 5]);
    assert!(took_effect(&mut conn, ids[1]));
    assert_eq!(effects(&mut conn), (51, 51));
    tap.clean().await;
}

/// Why messaging's dead letters died.
async fn reasons(tap: &Tap) -> Vec<String> {
    let pile = dead_letters::list(&tap.settings, "messaging", 100).await.unwrap().unwrap();
    pile.first.into_iter().map(|letter| letter.reason).collect()
}
