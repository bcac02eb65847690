//! The gateway's own health and that of what is behind it.

use std::time::{Duration, Instant};

use crate::stage::{answering, gateway, nobody, service};
use crate::wire::{Wire, ask, get};

fn says(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn any_host_may_ask_how_the_gateway_is() {
    let gateway = gateway(&[], &[]);
    for target in ["/healthz", "/readyz"] {
        let answer = ask(gateway.address, format!("GET {target} HTTP/1.1\r\nHost: who.knows\r\n\r\n")).await;
        assert_eq!(answer.status(), 200, "{target}");
        let mut client = Wire::to(gateway.address).await;
        client.say(format!("HEAD {target} HTTP/1.1\r\nHost: who.knows\r\nConnection: close\r\n\r\n")).await;
        assert_eq!(client.head().await.unwrap().status(), 200, "{target}");
        assert_eq!(client.rest().await, b"", "{target}");
    }
}

#[tokio::test]
async fn degraded_is_ready_and_missing_is_not() {
    let (good, _) = answering(says("200 OK", r#"{"status":"ready","checks":{}}"#)).await;
    let (degraded, _) = answering(says("200 OK", r#"{"status":"degraded","checks":{}}"#)).await;
    let ready = gateway(&[("auth", good), ("messaging", degraded)], &[]);
    let answer = get(ready.address, "/readyz").await;
    assert_eq!((answer.status(), answer.json()["status"].as_str()), (200, Some("degraded")));
    assert_eq!(answer.json()["checks"]["production/auth"], "ok");

    let (starting, _) = answering(says("503 Service Unavailable", r#"{"status":"starting"}"#)).await;
    let missing = gateway(&[("auth", good), ("messaging", starting), ("inbox", nobody().await)], &[]);
    let answer = get(missing.address, "/readyz").await;
    assert_eq!((answer.status(), answer.json()["status"].as_str()), (503, Some("unavailable")));
    assert_eq!(answer.json()["checks"]["production/messaging"], "unavailable: says starting");
    assert_eq!(answer.json()["checks"]["production/inbox"], "unavailable: cannot be reached");
}

#[tokio::test]
async fn silent_services_cost_one_deadline_together() {
    let silent = || {
        service(|wire: Wire| async move {
            std::future::pending::<()>().await;
            drop(wire);
        })
    };
    let gateway =
        gateway(&[("auth", silent().await), ("messaging", silent().await), ("inbox", silent().await)], &[]);
    let begun = Instant::now();
    let (first, second) =
        tokio::join!(get(gateway.address, "/readyz"), get(gateway.address, "/environments"));
    assert_eq!((first.status(), second.status()), (503, 200));
    assert_eq!(first.json()["checks"]["production/inbox"], "unavailable: does not answer in time");
    assert!(begun.elapsed() < Duration::from_millis(1_900), "one after the other: {:?}", begun.elapsed());
}
