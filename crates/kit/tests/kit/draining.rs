//! The end of a process: nothing that was sent is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use testing::{Database, eventually};

use crate::stage::{Process, client, ready};
use crate::wire::Wire;

/// What became of the requests.
#[derive(Clone, Default)]
struct Tally {
    answered: Arc<AtomicUsize>,
    /// On connections of their own that ended without a word.
    unheard: Arc<AtomicUsize>,
}

impl Tally {
    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

/// Sends without pause on a connection for as long as it may, then on another, until nobody listens any more.
async fn hammer(url: String, tally: Tally) -> Result<(), String> {
    while let Ok(mut wire) = Wire::try_open(&url).await {
        let mut is_first = true;
        loop {
            let heard = match wire.get("/v1/slow/1").await {
                Ok(()) => wire.hear().await,
                Err(_) => None,
            };
            let Some(heard) = heard else {
                if !is_first {
                    return Err("sent, and not answered".into());
                }
                tally.unheard.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            };
            if heard.status != 200 {
                return Err(format!("{heard:?}"));
            }
            tally.answered.fetch_add(1, Ordering::Relaxed);
            if heard.closes() {
                break;
            }
            is_first = false;
        }
    }
    Ok(())
}

/// The same by an ordinary client.
async fn hammer_politely(url: String, tally: Tally) -> Result<(), String> {
    let client = client();
    loop {
        match client.get(format!("{url}/v1/slow/1")).send().await {
            Err(error) if error.is_connect() => return Ok(()),
            Err(error) => return Err(format!("{error:?}")),
            Ok(response) => {
                let status = response.status().as_u16();
                let text = response.text().await.map_err(|error| format!("{error:?}"))?;
                if status != 200 || !text.ends_with('}') {
                    return Err(format!("{status} {text}"));
                }
                tally.answered.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// All is answered, but for the connection, if there is one, that the kernel makes in the instant between our last look into
/// the queue and its end: that one is reset before anything of it was taken.
async fn drained_under_load(workers: &str) {
    let database = Database::create();
    let Process { server, url, .. } =
        ready(&database, &[("http.workers", workers), ("http.drain_ms", "200")]).await;
    let tally = Tally::default();
    let raw = (0..24).map(|_| tokio::spawn(hammer(url.clone(), tally.clone())));
    let mut clients: Vec<_> = raw.collect();
    clients.extend((0..8).map(|_| tokio::spawn(hammer_politely(url.clone(), tally.clone()))));
    eventually(Duration::from_secs(10), "load", async || tally.answered() > 500).await;
    let before = tally.answered();
    server.drain().await;
    for ended in join_all(clients).await {
        ended.unwrap().unwrap();
    }
    assert!(tally.answered() > before + 100, "requests are answered while it drains");
    assert!(tally.unheard.load(Ordering::Relaxed) <= 1, "connections that were made are served");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_lost_under_load() {
    for _ in 0..5 {
        drained_under_load("1").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_with_several_workers() {
    for _ in 0..5 {
        drained_under_load("3").await;
    }
}

#[tokio::test]
async fn callers_are_told_to_go_elsewhere() {
    let database = Database::create();
    let Process { server, url, lifecycle, .. } = ready(&database, &[("http.drain_ms", "60000")]).await;
    let mut open = Wire::open(&url).await;
    open.get("/v1/slow/0").await.unwrap();
    assert!(!open.hear().await.unwrap().closes(), "before, connections are kept");
    let draining = tokio::spawn(server.drain());
    lifecycle.draining().await;
    for (path, status) in [("/readyz", 503), ("/healthz", 200), ("/v1/slow/0", 200), ("/nowhere", 404)] {
        let mut wire = Wire::open(&url).await;
        wire.get(path).await.unwrap();
        let heard = wire.hear().await.unwrap();
        assert_eq!((heard.status, heard.closes()), (status, true), "{path}: {heard:?}");
        assert!(path != "/readyz" || heard.json["status"] == "draining", "{heard:?}");
        wire.ends().await;
    }
    open.get("/v1/slow/0").await.unwrap();
    assert!(open.hear().await.unwrap().closes());
    draining.abort();
}

#[tokio::test]
async fn what_is_in_flight_is_finished() {
    let database = Database::create();
    let Process { server, url, .. } = ready(&database, &[("http.drain_ms", "0")]).await;
    let (mut slow, mut half) = (Wire::open(&url).await, Wire::open(&url).await);
    slow.get("/v1/slow/900").await.unwrap();
    half.say("POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"text\"").await.unwrap();
    eventually_busy(&url).await;
    let draining = tokio::spawn(server.drain());
    refused(&url).await;
    half.say(":\"a\"}").await.unwrap();
    let heard = half.hear().await.unwrap();
    assert_eq!((heard.status, &heard.json["text"]), (200, &"a".into()), "a body may still arrive");
    let heard = slow.hear().await.unwrap();
    assert_eq!((heard.status, heard.closes()), (200, true));
    draining.await.unwrap();
}

/// Whoever is answered here knows that what was sent before has been read.
async fn eventually_busy(url: &str) {
    let mut wire = Wire::open(url).await;
    wire.get("/healthz").await.unwrap();
    assert_eq!(wire.hear().await.unwrap().status, 200);
}

async fn refused(url: &str) {
    eventually(Duration::from_secs(5), "the listener closes", async || Wire::try_open(url).await.is_err())
        .await;
}

#[tokio::test]
async fn a_connection_that_was_accepted_at_the_last_may_still_speak() {
    let database = Database::create();
    let Process { server, url, .. } = ready(&database, &[("http.drain_ms", "0")]).await;
    let mut idle = Vec::new();
    for _ in 0..8 {
        idle.push(Wire::open(&url).await);
    }
    let draining = tokio::spawn(server.drain());
    refused(&url).await;
    for wire in &mut idle {
        wire.get("/v1/slow/0").await.unwrap();
        assert!(wire.hear().await.expect("an answer").closes());
    }
    draining.await.unwrap();
}

#[tokio::test]
async fn the_end_waits_for_no_silence_and_not_for_ever() {
    let database = Database::create();
    let own = [("http.drain_ms", "0"), ("http.shutdown_seconds", "1")];
    let Process { server, url, .. } = ready(&database, &own).await;
    let (mut silent, mut endless) = (Wire::open(&url).await, Wire::open(&url).await);
    endless.get("/v1/slow/600000").await.unwrap();
    eventually_busy(&url).await;
    let begun = Instant::now();
    server.drain().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    silent.ends().await;
    endless.ends().await;
}
