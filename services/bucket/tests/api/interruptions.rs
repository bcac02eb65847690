//! Uploads that do not come to their end.

use std::time::Duration;

use chrono::TimeDelta;
use testing::eventually;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::stage::{Stage, form, noise};

const PATIENCE: Duration = Duration::from_secs(20);

/// The head of an upload and its body, for a connection of one's own.
fn request(stage: &Stage, size: usize) -> (String, Vec<u8>) {
    let (kind, body) =
        form(&[("bucketId", None, stage.ada.public.as_bytes()), ("files", Some("a.bin"), &noise(size))]);
    let head = format!(
        "POST /bucket/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\n\r\n",
        stage.ada.token,
        body.len()
    );
    (head, body)
}

async fn send(stage: &Stage, head: &str, part: &[u8]) -> TcpStream {
    let mut link = TcpStream::connect(stage.app.url.trim_start_matches("http://")).await.unwrap();
    link.write_all(head.as_bytes()).await.unwrap();
    link.write_all(part).await.unwrap();
    link
}

async fn answer(mut link: TcpStream) -> String {
    let mut answer = vec![0; 16_384];
    let read = link.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn a_connection_cut_at_each_tenth_leaves_nothing() {
    let stage = Stage::set().await;
    let (head, body) = request(&stage, 3_000_000);
    let mut links = Vec::new();
    for tenth in 0..10 {
        links.push(send(&stage, &head, &body[..body.len() * tenth / 10]).await);
    }
    eventually(PATIENCE, "all with a file in them have begun", async || stage.loose() == 9).await;
    drop(links);
    eventually(PATIENCE, "all of it is gone", async || {
        stage.pass(TimeDelta::minutes(4));
        stage.sweep().await;
        stage.loose() == 0 && stage.on_disk().is_empty()
    })
    .await;
    let report = stage.audit().await;
    assert!(report.is_clean() && report.loose == 0 && report.sound == 0, "{report}");
}

#[tokio::test]
async fn the_sweeper_leaves_a_fresh_upload_alone() {
    let stage = Stage::set().await;
    let (head, body) = request(&stage, 2_000_000);
    let (one, other) = body.split_at(1_000_000);
    let mut link = send(&stage, &head, one).await;
    eventually(PATIENCE, "it has begun", async || stage.loose() == 1).await;
    assert_eq!(stage.sweep().await, 0);
    assert!(stage.audit().await.is_clean());
    link.write_all(other).await.unwrap();
    let answer = answer(link).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(stage.loose(), 0);
}

#[tokio::test]
async fn an_upload_that_the_sweeper_took_for_dead_gets_no_row() {
    let stage = Stage::set().await;
    let (head, body) = request(&stage, 2_000_000);
    let (one, other) = body.split_at(1_000_000);
    let mut link = send(&stage, &head, one).await;
    eventually(PATIENCE, "it has begun", async || stage.loose() == 1).await;
    stage.pass(TimeDelta::minutes(4));
    assert_eq!(stage.sweep().await, 1);
    link.write_all(other).await.unwrap();
    let answer = answer(link).await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    stage.sweep().await;
    let report = stage.audit().await;
    assert!(report.is_clean() && report.sound == 0, "{report}");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let stage = Stage::with(&[("upload.pause_ms", "200")]).await;
    let (head, body) = request(&stage, 2_000_000);
    let answer = answer(send(&stage, &head, &body[..1_000_000]).await).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("errMsg_bodyTimedOut"), "{answer}");
    assert_eq!((stage.loose(), stage.left_on_disk().await.len()), (0, 0));
}

#[tokio::test]
async fn what_the_audit_finds() {
    let stage = Stage::set().await;
    if !stage.is_local {
        return;
    }
    let file = stage.file(&stage.ada.public, "a", b"text").await;
    let id = file["fileId"].as_str().unwrap();
    let object = stage.on_disk().pop().unwrap();
    std::fs::write(&object, b"other text").unwrap();
    assert_eq!(stage.audit().await.misshapen.len(), 1);
    std::fs::remove_file(&object).unwrap();
    let report = stage.audit().await;
    assert_eq!((report.missing[0].to_string(), report.is_clean()), (id.to_owned(), false));
    stage.sql("DELETE FROM file");
    assert_eq!(stage.audit().await.miscounted, [stage.ada.public.as_str()]);
    std::fs::write(&object, b"text").unwrap();
    let report = stage.audit().await;
    assert_eq!(report.stray.len(), 1);
    let (app, blobs) = (&stage.app.app, &stage.app.service.blobs);
    bucket::audit::remove_strays(app, blobs, &report).await.unwrap();
    assert_eq!(stage.audit().await.stray.len(), 1, "it is fresh");
    stage.pass(TimeDelta::days(2));
    bucket::audit::remove_strays(app, blobs, &report).await.unwrap();
    assert!(stage.audit().await.stray.is_empty());
}
