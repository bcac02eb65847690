//! Bodies and heads that are too large or too slow.

use std::fmt::Write as _;

use crate::stage::{gateway, ok, service};
use crate::wire::{Wire, ask};

const POST: &str = "POST /messaging-api/x HTTP/1.1\r\nHost: localhost\r\n";

#[tokio::test]
async fn a_length_beyond_the_limit_is_413_at_once() {
    let (messaging, heard) = ok().await;
    let gateway = gateway(&[("messaging", messaging), ("bucket", messaging)], &[]);
    let answer = ask(gateway.address, format!("{POST}Content-Length: 4194305\r\n\r\n")).await;
    assert_eq!((answer.status(), answer.code().as_str()), (413, "errMsg_bodyIsTooLarge"));
    let upload = "POST /bucket/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 105906177\r\n\r\n";
    assert_eq!(ask(gateway.address, upload).await.status(), 413);
    let huge = ask(gateway.address, format!("{POST}Content-Length: 18446744073709551615\r\n\r\n")).await;
    assert_eq!(huge.status(), 413);
    assert!(heard.all().is_empty());
}

#[tokio::test]
async fn a_body_that_grows_beyond_the_limit_is_413_midway() {
    let messaging = service(|mut wire| async move {
        wire.rest().await;
    });
    let gateway = gateway(&[("messaging", messaging.await)], &[("limits.body_bytes", "100000")]);
    let mut client = Wire::to(gateway.address).await;
    client.say(format!("{POST}Transfer-Encoding: chunked\r\n\r\n")).await;
    for _ in 0..11 {
        client.say(format!("{:x}\r\n{}\r\n", 10_000, "z".repeat(10_000))).await;
    }
    let answer = client.message().await.unwrap();
    assert_eq!((answer.status(), answer.code().as_str()), (413, "errMsg_bodyIsTooLarge"));
}

#[tokio::test]
async fn a_body_that_stalls_is_408() {
    let messaging = service(|mut wire| async move {
        wire.rest().await;
    });
    let gateway = gateway(&[("messaging", messaging.await)], &[("limits.chunk_ms", "200")]);
    for head in ["Content-Length: 10", "Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let answer = ask(gateway.address, format!("{POST}{head}\r\n\r\n1\r\nx")).await;
        assert_eq!((answer.status(), answer.code().as_str()), (408, "errMsg_bodyTimedOut"), "{head}");
    }
}

#[tokio::test]
async fn large_heads_are_refused_with_an_envelope() {
    let (messaging, heard) = ok().await;
    let gateway = gateway(&[("messaging", messaging)], &[]);
    let get = |rest: String| ask(gateway.address, format!("GET /messaging-api/{rest}"));
    let long = get(format!("{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(20_000))).await;
    assert_eq!((long.status(), long.code().as_str()), (414, "errMsg_addressIsTooLong"));
    let mut many = String::new();
    for index in 0..85 {
        write!(many, "x-{index}: 1\r\n").unwrap();
    }
    let many = get(format!("x HTTP/1.1\r\nHost: localhost\r\n{many}\r\n")).await;
    assert_eq!((many.status(), many.code().as_str()), (431, "errMsg_headersAreTooLarge"));
    let wide = get(format!("x HTTP/1.1\r\nHost: localhost\r\nx: {}\r\n\r\n", "b".repeat(70_000))).await;
    assert_eq!((wide.status(), wide.code().as_str()), (431, "errMsg_headersAreTooLarge"));
    assert!(heard.all().is_empty());
}
