//! Hosts to environments, paths to services.

use serde_json::Value;

use crate::stage::{gateway, nobody, ok};
use crate::wire::{ask, get};

#[tokio::test]
async fn each_first_segment_leads_to_its_service() {
    let names = ["auth", "listing", "conversation", "messaging", "inbox", "realtime", "bucket"];
    let mut heard = Vec::new();
    let mut services = Vec::new();
    for name in names {
        let (address, notes) = ok().await;
        services.push((name, address));
        heard.push((name, notes));
    }
    let gateway = gateway(&services, &[]);
    let table = [
        ("/auth-api/v1/users/1?a=%20b&c[]=//", "auth", "/v1/users/1?a=%20b&c[]=//"),
        ("/auth-api", "auth", "/"),
        ("/auth-api?x=1", "auth", "/?x=1"),
        ("/auth-api/../bucket/x", "auth", "/../bucket/x"),
        ("/auth-api/..%2Fbucket//%2e", "auth", "/..%2Fbucket//%2e"),
        ("/listing-api/v1/listings", "listing", "/v1/listings"),
        ("/conversation-api/v1", "conversation", "/v1"),
        ("/messaging-api/v1/messages", "messaging", "/v1/messages"),
        ("/chats", "messaging", "/chats"),
        ("/chats/messages?limit=2", "messaging", "/chats/messages?limit=2"),
        ("/inbox-api/v1", "inbox", "/v1"),
        ("/realtime-api/v1/events", "realtime", "/v1/events"),
        ("/bucket/download/7", "bucket", "/bucket/download/7"),
    ];
    for (target, name, seen) in table {
        assert_eq!(get(gateway.address, target).await.body, b"ok", "{target}");
        let (_, notes) = heard.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(notes.last().target(), seen);
    }
    let count = heard.iter().map(|(_, notes)| notes.all().len()).sum::<usize>();
    assert_eq!(count, table.len(), "somebody heard what was not theirs");
}

#[tokio::test]
async fn what_has_no_service_is_404_in_the_envelope() {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    for target in ["/", "/widget.js", "/chatsfoo", "/auth-apix", "//auth-api/x", "/%61uth-api/x", "/v1/users"]
    {
        let answer = get(gateway.address, target).await;
        assert_eq!((answer.status(), answer.code().as_str()), (404, "errMsg_notFound"), "{target}");
    }
    let undeployed = get(gateway.address, "/messaging-api/v1/messages").await;
    assert_eq!((undeployed.status(), undeployed.code().as_str()), (404, "errMsg_serviceIsNotDeployed"));
    assert!(heard.all().is_empty());
}

#[tokio::test]
async fn the_host_picks_the_environment() {
    let ((preview, heard_in_preview), (production, heard_in_production)) = (ok().await, ok().await);
    let preview_url = format!("http://{preview}");
    let gateway = gateway(
        &[("auth", production)],
        &[
            ("environments.preview.hosts", "preview.localhost,*.prw.example.com"),
            ("environments.preview.base_url", "http://preview.localhost:8080/"),
            ("environments.preview.services.auth", &preview_url),
        ],
    );
    let at = |host: &str, target: &str| {
        ask(gateway.address, format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    for host in ["preview.localhost", "PREVIEW.localhost:8080", "a.prw.example.com"] {
        assert_eq!(at(host, "/auth-api/x").await.status(), 200, "{host}");
    }
    assert_eq!(heard_in_preview.all().len(), 3);
    for host in ["localhost:9", "127.0.0.1", "[::1]:8080"] {
        assert_eq!(at(host, "/auth-api/x").await.status(), 200, "{host}");
    }
    assert_eq!(heard_in_production.all().len(), 3);
    for host in ["example.com", "localhost.evil.io", "prw.example.com", "::1", "x y"] {
        for target in ["/auth-api/x", "/environments", "/"] {
            let answer = at(host, target).await;
            assert_eq!(
                (answer.status(), answer.code().as_str()),
                (404, "errMsg_unknownEnvironment"),
                "{host}"
            );
        }
    }
    assert_eq!(at("localhost", "http://preview.localhost/auth-api/absolute").await.status(), 200);
    assert_eq!(heard_in_preview.last().target(), "/absolute");
}

#[tokio::test]
async fn the_environments_are_listed_with_their_health() {
    let (auth, _) = ok().await;
    let gone = format!("http://{}", nobody().await);
    let gateway = gateway(
        &[("auth", auth)],
        &[
            ("environments.staging.hosts", "staging.localhost"),
            ("environments.staging.base_url", "http://staging.localhost:8080/"),
            ("environments.staging.services.auth", &gone),
        ],
    );
    let answer = get(gateway.address, "/environments").await;
    let expected = serde_json::json!([
        { "name": "production", "baseUrl": "http://localhost:8080", "healthy": true },
        { "name": "staging", "baseUrl": "http://staging.localhost:8080", "healthy": false },
    ]);
    assert_eq!((answer.status(), answer.json()), (200, expected));
    let post = ask(gateway.address, "POST /environments HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!((post.status(), post.code().as_str()), (405, "errMsg_methodNotAllowed"));
    assert_eq!(get(gateway.address, "/environments/x").await.json()["status"], Value::from(404));
}
