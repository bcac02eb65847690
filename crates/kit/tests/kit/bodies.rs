//! Bodies as no client should send them.

use std::time::{Duration, Instant};

use crate::notes::Notes;
use crate::wire::Wire;

const ECHO: &str = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

async fn boot() -> testing::Running<Notes> {
    testing::boot(&[("http.body_timeout_ms", "400"), ("http.body_limit", "10000")]).await
}

#[tokio::test]
async fn a_body_that_trickles_in_is_refused_in_time() {
    let notes = boot().await;
    for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let begun = Instant::now();
        let mut wire = Wire::open(&notes.url).await;
        wire.say(format!("{ECHO}{head}\r\n\r\n")).await.unwrap();
        let piece = if head.starts_with('C') { " " } else { "1\r\n \r\n" };
        let trickle = async {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if wire.say(piece).await.is_err() {
                    break;
                }
                if begun.elapsed() > Duration::from_millis(600) {
                    break;
                }
            }
        };
        trickle.await;
        wire.hear().await.expect("an answer").refused(408, "errMsg_bodyTimedOut");
        wire.ends().await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{head}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_body_without_end_is_refused_and_not_read_on() {
    let notes = boot().await;
    let stream = tokio::net::TcpStream::connect(notes.url.strip_prefix("http://").unwrap()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let sending = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let mut sent = 0_usize;
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        let head = format!("{ECHO}Transfer-Encoding: chunked\r\n\r\n");
        writing.write_all(head.as_bytes()).await.unwrap();
        while writing.write_all(chunk.as_bytes()).await.is_ok() {
            sent += chunk.len();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        sent
    });
    let mut answer = Vec::new();
    let all = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut answer);
    // The end may well be a reset: what matters is what came before it.
    let _ = tokio::time::timeout(Duration::from_secs(5), all).await.expect("the server hangs up");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("errMsg_bodyIsTooLarge"), "{answer}");
    let sent = tokio::time::timeout(Duration::from_secs(5), sending).await.expect("nobody reads on").unwrap();
    assert!(sent > 10_000, "{sent}");
}

#[tokio::test]
async fn a_length_over_the_limit_is_refused_at_once() {
    let notes = boot().await;
    let mut wire = Wire::open(&notes.url).await;
    wire.say(format!("{ECHO}Content-Length: 10001\r\n\r\n")).await.unwrap();
    wire.hear().await.unwrap().refused(413, "errMsg_bodyIsTooLarge");
    let mut wire = Wire::open(&notes.url).await;
    wire.say(format!("{ECHO}Content-Length: 99999999999999999999\r\n\r\n")).await.unwrap();
    assert!([400, 413].contains(&wire.hear().await.expect("an answer").status));
    let mut wire = Wire::open(&notes.url).await;
    let body = format!("{{}}{}", " ".repeat(9_998));
    wire.say(format!("{ECHO}Content-Length: 10000\r\n\r\n{body}")).await.unwrap();
    assert_eq!(wire.hear().await.unwrap().status, 200, "the limit itself fits");
}

#[tokio::test]
async fn a_body_that_nobody_asked_for_is_ignored() {
    let notes = boot().await;
    let mut wire = Wire::open(&notes.url).await;
    for (method, path) in [("GET", "/v1/slow/0"), ("DELETE", "/v1/notes/1"), ("GET", "/nowhere")] {
        for body in [
            "Content-Length: 11\r\n\r\n{\"data\":{}}",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n",
        ] {
            wire.say(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{body}")).await.unwrap();
            let heard = wire.hear().await.expect("the connection is still good");
            assert_eq!(heard.status, if path == "/nowhere" { 404 } else { 200 }, "{heard:?}");
            if heard.closes() {
                wire = Wire::open(&notes.url).await;
            }
        }
    }
    wire.get("/v1/slow/0").await.unwrap();
    assert_eq!(wire.hear().await.unwrap().status, 200);
}

#[tokio::test]
async fn only_json_is_taken() {
    let notes = boot().await;
    for (content_type, status) in [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
        ("\u{7f}", 400),
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
    ] {
        let request = format!(
            "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        let heard = Wire::exchange(&notes.url, request).await;
        assert_eq!(heard.status, status, "{content_type}: {heard:?}");
    }
    let bare = "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(Wire::exchange(&notes.url, bare).await.status, 200, "no type is taken for JSON");
}

#[tokio::test]
async fn broken_framing_is_refused_in_words() {
    let notes = boot().await;
    for (what, rest) in [
        ("no length of a chunk", "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ("a chunk that is longer", "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"),
        ("a length that is none", "Content-Length: -1\r\n\r\n"),
        ("two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        ("length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("an unknown coding", "Transfer-Encoding: gzip\r\n\r\n"),
    ] {
        let heard = Wire::exchange(&notes.url, format!("{ECHO}{rest}")).await;
        assert_eq!((heard.status, heard.json["result"].as_str()), (400, Some("ERR")), "{what}: {heard:?}");
        assert!(heard.head.contains("x-request-id: "), "{what}");
    }
}

#[tokio::test]
async fn junk_after_a_request_is_refused_in_words() {
    let notes = boot().await;
    let mut wire = Wire::open(&notes.url).await;
    for _ in 0..2 {
        wire.get("/v1/slow/0").await.unwrap();
        assert_eq!(wire.hear().await.unwrap().status, 200);
    }
    wire.say("GET /v1/slow/0 HTTP/1.1\r\nHost: x\r\n\r\n\u{1}junk\r\n\r\n").await.unwrap();
    assert_eq!(wire.hear().await.unwrap().status, 200);
    wire.hear().await.unwrap().refused(400, "errMsg_requestIsNotValid");
    wire.ends().await;
}

/// What looks like an answer of the parser's is somebody's text, where it stands in a body.
#[tokio::test]
async fn nobody_can_forge_the_parsers_answer() {
    let notes = boot().await;
    let forged = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    let (mut wire, path) = (Wire::open(&notes.url).await, "/v1/raw");
    for _ in 0..3 {
        let length = forged.len();
        wire.say(format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{forged}"))
            .await
            .unwrap();
        assert_eq!(wire.hear().await.unwrap().body, forged);
    }
}

#[tokio::test]
async fn a_request_dropped_half_way_leaves_nothing_behind() {
    let notes = boot().await;
    for _ in 0..200 {
        let mut wire = Wire::open(&notes.url).await;
        wire.say(format!("{ECHO}Content-Length: 100\r\n\r\n{{")).await.unwrap();
    }
    assert_eq!(notes.post("/v1/echo").json(serde_json::json!({})).await.status, 200);
}
