//! Pages of other origins.

use crate::stage::{Gateway, Heard, answering, gateway, nobody, ok};
use crate::wire::{Message, ask};

async fn stage() -> (Gateway, Heard) {
    let (auth, heard) = ok().await;
    let origins = "https://app.example.com,http://localhost:*,https://*.prw.example.com";
    (gateway(&[("auth", auth)], &[("cors.origins", origins)]), heard)
}

async fn preflight(gateway: &Gateway, origin: &str) -> Message {
    let request = format!(
        "OPTIONS /auth-api/login HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\
         Access-Control-Request-Method: PATCH\r\nAccess-Control-Request-Headers: authorization,x-timezone\r\n\r\n"
    );
    ask(gateway.address, request).await
}

#[tokio::test]
async fn preflights_are_answered_here() {
    let (gateway, heard) = stage().await;
    for origin in ["https://app.example.com", "http://localhost:5173", "https://pr-7.prw.example.com"] {
        let answer = preflight(&gateway, origin).await;
        assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (204, Some(origin)));
        assert!(answer.header("access-control-allow-methods").unwrap().contains("PATCH"));
        assert_eq!(answer.header("access-control-max-age"), Some("7200"));
        let allowed = answer.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
        for name in [
            "authorization",
            "token",
            "content-type",
            "idempotency-key",
            "if-match",
            "x-request-id",
            "x-timezone",
            "last-event-id",
        ] {
            assert!(allowed.split(", ").any(|given| given == name), "{name}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    assert!(heard.all().is_empty());
}

#[tokio::test]
async fn strange_origins_are_refused() {
    let (gateway, _) = stage().await;
    for origin in
        ["https://evil.io", "null", "https://app.example.com.evil.io", "http://app.example.com", "*"]
    {
        let answer = preflight(&gateway, origin).await;
        assert_eq!((answer.status(), answer.code().as_str()), (403, "errMsg_originIsNotAllowed"), "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn answers_and_refusals_can_be_read() {
    let (gateway, _) = stage().await;
    for (target, status) in
        [("/auth-api/x", 200), ("/nowhere", 404), ("/inbox-api/x", 404), ("/environments", 200)]
    {
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.com\r\n\r\n");
        let answer = ask(gateway.address, request).await;
        assert_eq!(answer.status(), status, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"));
        let exposed = "X-Request-Id, Retry-After, Idempotency-Replayed, ETag";
        assert_eq!(answer.header("access-control-expose-headers"), Some(exposed));
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    let stranger = "GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.io\r\n\r\n";
    let answer = ask(gateway.address, stranger).await;
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (None, Some("Origin")));
}

#[tokio::test]
async fn other_options_go_to_the_service() {
    let (gateway, heard) = stage().await;
    let request =
        "OPTIONS /auth-api/x HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.com\r\n\r\n";
    assert_eq!(ask(gateway.address, request).await.status(), 200);
    assert!(heard.last().first.starts_with("OPTIONS /x "));
}

#[tokio::test]
async fn widgets_know_their_origins_themselves() {
    let said = "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: https://shop.example.org\r\nVary: Origin\r\n\r\n";
    let (inbox, heard) = answering(said).await;
    let gateway = gateway(&[("inbox", inbox)], &[("cors.origins", "https://app.example.com")]);
    for (method, origin) in [("OPTIONS", "https://shop.example.org"), ("GET", "https://app.example.com")] {
        let request = format!(
            "{method} /inbox-api/v1/widget/x/config HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: GET\r\n\r\n"
        );
        let answer = ask(gateway.address, request).await;
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!((answer.status(), allowed), (204, Some("https://shop.example.org")));
        assert_eq!(
            (answer.header("vary"), answer.header("access-control-expose-headers")),
            (Some("Origin"), None)
        );
        let last = heard.last();
        assert!(last.first.starts_with(&format!("{method} /v1/widget/x/config ")));
        assert_eq!(
            (last.header("origin"), last.header("access-control-request-method")),
            (Some(origin), Some("GET"))
        );
    }
    let other = "OPTIONS /inbox-api/v1/conversations HTTP/1.1\r\nHost: localhost\r\nOrigin: https://shop.example.org\r\n\
                 Access-Control-Request-Method: GET\r\n\r\n";
    assert_eq!(ask(gateway.address, other).await.status(), 403);
}

/// The company's sites are nobody's business here; that the service is away is everybody's.
#[tokio::test]
async fn our_own_refusals_reach_the_pages_of_widgets() {
    let settings = [("cors.origins", "https://app.example.com"), ("limits.retry_ms", "50")];
    let gateway = gateway(&[("inbox", nobody().await)], &settings);
    let ask_from = |origin: &str| {
        ask(
            gateway.address,
            format!("GET /inbox-api/v1/widget/x/config HTTP/1.1\r\nHost: localhost\r\n{origin}\r\n"),
        )
    };
    let answer = ask_from("Origin: https://shop.example.org\r\n").await;
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!((answer.status(), allowed), (502, Some("https://shop.example.org")));
    assert_eq!(answer.header("vary"), Some("Origin"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("Retry-After"));
    let answer = ask_from("").await;
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (502, None));
}
