//! Stopping: nothing in flight fails, and what never ends by itself is ended.

use std::time::{Duration, Instant};

use crate::sockets::{HANDSHAKE, echo};
use crate::stage::{gateway, service};
use crate::wire::{Wire, get};

#[tokio::test]
async fn no_request_fails_while_it_drains() {
    let slow = service(|mut wire| async move {
        while wire.message().await.is_some() {
            tokio::time::sleep(Duration::from_millis(400)).await;
            wire.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        }
    });
    let gateway = gateway(&[("auth", slow.await)], &[]);
    let address = gateway.address;
    let before: Vec<_> =
        (0..20).map(|_| tokio::spawn(async move { get(address, "/auth-api/x").await })).collect();
    let mut kept = Wire::to(address).await;
    kept.say("GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let drain = tokio::spawn(gateway.server.drain());
    let begun = Instant::now();
    let mut during = Vec::new();
    while begun.elapsed() < Duration::from_millis(150) {
        during.push(tokio::spawn(async move { get(address, "/auth-api/x").await }));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = kept.message().await.unwrap();
    assert_eq!((answer.status(), answer.header("connection")), (200, Some("close")));
    for request in before.into_iter().chain(during) {
        assert_eq!(request.await.unwrap().body, b"ok");
    }
    drain.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "still listens");
}

#[tokio::test]
async fn sockets_and_event_streams_end_with_the_listener() {
    let (realtime, _) = echo().await;
    let events = service(|mut wire| async move {
        wire.head().await;
        wire.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        wire.say("9\r\ndata: 1\n\n\r\n").await;
        wire.rest().await;
    });
    let gateway = gateway(&[("realtime", realtime), ("inbox", events.await)], &[]);
    let (mut socket, mut stream) = (Wire::to(gateway.address).await, Wire::to(gateway.address).await);
    socket.say(HANDSHAKE).await;
    socket.until("hello").await;
    stream.say("GET /inbox-api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    stream.until("data: 1\n\n").await;
    let begun = Instant::now();
    let drain = tokio::spawn(gateway.server.drain());
    assert_eq!(socket.rest().await, b"");
    assert!(stream.rest().await.ends_with(b"0\r\n\r\n"), "the stream of events did not end well");
    drain.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}
