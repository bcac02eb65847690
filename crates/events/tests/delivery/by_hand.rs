//! Outbox and reactions without a broker: as services' own tests drive them.

use diesel::{Connection as _, RunQueryDsl as _, sql_query};
use events::outbox::pending;
use events::{Applied, apply};
use kit::Error;

use crate::reactions::{REACTIONS, effects};
use crate::stage::{announce, deaf_hearer, teller, user_created};
use crate::tap::Tap;

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_listed_as_it_will_be_told() {
    let tap = Tap::open().await;
    let auth = teller(&tap, "amqp://nowhere").await;
    let ids = announce(&auth.app, &["Ada", "Ben"]).await;
    let events = pending(&mut auth.database.connect(), "auth").unwrap();
    assert_eq!(events.len(), 2);
    for (id, name) in ids.iter().zip(["Ada", "Ben"]) {
        let event = events.iter().find(|event| event["id"] == id.to_string()).unwrap();
        assert_eq!((&event["source"], &event["type"]), (&"auth".into(), &"user-created".into()));
        assert_eq!((&event["version"], &event["data"]["user"]["fullname"]), (&1.into(), &name.into()));
    }
    assert_eq!(events[0]["requestId"], "a-request");
    let fields: Vec<_> = events[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["data", "id", "recipients", "requestId", "source", "subject", "time", "type", "version"];
    assert_eq!(fields, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_is_not_told() {
    let tap = Tap::open().await;
    let auth = teller(&tap, "amqp://nowhere").await;
    let told = user_created("Ada");
    let refused: kit::Result<()> = auth
        .app
        .write(move |tx| {
            events::enqueue(tx, &told)?;
            Err(Error::internal("as asked"))
        })
        .await;
    assert!(refused.is_err());
    assert!(pending(&mut auth.database.connect(), "auth").unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_by_hand_runs_once() {
    let tap = Tap::open().await;
    let (auth, messaging) = (teller(&tap, "amqp://nowhere").await, deaf_hearer(&tap, "amqp://nowhere").await);
    announce(&auth.app, &["Ada"]).await;
    let event = pending(&mut auth.database.connect(), "auth").unwrap().remove(0).to_string();
    for expected in [Applied::Now, Applied::Before, Applied::Before] {
        let event = event.clone();
        let applied = messaging.app.write(move |tx| apply(tx, REACTIONS, event.as_bytes())).await;
        assert_eq!(applied.unwrap(), expected);
    }
    assert_eq!(effects(&mut messaging.database.connect()), (1, 1));
    let nonsense = messaging.app.write(|tx| apply(tx, REACTIONS, b"{}")).await;
    assert_eq!(nonsense.unwrap_err().code().status, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn processed_events_are_forgotten_after_a_week() {
    let tap = Tap::open().await;
    let messaging = deaf_hearer(&tap, "amqp://nowhere").await;
    let note = "INSERT INTO processed_event SELECT gen_random_uuid(), now() - age FROM \
        unnest(ARRAY[interval '8 days', interval '7 days 1 minute', interval '6 days', interval '0']) AS age";
    sql_query(note).execute(&mut messaging.database.connect()).unwrap();
    assert_eq!(events::sweep(&messaging.app).await.unwrap(), 2);
    assert_eq!(events::sweep(&messaging.app).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_go_as_they_came() {
    let tap = Tap::open().await;
    let auth = teller(&tap, "amqp://nowhere").await;
    let url = auth.database.url.clone();
    let reverted = tokio::task::spawn_blocking(move || {
        let mut conn = diesel::pg::PgConnection::establish(&url).unwrap();
        kit::service::revert::<crate::stage::Teller>(&mut conn).unwrap();
        kit::service::migrate::<crate::stage::Teller>(&url).unwrap();
        pending(&mut conn, "auth").unwrap().len()
    });
    assert_eq!(reverted.await.unwrap(), 0);
}
