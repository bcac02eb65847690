//! Dead letters are listed, and put back when what killed them is mended.

use std::collections::BTreeSet;

use diesel::{RunQueryDsl as _, sql_query};
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

    let letters = dead_letters::list(&tap.settings, "messaging", 10).await.unwrap();
    let found: BTreeSet<_> = letters.iter().map(|letter| letter.id.clone().unwrap()).collect();
    assert_eq!(found, ids.iter().map(ToString::to_string).collect());
    for letter in &letters {
        assert_eq!((letter.reason.as_str(), letter.routing_key.as_str()), ("rejected", "auth.user-created"));
        assert!(letter.died_at.is_some() && letter.body.contains("fullname"));
    }
    until("they are back after the look", async || tap.depth(&dead).await == 2).await;

    let mut conn = messaging.running.database.connect();
    sql_query("INSERT INTO mended VALUES (1)").execute(&mut conn).unwrap();
    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), 2);
    until("the mended one took effect", async || took_effect(&mut conn, ids[0])).await;
    until("the other is dead again", async || tap.depth(&dead).await == 1).await;
    assert_eq!(effects(&mut conn), (1, 1));
    let again = dead_letters::list(&tap.settings, "messaging", 10).await.unwrap();
    assert_eq!(again[0].routing_key, "auth.user-created", "it is still known for what it is");
    tap.clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_may_be_none() {
    let tap = Tap::open().await;
    assert_eq!(dead_letters::list(&tap.settings, "messaging", 10).await.unwrap(), []);
    assert_eq!(dead_letters::replay(&tap.settings, "messaging", 10).await.unwrap(), 0);
    tap.clean().await;
}
