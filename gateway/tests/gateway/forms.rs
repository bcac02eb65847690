//! Errors under a service's path have the form that the service gives its own, whoever refuses.

use serde_json::{Value, json};

use crate::stage::{answering, gateway, nobody, ok, service};
use crate::wire::{Message, Wire, ask, get};

/// Each prefix, and what its errors say besides the envelope.
fn forms(status: u16) -> [(&'static str, &'static str, Value); 2] {
    [("/bucket", "success", json!(false)), ("/chats", "code", json!(status))]
}

fn has_form(answer: &Message, status: u16, code: &str, (prefix, name, value): &(&str, &str, Value)) {
    assert_eq!((answer.status(), answer.code().as_str()), (status, code), "{prefix}");
    assert_eq!(&answer.json()[name], value, "{prefix} {code}");
    let other = if *name == "code" { "success" } else { "code" };
    assert_eq!(answer.json()[other], Value::Null, "{prefix} {code}");
}

#[tokio::test]
async fn too_large_is_413_in_the_form_of_its_path() {
    let (both, _) = ok().await;
    let gateway = gateway(&[("messaging", both), ("bucket", both)], &[]);
    for form in forms(413) {
        let prefix = form.0;
        let head =
            format!("POST {prefix}/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n");
        has_form(&ask(gateway.address, head).await, 413, "errMsg_bodyIsTooLarge", &form);
    }
}

#[tokio::test]
async fn not_deployed_is_404_in_the_form_of_its_path() {
    let gateway = gateway(&[], &[]);
    for form in forms(404) {
        let answer = get(gateway.address, &format!("{}/x", form.0)).await;
        has_form(&answer, 404, "errMsg_serviceIsNotDeployed", &form);
    }
    let elsewhere = get(gateway.address, "/messaging-api/x").await.json();
    assert_eq!((&elsewhere["success"], &elsewhere["code"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn away_or_silent_is_502_or_504_in_the_form_of_its_path() {
    let silent = service(|mut wire: Wire| async move {
        wire.rest().await;
    });
    let (nobody, silent) = (nobody().await, silent.await);
    for (at, status, code) in [(nobody, 502, "errMsg_badGateway"), (silent, 504, "errMsg_gatewayTimeout")] {
        let settings = [("limits.retry_ms", "10"), ("limits.answer_ms", "100")];
        let gateway = gateway(&[("messaging", at), ("bucket", at)], &settings);
        for form in forms(status) {
            has_form(&get(gateway.address, &format!("{}/x", form.0)).await, status, code, &form);
        }
    }
}

#[tokio::test]
async fn too_often_is_429_in_the_form_of_its_path() {
    let (both, _) = ok().await;
    let settings = [("limits.user_burst", "1"), ("limits.user_per_second", "1")];
    let gateway = gateway(&[("messaging", both), ("bucket", both)], &settings);
    for form in forms(429) {
        let head = format!("GET {0}/x HTTP/1.1\r\nHost: localhost\r\nToken: a.b{0}\r\n\r\n", form.0);
        let _passes = ask(gateway.address, &head).await;
        let refused = ask(gateway.address, &head).await;
        has_form(&refused, 429, "errMsg_tooManyRequests", &form);
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn what_a_service_says_itself_is_not_touched() {
    let said = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"own\":\"yes\"}";
    let (both, _) = answering(said).await;
    let gateway = gateway(&[("messaging", both), ("bucket", both)], &[]);
    for (prefix, ..) in forms(404) {
        assert_eq!(get(gateway.address, &format!("{prefix}/x")).await.body, b"{\"own\":\"yes\"}");
    }
}
