//! Bodies flow as they come, in both directions, and memory stays flat.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::stage::{answering, gateway, ok, service};
use crate::wire::{Wire, ask, get};

#[tokio::test]
async fn an_event_arrives_while_the_stream_goes_on() {
    let go = Arc::new(Notify::new());
    let waiting = go.clone();
    let realtime = service(move |mut wire| {
        let go = waiting.clone();
        async move {
            wire.head().await;
            wire.say(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
            )
            .await;
            wire.say("9\r\ndata: 1\n\n\r\n").await;
            go.notified().await;
            wire.say("9\r\ndata: 2\n\n\r\n0\r\n\r\n").await;
        }
    });
    let gateway = gateway(&[("realtime", realtime.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("GET /realtime-api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let head = client.head().await.unwrap();
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    client.until("data: 1\n\n").await;
    go.notify_one();
    client.until("data: 2\n\n").await;
    client.until("0\r\n\r\n").await;
}

/// The service takes the head and then waits: only what sockets and a few buffers hold can be sent meanwhile.
#[tokio::test]
async fn fifty_mebibytes_go_up_at_the_pace_of_the_service() {
    const WHOLE: usize = 50 << 20;
    let go = Arc::new(Notify::new());
    let waiting = go.clone();
    let bucket = service(move |mut wire| {
        let go = waiting.clone();
        async move {
            let head = wire.head().await.unwrap();
            assert_eq!(head.header("content-length"), Some("52428800"));
            go.notified().await;
            let mut taken = 0;
            while taken < WHOLE {
                taken += wire.more().await.len();
            }
            wire.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        }
    });
    let gateway = gateway(&[("bucket", bucket.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("POST /bucket/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 52428800\r\n\r\n").await;
    let (piece, mut sent) = (vec![b'x'; 256 << 10], 0);
    while sent < WHOLE {
        match timeout(
            Duration::from_millis(500),
            client.stream.write(&piece[..piece.len().min(WHOLE - sent)]),
        )
        .await
        {
            Ok(count) => sent += count.unwrap(),
            Err(_) => break,
        }
    }
    assert!(sent > 0 && sent < 30 << 20, "{sent} bytes went while the service did not read");
    go.notify_one();
    while sent < WHOLE {
        sent += client.stream.write(&piece[..piece.len().min(WHOLE - sent)]).await.unwrap();
    }
    assert_eq!(client.message().await.unwrap().body, b"ok");
}

/// The client takes the head and then waits: the service can send no more than sockets and a few buffers hold.
#[tokio::test]
async fn a_download_goes_at_the_pace_of_the_client() {
    const WHOLE: usize = 50 << 20;
    let (told, mut sent) = mpsc::channel::<usize>(1);
    let bucket = service(move |mut wire| {
        let told = told.clone();
        async move {
            wire.head().await;
            wire.say("HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n").await;
            let (piece, mut sent) = (vec![b'x'; 256 << 10], 0);
            while sent < WHOLE {
                let more = wire.stream.write(&piece[..piece.len().min(WHOLE - sent)]);
                match timeout(Duration::from_millis(500), more).await {
                    Ok(count) => sent += count.unwrap(),
                    Err(_) => drop(told.try_send(sent)),
                }
            }
        }
    });
    let gateway = gateway(&[("bucket", bucket.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("GET /bucket/download/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let head = client.head().await.unwrap();
    assert_eq!(head.header("content-length"), Some("52428800"));
    let sent = sent.recv().await.unwrap();
    assert!(sent < 30 << 20, "{sent} bytes went while the client did not read");
    let mut taken = 0;
    while taken < WHOLE {
        taken += client.more().await.len();
    }
}

#[tokio::test]
async fn a_chunked_upload_arrives_whole() {
    let (messaging, heard) = ok().await;
    let gateway = gateway(&[("messaging", messaging)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client
        .say("POST /messaging-api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    for _ in 0..200 {
        client.say(format!("{:x}\r\n{}\r\n", 5_000, "y".repeat(5_000))).await;
    }
    client.say("0\r\n\r\n").await;
    assert_eq!(client.message().await.unwrap().status(), 200);
    assert_eq!(heard.last().body.len(), 1_000_000);
    assert_eq!(heard.last().header("transfer-encoding"), Some("chunked"));
}

#[tokio::test]
async fn an_answer_may_come_before_the_body_has_gone() {
    let bucket = service(|mut wire| async move {
        wire.head().await;
        wire.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno").await;
        wire.rest().await;
    });
    let gateway = gateway(&[("bucket", bucket.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client
        .say("POST /bucket/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nbegin")
        .await;
    let answer = client.message().await.unwrap();
    assert_eq!((answer.status(), answer.body.as_slice()), (403, b"no".as_slice()));
}

#[tokio::test]
async fn a_client_that_breaks_off_leaves_no_whole_request() {
    let (told, mut heard) = mpsc::channel::<Vec<u8>>(1);
    let messaging = service(move |mut wire| {
        let told = told.clone();
        async move {
            wire.head().await;
            let _ = told.send(wire.rest().await).await;
        }
    });
    let gateway = gateway(&[("messaging", messaging.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("POST /messaging-api/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
    client.stream.shutdown().await.unwrap();
    drop(client);
    let body = heard.recv().await.unwrap();
    assert!(!body.ends_with(b"0\r\n\r\n"), "ended as if it were whole: {body:?}");
}

#[tokio::test]
async fn a_service_that_breaks_off_cuts_the_client() {
    let auth = service(|mut wire| async move {
        wire.message().await;
        wire.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
    });
    let gateway = gateway(&[("auth", auth.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    client.until("hello").await;
    let rest = client.rest().await;
    assert!(!rest.ends_with(b"0\r\n\r\n"), "ended as if it were whole: {rest:?}");
}

#[tokio::test]
async fn heads_and_lengths_survive() {
    let (auth, heard) = answering("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: \"7\"\r\n\r\n").await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say("HEAD /auth-api/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    let answer = client.head().await.unwrap();
    assert_eq!(
        (answer.status(), answer.header("content-length"), answer.header("etag")),
        (200, Some("1234"), Some("\"7\""))
    );
    assert_eq!(client.rest().await, b"");
    assert!(heard.last().first.starts_with("HEAD /x "));

    let (auth, _) = answering("HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n").await;
    let fresh = crate::stage::gateway(&[("auth", auth)], &[]);
    let answer = get(fresh.address, "/auth-api/x").await;
    assert_eq!((answer.status(), answer.header("etag")), (304, Some("\"7\"")));
}

#[tokio::test]
async fn http_1_0_gets_no_chunks() {
    let auth = service(|mut wire| async move {
        wire.message().await;
        wire.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n").await;
    });
    let gateway = gateway(&[("auth", auth.await)], &[]);
    let answer = ask(gateway.address, "GET /auth-api/x HTTP/1.0\r\nHost: localhost\r\n\r\n").await;
    assert_eq!((answer.body.as_slice(), answer.header("transfer-encoding")), (b"hello".as_slice(), None));
}
