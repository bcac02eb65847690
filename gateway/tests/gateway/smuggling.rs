//! Requests that two readers could read differently: no service may ever see a second one in the first.

use crate::stage::{gateway, ok};
use crate::wire::Wire;

const SMUGGLED: &str = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn no_second_request_hides_in_the_first() {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[("limits.chunk_ms", "300")]);
    let length = SMUGGLED.len();
    let heads = [
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n".to_owned(),
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", length + 5),
        "Content-Length: 0\r\nContent-Length: 50\r\n\r\n".to_owned(),
        "Content-Length: 0, 50\r\n\r\n".to_owned(),
        "Content-Length: +0\r\n\r\n".to_owned(),
        "Content-Length : 0\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "X-Folded: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\n0_\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF1\r\n\r\n".to_owned(),
        "X: a\rContent-Length: 50\r\n\r\n".to_owned(),
        "Host: other\r\n\r\n".to_owned(),
    ];
    for head in heads {
        let mut client = Wire::to(gateway.address).await;
        client.say(format!("POST /auth-api/first HTTP/1.1\r\nHost: localhost\r\n{head}{SMUGGLED}")).await;
        let answer = client.message().await.unwrap_or_else(|| panic!("dropped without an answer: {head:?}"));
        assert_eq!(answer.status(), 400, "{head:?}");
        let more = client.message().await;
        assert!(more.is_none(), "{head:?} was answered twice: {more:?}");
    }
    assert!(heard.all().is_empty(), "{:?}", heard.all());
}

/// Pipelining is allowed; each request stands for itself and the second finds no service.
#[tokio::test]
async fn pipelined_requests_are_routed_one_by_one() {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let mut client = Wire::to(gateway.address).await;
    let first = "POST /auth-api/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    client.say(format!("{first}{SMUGGLED}")).await;
    assert_eq!(client.message().await.unwrap().status(), 200);
    assert_eq!(client.message().await.unwrap().code(), "errMsg_notFound");
    assert_eq!((heard.all().len(), heard.last().body), (1, b"{}".to_vec()));
}

/// A body on a GET is accepted; it must not become the next request on the kept connection to the service.
#[tokio::test]
async fn the_body_of_a_get_stays_a_body() {
    let (auth, heard) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    for _ in 0..3 {
        let mut client = Wire::to(gateway.address).await;
        let request = format!(
            "GET /auth-api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
            SMUGGLED.len()
        );
        client.say(format!("{request}{SMUGGLED}")).await;
        assert_eq!(client.message().await.unwrap().status(), 200);
    }
    assert_eq!(heard.all().len(), 3);
    assert!(
        heard.all().iter().all(|message| message.target() == "/x" && message.body == SMUGGLED.as_bytes())
    );
}

#[tokio::test]
async fn odd_requests_get_an_answer() {
    let (auth, _) = ok().await;
    let gateway = gateway(&[("auth", auth)], &[]);
    let cases = [
        ("CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n", 405),
        ("TRACE /auth-api/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("BREW /auth-api/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        ("GET /auth-api/x HTTP/1.1\r\n\r\n", 400),
        ("GET /auth-api/x HTTP/1.0\r\n\r\n", 404),
        ("GET /auth-api/ä HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
    ];
    for (request, status) in cases {
        let mut client = Wire::to(gateway.address).await;
        client.say(request).await;
        let answer = client.message().await.unwrap_or_else(|| panic!("dropped without an answer: {request}"));
        assert_eq!(answer.status(), status, "{request}");
        assert_eq!(answer.header("allow").is_some(), status == 405, "{request}");
    }
}
