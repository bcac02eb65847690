//! Whatever goes wrong is said in the envelope, with a request id.

use kit::SystemClock;
use serde_json::json;
use testing::{Database, Running};

use crate::notes::Notes;
use crate::stage::{Process, client, start};
use crate::wire::Wire;

async fn boot() -> Running<Notes> {
    testing::boot(&[]).await
}

#[tokio::test]
async fn what_no_handler_sees() {
    let notes = boot().await;
    for (what, request, status, message) in [
        ("no route", "GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, "errMsg_notFound"),
        ("the root", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404, "errMsg_notFound"),
        ("another method", "PUT /v1/notes HTTP/1.1\r\nHost: x\r\n\r\n", 405, "errMsg_methodNotAllowed"),
        ("an unknown method", "BREW /v1/notes HTTP/1.1\r\nHost: x\r\n\r\n", 405, "errMsg_methodNotAllowed"),
        ("no number", "GET /v1/slow/x HTTP/1.1\r\nHost: x\r\n\r\n", 404, "errMsg_notFound"),
        ("half an escape", "GET /v1/slow/%2 HTTP/1.1\r\nHost: x\r\n\r\n", 404, "errMsg_notFound"),
        ("no UTF-8", "GET /v1/nothing%ff HTTP/1.1\r\nHost: x\r\n\r\n", 404, "errMsg_notFound"),
        ("health by POST", "POST /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "errMsg_methodNotAllowed"),
        (
            "keys by POST",
            "POST /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n",
            405,
            "errMsg_methodNotAllowed",
        ),
        ("no host", "GET /healthz HTTP/1.1\r\n\r\n", 400, "errMsg_requestIsNotValid"),
        ("no HTTP", "hello\r\n\r\n", 400, "errMsg_requestIsNotValid"),
        ("no version", "GET /healthz\r\n\r\n", 400, "errMsg_requestIsNotValid"),
        (
            "a bad header",
            "GET /healthz HTTP/1.1\r\nHost: x\r\nb ad: x\r\n\r\n",
            400,
            "errMsg_requestIsNotValid",
        ),
        (
            "a NUL in a header",
            "GET /healthz HTTP/1.1\r\nHost: x\r\na: \0\r\n\r\n",
            400,
            "errMsg_requestIsNotValid",
        ),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400, "errMsg_requestIsNotValid"),
    ] {
        let heard = Wire::exchange(&notes.url, request).await;
        assert_eq!((heard.status, &heard.json["message"]), (status, &json!(message)), "{what}: {heard:?}");
        heard.refused(status, message);
        assert_eq!(heard.head.contains("\r\nallow: "), status == 405, "{what}: {heard:?}");
    }
}

#[tokio::test]
async fn health_by_head_is_health_without_a_body() {
    let notes = boot().await;
    for path in ["/healthz", "/readyz"] {
        let url = format!("{}{path}", notes.url);
        let get = client().get(&url).send().await.unwrap();
        let head = client().head(&url).send().await.unwrap();
        assert_eq!((head.status().as_u16(), get.status().as_u16()), (200, 200), "{path}");
        assert_eq!(head.headers()["content-length"], get.headers()["content-length"], "{path}");
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
}

#[tokio::test]
async fn heads_that_are_too_large() {
    let notes = boot().await;
    let long = "x".repeat(200_000);
    for request in [
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\nlong: {long}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(40_000)),
    ] {
        let heard = Wire::exchange(&notes.url, request).await;
        assert!([400, 431].contains(&heard.status), "{heard:?}");
        assert_eq!(heard.json["result"], "ERR", "{heard:?}");
    }
    let many = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    assert!([200, 400, 431].contains(&Wire::exchange(&notes.url, many).await.status));
}

#[tokio::test]
async fn a_head_that_does_not_come() {
    let notes = boot().await;
    let mut wire = Wire::open(&notes.url).await;
    wire.say("GET /healthz HTT").await.unwrap();
    wire.hear().await.expect("an answer").refused(408, "errMsg_requestTimedOut");
    wire.ends().await;
}

#[tokio::test]
async fn an_escape_is_decoded_once() {
    let notes = boot().await;
    let reply = notes.delete("/v1/notes/%2541%2Fb%00").await;
    assert_eq!(reply.expect(200)["note"], "%41/b\0");
}

#[tokio::test]
async fn a_handler_that_panics_is_a_fault_like_any_other() {
    let notes = boot().await;
    let mut wire = Wire::open(&notes.url).await;
    for _ in 0..3 {
        wire.get("/v1/panic").await.unwrap();
        let heard = wire.hear().await.expect("no dropped connection");
        heard.refused(500, "errMsg_internalServerError");
        assert!(!heard.body.contains("in the handler"), "{heard:?}");
    }
    wire.get("/v1/slow/0").await.unwrap();
    assert_eq!(wire.hear().await.unwrap().status, 200, "the connection goes on");
}

#[tokio::test]
async fn a_transaction_that_panics_poisons_nothing() {
    let notes = testing::boot::<Notes>(&[("database.pool", "2")]).await;
    let ada = notes.person();
    for _ in 0..6 {
        let reply = notes.post("/v1/notes").by(&ada).json(json!({ "text": "panic" })).await;
        reply.refused(500, "errMsg_internalServerError");
        assert!(!reply.text.contains("transaction"), "{}", reply.text);
    }
    for _ in 0..6 {
        assert_eq!(notes.post("/v1/notes").by(&ada).json(json!({ "text": "good" })).await.status, 201);
    }
    assert_eq!(notes.get("/v1/notes").await.expect(200)["notes"], 6);
}

#[tokio::test]
async fn the_cause_is_in_no_answer() {
    let notes = boot().await;
    let reply = notes.get("/v1/leaky").by(&notes.person()).await;
    reply.refused(500, "errMsg_internalServerError");
    assert!(!reply.text.contains("hunter2"), "{}", reply.text);
}

#[tokio::test]
async fn request_ids_are_taken_over_or_made() {
    let notes = boot().await;
    for (given, kept) in [("abc-DEF_1.2:3", true), ("a b", false), ("<script>", false), ("", false)] {
        for path in ["/healthz", "/v1/slow/0", "/nowhere", "/v1/panic", "/v1/slow/x"] {
            let reply = notes.get(path).header("X-Request-Id", given).await;
            let id = reply.header("x-request-id");
            assert_eq!(id == given, kept, "{path} {given:?}: {id:?}");
            assert!(kept || id.len() == 36, "{path} {given:?}: {id:?}");
        }
    }
    let long = "x".repeat(129);
    assert_ne!(notes.get("/healthz").header("X-Request-Id", &long).await.header("x-request-id"), long);
    let reply = notes.get("/v1/slow/0").header("X-Request-Id", "mine").await;
    assert_eq!(reply.json["requestId"], "mine");
}

#[tokio::test]
async fn before_it_is_ready_it_says_so() {
    let database = Database::create();
    let Process { url, lifecycle, server: _server, .. } = start(&database.url, &[], Box::new(SystemClock));
    let client = client();
    let ask = async |path: &str| {
        let response = client.get(format!("{url}{path}")).send().await.unwrap();
        let (status, retry) = (response.status().as_u16(), response.headers().contains_key("retry-after"));
        (status, retry, response.json::<serde_json::Value>().await.unwrap())
    };
    assert_eq!(ask("/healthz").await.0, 200);
    assert_eq!((ask("/readyz").await.0, ask("/readyz").await.2["status"].clone()), (503, json!("starting")));
    let (status, retry, json) = ask("/v1/slow/0").await;
    assert_eq!((status, retry, &json["message"]), (503, true, &json!("errMsg_serviceIsUnavailable")));
    lifecycle.ready();
    assert_eq!(ask("/v1/slow/0").await.0, 200);
}
