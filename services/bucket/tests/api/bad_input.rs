//! What is refused, and that nothing of it stays.

use kit::server::REQUEST_ID;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::{Part, Stage, form};

/// Whatever was refused: no file, no object, no note, nothing half-written.
async fn nothing_stays(stage: &Stage) {
    let report = stage.audit().await;
    assert!(report.is_clean() && report.sound == 0 && report.loose == 0, "{report}");
    assert_eq!(stage.left_on_disk().await, Vec::<String>::new());
    assert_eq!(stage.loose(), 0);
    assert!(stage.told().is_empty());
}

#[tokio::test]
async fn forms_that_are_none() {
    let stage = Stage::set().await;
    let (kind, body) = form(&[
        ("bucketId", None, stage.ada.public.as_bytes()),
        ("files", Some("a.txt"), &b"some text ".repeat(20_000)),
    ]);
    let whole = body.len();
    for (content_type, body, status, message) in [
        ("multipart/form-data", body.clone(), 400, "errMsg_bodyIsNotValidMultipart"),
        ("multipart/form-data; boundary=other", body.clone(), 400, "errMsg_bodyIsNotValidMultipart"),
        ("multipart/form-data; boundary=", body.clone(), 400, "errMsg_bodyIsNotValidMultipart"),
        ("application/json", b"{}".to_vec(), 415, "errMsg_contentTypeIsNotMultipart"),
        ("what is this?", body.clone(), 415, "errMsg_contentTypeIsNotMultipart"),
        (kind.as_str(), Vec::new(), 400, "errMsg_bodyIsNotValidMultipart"),
        (kind.as_str(), body[..100].to_vec(), 400, "errMsg_bodyIsNotValidMultipart"),
        (kind.as_str(), body[..whole - 30].to_vec(), 400, "errMsg_bodyIsNotValidMultipart"),
        (kind.as_str(), body[..whole / 2].to_vec(), 400, "errMsg_bodyIsNotValidMultipart"),
        (kind.as_str(), b"x".repeat(200_000), 400, "errMsg_bodyIsNotValidMultipart"),
    ] {
        let reply = stage.send(&stage.ada.token, content_type, body).await;
        assert_eq!((reply.status, reply.json["message"].as_str()), (status, Some(message)), "{content_type}");
        assert_eq!(reply.json["success"], json!(false));
        assert!(!reply.header(REQUEST_ID.as_str()).is_empty());
    }
    nothing_stays(&stage).await;
}

fn named(name: &[u8]) -> Part<'_> {
    ("bucketId", None, name)
}

#[tokio::test]
async fn forms_that_lack_something() {
    let stage = Stage::set().await;
    let bucket: Part<'_> = ("bucketId", None, stage.ada.public.as_bytes());
    let file: Part<'_> = ("files", Some("a.txt"), b"some text");
    for (parts, status, message) in [
        (vec![file], 400, "errMsg_bucketIdIsRequired"),
        (vec![named(b""), file], 400, "errMsg_bucketIdIsRequired"),
        (vec![bucket], 400, "errMsg_filesIsRequired"),
        (vec![bucket, ("files", Some(""), b"")], 400, "errMsg_filesIsRequired"),
        (vec![bucket, bucket, file], 400, "errMsg_bucketIdIsNotValid"),
        (vec![file, named(b"../../etc")], 400, "errMsg_bucketIdIsNotValid"),
        (vec![file, named(b"a\0b")], 400, "errMsg_bucketIdIsNotValid"),
        (vec![file, named(b"\xff\xfe")], 400, "errMsg_bucketIdIsNotAValidText"),
        (vec![file, named(&[b'x'; 101])], 400, "errMsg_bucketIdIsTooLong"),
        (vec![file, named(stage.ben.public.as_bytes())], 403, "errMsg_notAllowed"),
        (vec![file, named(b"banter-public-common-bucket")], 403, "errMsg_notAllowed"),
    ] {
        let reply = stage.upload(&stage.ada.token, &parts).await;
        assert_eq!((reply.status, reply.json["message"].as_str()), (status, Some(message)), "{}", reply.text);
    }
    nothing_stays(&stage).await;
}

#[tokio::test]
async fn names_are_data() {
    let stage = Stage::set().await;
    for (given, kept) in [
        ("../../etc/passwd", "passwd".to_owned()),
        // What stands behind a backslash in a quoted name stands for itself.
        ("..\\..\\windows\\system.ini", "....windowssystem.ini".into()),
        ("\u{202E}gpj.exe", "gpj.exe".into()),
        (&format!("{}.jpeg", "x".repeat(300)), format!("{}.jpeg", "x".repeat(195))),
        ("..", "file".into()),
        ("a%00b%2F.txt", "a%00b%2F.txt".into()),
    ] {
        let file = stage.file(&stage.ada.public, given, b"text").await;
        assert_eq!(file["originalName"], kept, "{given}");
        if stage.is_local {
            let id = file["fileId"].as_str().unwrap();
            assert!(stage.on_disk().iter().all(|path| !path.contains("passwd") && !path.contains("exe")));
            assert!(stage.on_disk().iter().any(|path| path.ends_with(id)));
        }
    }
    let reply = stage.upload(&stage.ada.token, &[("files", Some("a\0b"), b"text")]).await;
    reply.refused(400, "errMsg_bodyIsNotValidMultipart");
}

#[tokio::test]
async fn ten_gigabytes_are_refused_before_they_come() {
    let stage = Stage::set().await;
    let mut link = TcpStream::connect(stage.app.url.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /bucket/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 10737418240\r\n\r\n--x\r\n",
        stage.ada.token
    );
    link.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = link.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("request_bytes"), "{answer}");
    nothing_stays(&stage).await;
}

#[tokio::test]
async fn a_file_id_is_an_id() {
    let stage = Stage::set().await;
    for path in ["/bucket/meta/%00", "/bucket/meta/1", "/bucket/download/..%2F..%2Fetc%2Fpasswd"] {
        stage.get(&stage.ada.token, path).await.refused(400, "errMsg_fileIdIsNotAValidID");
    }
    for (query, message) in [
        ("", "errMsg_bucketIdIsRequired"),
        ("bucketId=", "errMsg_bucketIdIsRequired"),
        ("bucketId=x", "errMsg_bucketIdIsNotValid"),
        ("bucketId=%00", "errMsg_bucketIdIsNotAValidText"),
        ("bucketId=banter-public-common-bucket&pageNumber=-1", "errMsg_pageNumberIsNotValid"),
    ] {
        stage.get("", &format!("/bucket/files?{query}")).await.refused(400, message);
    }
}
