//! A WebSocket passes through.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use crate::stage::{Heard, gateway, service};
use crate::wire::{Wire, ask};

pub(crate) const HANDSHAKE: &str = "GET /realtime-api/v1/socket?ticket=t HTTP/1.1\r\nHost: localhost\r\n\
     Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A service that agrees to every WebSocket, greets, and then says everything back.
pub(crate) async fn echo() -> (SocketAddr, Heard) {
    let heard = Heard::default();
    let noted = heard.clone();
    let address = service(move |mut wire| {
        let heard = noted.clone();
        async move {
            heard.note(wire.head().await.unwrap());
            wire.say(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello",
            )
            .await;
            loop {
                match wire.more().await {
                    end if end.is_empty() => return,
                    more => wire.say(more).await,
                }
            }
        }
    });
    (address.await, heard)
}

#[tokio::test]
async fn both_sides_hear_each_other() {
    let (realtime, heard) = echo().await;
    let gateway = gateway(&[("realtime", realtime)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say(HANDSHAKE).await;
    let answer = client.head().await.unwrap();
    assert_eq!(answer.status(), 101);
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert!(answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("upgrade")));
    assert_eq!((answer.header("transfer-encoding"), answer.header("content-length")), (None, None));
    client.until("hello").await;
    for text in ["ping", "\u{0}\u{1}\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"] {
        client.say(text).await;
        assert_eq!(client.until(text).await, text.as_bytes());
    }
    let large = "L".repeat(300_000) + "!";
    let (mut reader, mut writer) = client.stream.split();
    let (sent, back) = tokio::join!(writer.write_all(large.as_bytes()), async {
        let mut back = vec![0; large.len()];
        tokio::io::AsyncReadExt::read_exact(&mut reader, &mut back).await.unwrap();
        back
    });
    sent.unwrap();
    assert_eq!(back, large.as_bytes());
    let heard = heard.last();
    assert_eq!(heard.target(), "/v1/socket?ticket=t");
    assert_eq!(heard.header("sec-websocket-key"), Some("dGhlIHNhbXBsZSBub25jZQ=="));
    assert!(heard.header("connection").unwrap().eq_ignore_ascii_case("upgrade"));
}

#[tokio::test]
async fn when_the_service_leaves_the_client_knows() {
    let realtime = service(|mut wire| async move {
        wire.head().await;
        wire.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbye")
            .await;
    });
    let gateway = gateway(&[("realtime", realtime.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say(HANDSHAKE).await;
    client.head().await.unwrap();
    assert_eq!(client.rest().await, b"bye");
}

#[tokio::test]
async fn when_the_client_leaves_the_service_knows() {
    let (told, mut left) = mpsc::channel::<Vec<u8>>(1);
    let realtime = service(move |mut wire| {
        let told = told.clone();
        async move {
            wire.head().await;
            wire.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
                .await;
            told.send(wire.rest().await).await.unwrap();
        }
    });
    let gateway = gateway(&[("realtime", realtime.await)], &[]);
    let mut client = Wire::to(gateway.address).await;
    client.say(HANDSHAKE).await;
    client.head().await.unwrap();
    client.say("last words").await;
    drop(client);
    assert_eq!(left.recv().await.unwrap(), b"last words");
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let realtime = service(|mut wire| async move {
        wire.head().await;
        wire.say("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno").await;
    });
    let gateway = gateway(&[("realtime", realtime.await)], &[]);
    let answer = ask(gateway.address, HANDSHAKE).await;
    assert_eq!((answer.status(), answer.body.as_slice()), (401, b"no".as_slice()));
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    let (realtime, heard) = echo().await;
    let gateway = gateway(&[("realtime", realtime)], &[]);
    for request in [
        HANDSHAKE.replace("GET", "POST"),
        HANDSHAKE.replace("Connection: keep-alive, Upgrade\r\n", ""),
        HANDSHAKE.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello"),
        HANDSHAKE.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ] {
        let answer = ask(gateway.address, request).await;
        assert_eq!((answer.status(), answer.code().as_str()), (400, "errMsg_upgradeIsNotValid"));
    }
    assert!(heard.all().is_empty());
}
