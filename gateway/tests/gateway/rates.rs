//! How often a client may call. A limit that never fires for a typo would be worse than none, so each is seen to
//! fire, and each switch to switch it off.

use std::net::SocketAddr;

use crate::stage::{Gateway, gateway, ok};
use crate::wire::{Message, Wire};

const LIMITS: [&str; 3] = ["user", "address", "sign_in"];

/// A gateway with one tight limit, or with that limit's figures and its switch off.
async fn stage(tight: &str, enabled: bool, more: &[(&str, &str)]) -> Gateway {
    let (service, _) = ok().await;
    let key = |what: &str| format!("limits.{tight}_{what}");
    let (burst, per_second, switch) = (key("burst"), key("per_second"), key("enabled"));
    let enabled = enabled.to_string();
    let settings = [(burst.as_str(), "5"), (&per_second, "1"), (&switch, &enabled)];
    gateway(&[("auth", service), ("messaging", service)], &[&settings, more].concat())
}

/// Forty requests on one connection: with one more a second, that is, far more than a burst of five.
async fn forty(gateway: SocketAddr, first: &str, headers: &str) -> Vec<Message> {
    let mut wire = Wire::to(gateway).await;
    let request = format!("{first} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let mut answers = Vec::new();
    for _ in 0..40 {
        wire.say(&request).await;
        answers.push(wire.message().await.expect("dropped without an answer"));
    }
    answers
}

fn passed(answers: &[Message]) -> usize {
    answers.iter().filter(|answer| answer.status() != 429).count()
}

/// All requests that each limit counts.
const COUNTED: [(&str, &str, &str); 7] = [
    ("user", "POST /messaging-api/v1/messages", "Authorization: Bearer a.b.c\r\n"),
    ("user", "GET /chats", "Token: a.b.c\r\n"),
    ("address", "GET /messaging-api/x", ""),
    ("address", "GET /nowhere", ""),
    ("sign_in", "POST /auth-api/login", ""),
    ("sign_in", "POST /auth-api/%6Cogin", ""),
    ("sign_in", "POST /auth-api/v1/users", "Content-Length: 0\r\n"),
];

#[tokio::test]
async fn each_limit_fires_and_says_so() {
    for (limit, first, headers) in COUNTED {
        let gateway = stage(limit, true, &[]).await;
        let answers = forty(gateway.address, first, headers).await;
        assert!((5..30).contains(&passed(&answers)), "{limit}: {} of 40 to {first}", passed(&answers));
        assert!(answers.iter().take(5).all(|answer| answer.status() != 429), "{limit}: not even a burst");
        let refusal = answers.iter().find(|answer| answer.status() == 429).unwrap();
        assert_eq!(refusal.code(), "errMsg_tooManyRequests");
        assert_eq!(refusal.header("retry-after"), Some("1"));
        let detail = format!("The limit \"{limit}\" is 5 requests at once and 1 a second.");
        assert_eq!(refusal.json()["detail"], detail);
    }
}

#[tokio::test]
async fn each_switch_switches_its_limit_off() {
    for (limit, first, headers) in COUNTED {
        let gateway = stage(limit, false, &[]).await;
        assert_eq!(passed(&forty(gateway.address, first, headers).await), 40, "{limit}: {first}");
    }
}

#[tokio::test]
async fn no_limit_counts_what_is_not_its_own() {
    let uncounted = [
        ("user", "GET /messaging-api/x", ""),
        ("user", "GET /messaging-api/x", "Authorization: Basic a.b.c\r\n"),
        ("sign_in", "GET /auth-api/currentuser", ""),
        ("sign_in", "POST /messaging-api/v1/messages", "Content-Length: 0\r\n"),
    ];
    let health = ["GET /healthz", "GET /readyz"].map(|first| ("address", first, ""));
    let preflight = "Origin: http://localhost\r\nAccess-Control-Request-Method: GET\r\n";
    for (limit, first, headers) in
        uncounted.into_iter().chain(health).chain([("address", "OPTIONS /chats", preflight)])
    {
        let gateway = stage(limit, true, &[("cors.origins", "http://localhost")]).await;
        assert_eq!(passed(&forty(gateway.address, first, headers).await), 40, "{limit}: {first}");
    }
}

#[tokio::test]
async fn everyone_has_a_limit_of_their_own() {
    let gateway = stage("user", true, &[]).await;
    for token in ["a.a.a", "b.b.b"] {
        let headers = format!("Authorization: Bearer {token}\r\n");
        let answers = forty(gateway.address, "GET /chats", &headers).await;
        assert!(answers.iter().take(5).all(|answer| answer.status() == 200), "{token}");
    }
    let behind = stage("address", true, &[("proxy.trusted", "127.0.0.1")]).await;
    for client in ["203.0.113.9", "203.0.113.10", "2001:db8:0:1::7"] {
        let answers = forty(behind.address, "GET /chats", &format!("X-Forwarded-For: {client}\r\n")).await;
        assert!(answers.iter().take(5).all(|answer| answer.status() == 200), "{client}");
        assert!(passed(&answers) < 30, "{client}");
    }
    let neighbour = "X-Forwarded-For: 2001:db8:0:1:ffff::8\r\n";
    assert!(passed(&forty(behind.address, "GET /chats", neighbour).await) < 30);
}

#[tokio::test]
async fn an_address_is_not_what_a_stranger_says_it_is() {
    let gateway = stage("address", true, &[]).await;
    let mut passed = 0;
    for index in 0..40 {
        let headers = format!("X-Forwarded-For: 203.0.113.{index}\r\nX-Real-IP: 203.0.113.{index}\r\n");
        let request = format!("GET /chats HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        passed += usize::from(crate::wire::ask(gateway.address, request).await.status() == 200);
    }
    assert!(passed < 30, "{passed} of 40");
}

#[tokio::test]
async fn two_hundred_sends_of_one_user_at_once_pass() {
    let (service, heard) = ok().await;
    let gateway = gateway(&[("messaging", service)], &[]);
    let sends = (0..200).map(|_| {
        let request = "POST /messaging-api/v1/messages HTTP/1.1\r\nHost: localhost\r\n\
                       Authorization: Bearer a.b.c\r\nContent-Length: 2\r\n\r\n{}";
        crate::wire::ask(gateway.address, request)
    });
    let answers = futures_util::future::join_all(sends).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(heard.all().len(), 200);
}

#[test]
fn limits_are_called_by_these_names() {
    let defaults = gateway::settings::Limits::default();
    let named = [defaults.user(), defaults.address(), defaults.sign_in()];
    assert_eq!(named.map(|limit| limit.name), LIMITS);
    assert!(named.iter().all(|limit| limit.enabled));
}
