//! The way to Postgres when it is crowded, contended or cut.

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Integer};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use futures_util::future::join_all;
use kit::Error;
use serde_json::json;
use testing::{Running, eventually};
use tokio::sync::Barrier;

use crate::notes::Notes;
use crate::wire::Wire;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn number(notes: &Running<Notes>, query: &str) -> i64 {
    sql_query(query).get_result::<Number>(&mut notes.database.connect()).unwrap().n
}

const SLEEPING: &str = "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = current_user AND query LIKE 'SELECT pg_sleep%' AND state = 'active'";

async fn boot(pool: &str, wait_ms: &str) -> Running<Notes> {
    testing::boot(&[("database.pool", pool), ("database.wait_ms", wait_ms)]).await
}

#[tokio::test]
async fn a_full_pool_says_so_in_time() {
    let notes = boot("2", "300").await;
    let slow =
        [notes.get("/v1/query/2000"), notes.get("/v1/query/2000")].map(|ask| tokio::spawn(ask.into_future()));
    eventually(Duration::from_secs(5), "both are taken", async || number(&notes, SLEEPING) == 2).await;
    let begun = Instant::now();
    let reply = notes.get("/v1/notes").await;
    let waited = begun.elapsed();
    reply.refused(503, "errMsg_serviceIsOverloaded");
    assert_eq!(reply.header("retry-after"), "1");
    assert!((250..1_000).contains(&waited.as_millis()), "{waited:?}");
    for slow in slow {
        assert_eq!(slow.await.unwrap().status, 200);
    }
    assert_eq!(notes.get("/v1/notes").await.status, 200);
}

/// Postgres works on although the client has left: its connection is not given to the next before it is done.
#[tokio::test]
async fn a_cancelled_request_keeps_its_permit_until_its_query_ends() {
    let notes = boot("1", "200").await;
    let mut wire = Wire::open(&notes.url).await;
    wire.get("/v1/query/1500").await.unwrap();
    eventually(Duration::from_secs(5), "it is taken", async || number(&notes, SLEEPING) == 1).await;
    drop(wire);
    notes.get("/v1/notes").await.refused(503, "errMsg_serviceIsOverloaded");
    eventually(Duration::from_secs(5), "it comes back", async || notes.get("/v1/notes").await.status == 200)
        .await;
}

#[tokio::test]
async fn many_cancelled_requests_leave_nothing_behind() {
    let notes = boot("2", "2000").await;
    for _ in 0..50 {
        let mut wire = Wire::open(&notes.url).await;
        wire.get("/v1/query/1").await.unwrap();
    }
    let asks = (0..20).map(|_| notes.get("/v1/query/1").into_future());
    assert!(join_all(asks).await.iter().all(|reply| reply.status == 200));
}

/// Two transactions take the same two rows in opposite order; Postgres ends one, and kit tries it again.
#[tokio::test]
async fn the_loser_of_a_deadlock_is_tried_again() {
    let notes = boot("4", "2000").await;
    let rows = "CREATE TABLE pair AS SELECT n, 0 AS value FROM generate_series(1, 2) AS n";
    sql_query(rows).execute(&mut notes.database.connect()).unwrap();
    let (barrier, tries) =
        (Arc::new(std::sync::Barrier::new(2)), Arc::new(std::sync::atomic::AtomicUsize::new(0)));
    let transaction = |first: i32, second: i32| {
        let (barrier, tries, met) =
            (barrier.clone(), tries.clone(), std::sync::atomic::AtomicBool::new(false));
        notes.app.write(move |tx| {
            use std::sync::atomic::Ordering::Relaxed;
            tries.fetch_add(1, Relaxed);
            sql_query("UPDATE pair SET value = value + 1 WHERE n = $1")
                .bind::<Integer, _>(first)
                .execute(tx.conn())?;
            if !met.swap(true, Relaxed) {
                barrier.wait();
            }
            sql_query("UPDATE pair SET value = value + 1 WHERE n = $1")
                .bind::<Integer, _>(second)
                .execute(tx.conn())?;
            Ok(())
        })
    };
    let (one, other) = tokio::join!(transaction(1, 2), transaction(2, 1));
    one.unwrap();
    other.unwrap();
    assert!(
        tries.load(std::sync::atomic::Ordering::Relaxed) >= 3,
        "one of them twice, or more often: the loser may be the quicker one again"
    );
    assert_eq!(number(&notes, "SELECT sum(value) AS n FROM pair"), 4);
}

#[tokio::test]
async fn serialization_failures_are_tried_again() {
    let notes = boot("8", "5000").await;
    let row = "CREATE TABLE counter AS SELECT 0 AS value";
    sql_query(row).execute(&mut notes.database.connect()).unwrap();
    let start = Arc::new(Barrier::new(4));
    let increments = (0..4).map(|_| {
        let (app, start) = (notes.app.clone(), start.clone());
        async move {
            start.wait().await;
            app.write(|tx| {
                sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").execute(tx.conn())?;
                sql_query("UPDATE counter SET value = value + 1").execute(tx.conn())?;
                Ok(())
            })
            .await
        }
    });
    for done in join_all(increments).await {
        done.unwrap();
    }
    assert_eq!(number(&notes, "SELECT value::int8 AS n FROM counter"), 4);
}

#[tokio::test]
async fn a_refusal_is_not_tried_again() {
    let notes = boot("2", "2000").await;
    let tries = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = tries.clone();
    let refused = notes
        .app
        .write(move |_| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Err::<(), _>(Error::new(&kit::error::FORBIDDEN))
        })
        .await;
    assert_eq!(refused.unwrap_err().code(), &kit::error::FORBIDDEN);
    assert_eq!(tries.load(std::sync::atomic::Ordering::Relaxed), 1);
}

/// As after a failover: every pooled connection is dead, and one request may notice.
#[tokio::test]
async fn dead_connections_cost_one_request_at_most() {
    let notes = boot("4", "2000").await;
    let all = (0..4).map(|_| notes.get("/v1/query/100").into_future());
    assert!(join_all(all).await.iter().all(|reply| reply.status == 200), "four connections are open");
    let kill = "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()";
    assert!(number(&notes, kill) >= 4);
    let mut failed = 0;
    for _ in 0..20 {
        let reply = notes.get("/v1/notes").await;
        if reply.status != 200 {
            reply.refused(503, "errMsg_serviceIsUnavailable");
            failed += 1;
        }
    }
    assert!(failed <= 1, "{failed} requests failed");
}

#[tokio::test]
async fn a_write_on_a_dead_connection_is_unavailable_and_heals() {
    let notes = boot("1", "2000").await;
    let ada = notes.person();
    let post = || notes.post("/v1/notes").by(&ada).json(json!({ "text": "x" }));
    assert_eq!(post().await.status, 201);
    let kill = "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()";
    number(&notes, kill);
    let reply = post().await;
    assert!(reply.status == 201 || reply.status == 503, "{}", reply.text);
    assert_eq!(post().await.status, 201);
}
