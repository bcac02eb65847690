//! What comes with the bytes, and which bytes come.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, noise};

fn path(file: &Value) -> String {
    format!("/bucket/download/{}", file["fileId"].as_str().unwrap())
}

#[tokio::test]
async fn what_a_browser_could_run_is_an_attachment_and_runs_nothing() {
    let stage = Stage::set().await;
    for (name, bytes, kind, shown) in [
        ("page.png", &b"<!DOCTYPE html><script>alert(1)</script>"[..], "text/html", false),
        (
            "logo.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            "image/svg+xml",
            false,
        ),
        ("feed.txt", b"<?xml version='1.0'?><a/>", "text/xml", false),
        ("app.js", b"alert(1)", "text/plain; charset=utf-8", true),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf", false),
        ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;", "image/gif", true),
    ] {
        let file = stage.file(&stage.ada.public, name, bytes).await;
        let (status, headers, back) = stage.download(&path(&file), &[]).await;
        assert_eq!((status, back.as_slice()), (200, bytes));
        assert_eq!(headers["content-type"], kind, "{name}");
        let begin = if shown { "inline; " } else { "attachment; " };
        assert!(headers["content-disposition"].to_str().unwrap().starts_with(begin), "{name}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["content-security-policy"].to_str().unwrap().ends_with("sandbox"));
    }
}

#[tokio::test]
async fn caches_keep_what_is_public_and_ask_for_what_is_private() {
    let stage = Stage::set().await;
    let (public, private) =
        (stage.file(&stage.ada.public, "a", b"a").await, stage.file(&stage.ada.private, "a", b"a").await);
    let (_, headers, _) = stage.download(&path(&public), &[]).await;
    assert_eq!(headers["cache-control"], "public, max-age=86400, immutable");
    let authorization = format!("Bearer {}", stage.ada.token);
    let known = ("If-None-Match", headers["etag"].to_str().unwrap());
    let (status, headers, bytes) =
        stage.download(&path(&private), &[("Authorization", &authorization), known]).await;
    assert_eq!((status, bytes.len()), (304, 0));
    assert_eq!(
        (&headers["cache-control"], &headers["vary"]),
        (&json!("private, no-cache").as_str().unwrap().parse().unwrap(), &"Authorization".parse().unwrap())
    );
    // Who knows the digest of a private file still cannot ask whether it is that.
    assert_eq!(stage.download(&path(&private), &[known]).await.0, 401);
}

#[tokio::test]
async fn the_client_need_not_load_again_what_it_has() {
    let stage = Stage::set().await;
    let file = stage.file(&stage.ada.public, "a", b"a").await;
    let (_, headers, _) = stage.download(&path(&file), &[]).await;
    let (etag, modified) = (headers["etag"].to_str().unwrap(), headers["last-modified"].to_str().unwrap());
    for (name, value, status) in [
        ("If-None-Match", etag, 304),
        ("If-None-Match", "\"other\", *", 304),
        ("If-None-Match", "\"other\"", 200),
        ("If-Modified-Since", modified, 304),
        ("If-Modified-Since", "Sat, 31 Jan 2015 12:00:00 GMT", 200),
        ("If-Modified-Since", "soon", 200),
    ] {
        let (found, headers, _) = stage.download(&path(&file), &[(name, value)]).await;
        assert_eq!((found, headers["etag"].to_str().unwrap()), (status, etag), "{name}: {value}");
    }
}

#[tokio::test]
async fn one_range_comes_as_asked_for() {
    let stage = Stage::set().await;
    let bytes = noise(600_000);
    let file = stage.file(&stage.ada.public, "a", &bytes).await;
    for (range, status, expected, place) in [
        ("bytes=0-0", 206, &bytes[..1], "bytes 0-0/600000"),
        ("bytes=131071-131072", 206, &bytes[131_071..131_073], "bytes 131071-131072/600000"),
        ("bytes=1000-", 206, &bytes[1_000..], "bytes 1000-599999/600000"),
        ("bytes=-7", 206, &bytes[599_993..], "bytes 599993-599999/600000"),
        ("bytes=0-1,5-6", 200, &bytes[..], ""),
        ("bytes=x", 200, &bytes[..], ""),
    ] {
        let (found, headers, part) = stage.download(&path(&file), &[("Range", range)]).await;
        assert!(found == status && part == expected, "{range}: {found}");
        assert_eq!(headers.get("content-range").map_or("", |it| it.to_str().unwrap()), place, "{range}");
        assert_eq!(headers["content-length"].to_str().unwrap(), expected.len().to_string());
    }
    let (status, headers, body) = stage.download(&path(&file), &[("Range", "bytes=600000-")]).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, headers["content-range"].to_str().unwrap()), (416, "bytes */600000"));
    assert_eq!((&body["message"], &body["success"]), (&json!("errMsg_rangeIsNotSatisfiable"), &json!(false)));
    let other = [("Range", "bytes=0-0"), ("If-Range", "\"another\"")];
    assert_eq!(stage.download(&path(&file), &other).await.0, 200);
}

#[tokio::test]
async fn head_tells_what_get_would() {
    let stage = Stage::set().await;
    let file = stage.file(&stage.ada.public, "a.txt", b"hello").await;
    let (_, told, _) = stage.download(&path(&file), &[]).await;
    let (status, headers, body) = stage.fetch(Method::HEAD, &path(&file), &[]).await;
    assert_eq!((status, body.len()), (200, 0));
    for name in
        ["content-length", "content-type", "etag", "last-modified", "content-disposition", "accept-ranges"]
    {
        assert_eq!(headers[name], told[name], "{name}");
    }
}

#[tokio::test]
async fn names_come_back_in_both_spellings() {
    let stage = Stage::set().await;
    let file = stage.file(&stage.ada.public, "Zoë 😀.txt", b"hello").await;
    assert_eq!(file["originalName"], "Zoë 😀.txt");
    let (_, headers, _) = stage.download(&path(&file), &[]).await;
    assert_eq!(
        headers["content-disposition"],
        "inline; filename=\"Zo_ _.txt\"; filename*=UTF-8''Zo%C3%AB%20%F0%9F%98%80.txt"
    );
}
