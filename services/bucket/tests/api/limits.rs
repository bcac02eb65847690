//! How much there may be, and that refusals name the limit.

use testing::Reply;

use crate::stage::{Part, Stage, noise};

fn beyond(reply: &Reply, limit: &str, most: u64) {
    let words: String = limit
        .split('_')
        .enumerate()
        .map(|(i, word)| if i == 0 { word.into() } else { word[..1].to_uppercase() + &word[1..] })
        .collect();
    reply.refused(413, &format!("errMsg_{words}LimitIsExceeded"));
    assert_eq!(reply.json["detail"], format!("The limit \"{limit}\" is {most}."));
}

#[tokio::test]
async fn each_limit_is_told_by_its_name() {
    let settings = [
        ("limits.file_bytes", "1000"),
        ("limits.request_bytes", "10000"),
        ("limits.files", "3"),
        ("limits.parts", "6"),
        ("limits.bucket_bytes", "4000"),
        ("limits.bucket_files", "5"),
    ];
    let stage = Stage::with(&settings).await;
    let bytes = noise(10_001);
    let bucket: Part<'_> = ("bucketId", None, stage.ada.public.as_bytes());
    let file = |length: usize| ("files", Some("a"), &bytes[..length]);
    let up = async |parts: &[Part<'_>]| stage.upload(&stage.ada.token, parts).await;
    beyond(&up(&[bucket, file(1_001)]).await, "file_bytes", 1_000);
    beyond(&up(&[bucket, ("other", None, &bytes)]).await, "request_bytes", 10_000);
    beyond(&up(&[bucket, file(1), file(1), file(1), file(1)]).await, "files", 3);
    beyond(&up(&[("x", None, &b""[..]); 7]).await, "parts", 6);
    let _ = up(&[bucket, file(1_000), file(1_000), file(1_000)]).await.expect(200);
    for parts in [[bucket, file(500), file(501)], [file(500), file(501), bucket]] {
        beyond(&up(&parts).await, "bucket_bytes", 4_000);
    }
    let kept = up(&[bucket, file(1), file(0)]).await.expect(200);
    for parts in [[bucket, file(0)], [file(0), bucket]] {
        beyond(&up(&parts).await, "bucket_files", 5);
    }
    let id = kept["data"][0]["fileId"].as_str().unwrap();
    let _ = stage.app.delete(&format!("/bucket/files/{id}")).token(&stage.ada.token).await.expect(200);
    let _ = up(&[bucket, file(1_000)]).await.expect(200);
    assert!(stage.audit().await.is_clean());
    assert_eq!(stage.loose(), 0);
}

#[tokio::test]
async fn a_thousand_parts_are_too_many() {
    let stage = Stage::set().await;
    let parts: Vec<Part<'_>> = vec![("x", None, b"1"); 1_000];
    let reply = stage.upload(&stage.ada.token, &parts).await;
    beyond(&reply, "parts", 40);
}

#[tokio::test]
async fn uploads_at_once_share_what_is_left() {
    let stage = Stage::with(&[("limits.bucket_bytes", "250000")]).await;
    let bytes = noise(100_000);
    let parts = [("files", Some("a"), &bytes[..]), ("bucketId", None, stage.ada.public.as_bytes())];
    let replies =
        futures_util::future::join_all((0..8).map(|_| stage.upload(&stage.ada.token, &parts))).await;
    let stored = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(stored, 2);
    for refused in replies.iter().filter(|reply| reply.status != 200) {
        beyond(refused, "bucket_bytes", 250_000);
    }
    let report = stage.audit().await;
    assert!(report.is_clean() && report.sound == 2, "{report}");
}
