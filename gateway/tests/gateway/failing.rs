//! Services that are away, slow, or die.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use crate::stage::{Heard, accept, gateway, nobody, service};
use crate::wire::{Wire, ask, get};

const POST: &str = "POST /auth-api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";

#[tokio::test]
async fn a_service_that_is_away_is_502_after_some_patience() {
    let gateway = gateway(&[("auth", nobody().await)], &[("limits.retry_ms", "200")]);
    let begun = Instant::now();
    let request = "GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: r-1\r\n\r\n";
    let answer = ask(gateway.address, request).await;
    assert_eq!((answer.status(), answer.code().as_str()), (502, "errMsg_badGateway"));
    assert_eq!(answer.header("x-request-id"), Some("r-1"));
    assert!(begun.elapsed() >= Duration::from_millis(90), "gave up at once");
}

#[tokio::test]
async fn a_service_that_comes_late_gets_everything_that_waited() {
    let address = nobody().await;
    let gateway = gateway(&[("auth", address)], &[]);
    let heard = Heard::default();
    let noted = heard.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let listener = TcpListener::bind(address).await.unwrap();
        accept(listener, move |mut wire| {
            let heard = noted.clone();
            async move {
                while let Some(message) = wire.message().await {
                    heard.note(message);
                    wire.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                }
            }
        })
        .await;
    });
    let large = format!(
        "POST /auth-api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n{}",
        "l".repeat(200_000)
    );
    let (get, post, large) = tokio::join!(
        get(gateway.address, "/auth-api/x"),
        ask(gateway.address, POST),
        ask(gateway.address, large)
    );
    assert_eq!((get.status(), post.status(), large.status()), (200, 200, 200));
    let lengths = |length: usize| heard.all().iter().filter(|message| message.body.len() == length).count();
    assert_eq!((heard.all().len(), lengths(0), lengths(2), lengths(200_000)), (3, 1, 1, 1));
}

/// A service that reads a request and dies, as often as it is asked.
async fn dying() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let address = service(move |mut wire: Wire| {
        let count = counted.clone();
        async move {
            if wire.message().await.is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (address.await, count)
}

#[tokio::test]
async fn a_post_that_was_heard_is_not_sent_twice() {
    let (address, count) = dying().await;
    let gateway = gateway(&[("auth", address)], &[]);
    let keyed = POST.replace("Host", "Idempotency-Key: k\r\nHost");
    for (sent, request) in [POST, keyed.as_str(), &POST.replace("POST", "PUT")].into_iter().enumerate() {
        let answer = ask(gateway.address, request).await;
        assert_eq!((answer.status(), answer.code().as_str()), (502, "errMsg_badGateway"));
        assert_eq!(count.load(Ordering::SeqCst), sent + 1);
    }
}

#[tokio::test]
async fn a_get_that_was_lost_is_repeated_once() {
    let (address, count) = dying().await;
    let gateway = gateway(&[("auth", address)], &[]);
    assert_eq!(get(gateway.address, "/auth-api/x").await.status(), 502);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_504() {
    let silent = service(|mut wire| async move {
        wire.rest().await;
    });
    let gateway = gateway(&[("auth", silent.await)], &[("limits.answer_ms", "200")]);
    for request in
        [POST.to_owned(), POST.replace("POST", "GET"), POST.replace("Content-Length: 2\r\n\r\n{}", "\r\n")]
    {
        let answer = ask(gateway.address, request).await;
        assert_eq!((answer.status(), answer.code().as_str()), (504, "errMsg_gatewayTimeout"));
    }
    let streamed = "POST /auth-api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert_eq!(ask(gateway.address, streamed).await.code(), "errMsg_gatewayTimeout");
}

#[tokio::test]
async fn what_is_no_http_is_502() {
    for nonsense in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 101 Huh\r\n\r\n",
    ] {
        let strange = service(move |mut wire| async move {
            wire.message().await;
            wire.say(nonsense).await;
            wire.rest().await;
        });
        let gateway = gateway(&[("auth", strange.await)], &[]);
        let answer = get(gateway.address, "/auth-api/x").await;
        assert_eq!((answer.status(), answer.code().as_str()), (502, "errMsg_badGateway"), "{nonsense}");
    }
}

/// Kept connections that the service closed meanwhile are no reason to fail.
#[tokio::test]
async fn stale_connections_are_not_noticed() {
    let once = service(|mut wire| async move {
        wire.message().await;
        wire.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    });
    let gateway = gateway(&[("auth", once.await)], &[]);
    for _ in 0..50 {
        assert_eq!(get(gateway.address, "/auth-api/x").await.status(), 200);
    }
}
