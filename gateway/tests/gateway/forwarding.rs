//! Headers on their way: what a service is told, and what a client cannot say.

use crate::stage::{answering, gateway, ok};
use crate::wire::{Message, ask, get};

const SPOOFING: &str = "GET /auth-api/x HTTP/1.1\r\nHost: localhost:8080\r\nX-Forwarded-For: 6.6.6.6\r\n\
     X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example.com\r\n\
     X-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\r\n";

async fn told(request: &str, trusted: &str) -> Message {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[("proxy.trusted", trusted)]);
    assert_eq!(ask(gateway.address, request).await.status(), 200);
    heard.last()
}

#[tokio::test]
async fn a_stranger_cannot_say_who_it_is() {
    let heard = told(SPOOFING, "10.0.0.0/8").await;
    assert_eq!(heard.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(heard.count("x-forwarded-for"), 1);
    assert_eq!(heard.header("x-forwarded-proto"), Some("http"));
    assert_eq!(heard.header("x-forwarded-host"), Some("localhost:8080"));
    assert_eq!(heard.header("x-real-ip"), Some("127.0.0.1"));
    assert_eq!(heard.header("forwarded"), None);
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let heard = told(SPOOFING, "127.0.0.0/8, ::1").await;
    assert_eq!(heard.header("x-forwarded-for"), Some("6.6.6.6, 203.0.113.9, 127.0.0.1"));
    assert_eq!(heard.header("x-forwarded-proto"), Some("https"));
    assert_eq!(heard.header("x-forwarded-host"), Some("shop.example.com"));
    assert_eq!(heard.header("x-real-ip"), Some("203.0.113.9"), "the nearest that no proxy of ours has");
    assert_eq!(heard.header("forwarded"), None);
}

#[tokio::test]
async fn headers_of_one_connection_stay_on_it() {
    let request = "POST /auth-api/x HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, X-Secret, X-Forwarded-For\r\n\
        X-Secret: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nUpgrade: h2c\r\n\
        Expect: 100-continue\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\n{}";
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let mut client = crate::wire::Wire::to(gateway.address).await;
    client.say(request).await;
    client.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    assert_eq!(client.message().await.unwrap().status(), 200);
    let heard = heard.last();
    for gone in ["x-secret", "keep-alive", "te", "proxy-authorization", "upgrade", "connection", "expect"] {
        assert_eq!(heard.header(gone), None, "{gone}");
    }
    assert_eq!(heard.header("authorization"), Some("Bearer t"));
    assert_eq!(heard.header("x-forwarded-for"), Some("127.0.0.1"), "Connection cannot take ours away");
    assert_eq!(heard.header("host"), Some(auth.to_string().as_str()));
}

#[tokio::test]
async fn a_service_keeps_its_connection_to_itself() {
    let answer = "HTTP/1.1 201 Created\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\n\
        Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: /v1/x\r\nContent-Length: 2\r\n\r\n{}";
    let (auth, _) = answering(answer).await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let answer = get(gateway.address, "/auth-api/x").await;
    assert_eq!(answer.status(), 201);
    for gone in ["x-hop", "keep-alive", "connection"] {
        assert_eq!(answer.header(gone), None, "{gone}");
    }
    assert_eq!((answer.count("set-cookie"), answer.header("location")), (2, Some("/v1/x")));
}

#[tokio::test]
async fn the_request_id_is_taken_over_or_made() {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let given = "GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: abc-1\r\n\r\n";
    assert_eq!(ask(gateway.address, given).await.header("x-request-id"), Some("abc-1"));
    assert_eq!(heard.last().header("x-request-id"), Some("abc-1"));
    let bad = "GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a b {}\r\n\r\n";
    let answer = ask(gateway.address, bad).await;
    let made = answer.header("x-request-id").unwrap();
    assert_ne!(made, "a b {}");
    assert_eq!(heard.last().header("x-request-id"), Some(made));
    assert_eq!((heard.last().count("x-request-id"), answer.count("x-request-id")), (1, 1));
}
