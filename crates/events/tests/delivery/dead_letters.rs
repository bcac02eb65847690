//! Dead letters are listed, and put back when what killed them is mended.

use std::collections::BTreeSet;

use diesel::{RunQueryDsl as _, sql_query};
use events::dead_letters::Pile;
use events::{Relay, dead_letters};

use crate::reactions::{effects, took_effect};
use crate::stage::{announce, hearer, teller, until};
use crate::tap::{Tap, broker_url};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_applied_after_its_replay() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let messaging = hearer(&tap, &broker_url()).await;
    let ids = announce(&auth.app, &["Once mended", "Never"]).await;
    Relay::new(&auth.app).drain().await.unwrap();
    let dead = tap.topology.dead("messaging");
    until("both are dead", async || tap.depth(&dead).await == 2).await;

    let pile = dead_letters::list(&tap.settings, "messaging", 10).await.unwrap().unwrap();
    assert_eq!(pile.count, 2);
    let found: BTreeSet<_> = pile.first.iter().map(|letter| letter.id.clone().unwrap()).collect();
    assert_eq!(found, ids.iter().map(ToString::to_string).collect());
    for letter in &pile.first {
        assert_eq!((letter.routing_key.as_str(), letter.times), ("auth.user-created", 1));
        assert!(letter.reason.contains("mended yet") || letter.reason.contains("as asked"), "{letter:?}");
        assert!(letter.died_at.is_some() && letter.body.contains("fullname"));
    }
    until("they are back after the look", async || tap.depth(&dead).await == 2).await;

    let mut conn = messaging.running.database.connect();
    sql_query("INSERT INTO mended VALUES (1)").execute(&mut conn).unwrap();
    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), Some(2));
    until("the mended one took effect", async || took_effect(&mut conn, ids[0])).await;
    until("the other is dead again", async || tap.depth(&dead).await == 1).await;
    assert_eq!(effects(&mut conn), (1, 1));
    let again = dead_letters::list(&tap.settings, "messaging", 10).await.unwrap().unwrap().first.remove(0);
    assert_eq!(again.routing_key, "auth.user-created", "it is still known for what it is");
    assert_eq!((again.id, again.times), (Some(ids[1].to_string()), 2));
    assert!(again.reason.contains("as asked"), "{}", again.reason);
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_buried_is_told_in_its_words() {
    let tap = Tap::open().await;
    let auth = teller(&tap, &broker_url()).await;
    let ids = announce(&auth.app, &["Ada", "Ben"]).await;
    Relay::new(&auth.app).drain().await.unwrap();
    tap.reject_all(&tap.topology.queue("messaging")).await;
    let dead = tap.topology.dead("messaging");
    until("both are dead", async || tap.depth(&dead).await == 2).await;
    let pile = dead_letters::list(&tap.settings, "messaging", 1).await.unwrap().unwrap();
    assert_eq!((pile.count, pile.first.len()), (2, 1), "no more than were asked for");
    let letter = &pile.first[0];
    assert!(ids.iter().any(|id| letter.id.as_ref() == Some(&id.to_string())), "{letter:?}");
    assert_eq!((letter.reason.as_str(), letter.routing_key.as_str()), ("rejected", "auth.user-created"));
    assert!(letter.died_at.is_some_and(|died| (auth.app.now() - died).num_seconds() < 60));
    until("it is back after the look", async || tap.depth(&dead).await == 2).await;

    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), Some(2));
    tap.reject_all(&tap.topology.queue("messaging")).await;
    until("both are dead again", async || tap.depth(&dead).await == 2).await;
    let again = dead_letters::list(&tap.settings, "messaging", 2).await.unwrap().unwrap();
    assert!(again.first.iter().all(|letter| letter.times == 2), "{again:?}");
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn none_yet_differs_from_no_queue() {
    let tap = Tap::open().await;
    assert_eq!(dead_letters::list(&tap.settings, "messaging", 10).await.unwrap(), None);
    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), None);
    let _messaging = hearer(&tap, &broker_url()).await;
    let none = Pile { count: 0, first: Vec::new() };
    assert_eq!(dead_letters::list(&tap.settings, "messaging", 10).await.unwrap(), Some(none));
    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), Some(0));
    assert_eq!(dead_letters::list(&tap.settings, "auth", 10).await.unwrap(), None, "auth takes in no events");
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_dead_letters_are_made_anew_by_the_next() {
    let tap = Tap::open().await;
    let _messaging = hearer(&tap, &broker_url()).await;
    let dead = tap.topology.dead("messaging");
    tap.publish("user-created", b"{}").await;
    until("the first is dead", async || tap.depth(&dead).await == 1).await;
    tap.delete(&dead).await;
    tap.publish("user-created", b"[]").await;
    let list = async || dead_letters::list(&tap.settings, "messaging", 10).await.unwrap();
    until("the second is dead", async || list().await.is_some_and(|pile| pile.count == 1)).await;
    assert_eq!(list().await.unwrap().first[0].body, "[]");
    tap.clean().await;
}
