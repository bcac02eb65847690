//! Uploads that succeed, and what is told of them.

use serde_json::json;

use crate::stage::{BASE, Stage, both, form, noise, token};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";

#[tokio::test]
async fn both_documented_calls_work_literally() {
    let stage = Stage::set().await;
    let bucket = stage.ada.public.clone();
    let parts = [("bucketId", None, bucket.as_bytes()), ("files", Some("test (10).png"), PNG)];
    let answer = stage.upload(&stage.ada.token, &parts).await.expect(200);
    let file = &answer["data"][0];
    let id = file["fileId"].as_str().unwrap();
    assert_eq!((&answer["success"], answer["data"].as_array().unwrap().len()), (&json!(true), 1));
    for (field, expected) in [
        ("originalName", json!("test (10).png")),
        ("mimeType", json!("image/png")),
        ("size", json!(PNG.len())),
        ("status", json!("uploaded")),
        ("bucketName", json!(bucket)),
        ("isPublic", json!(true)),
        ("downloadUrl", json!(format!("{BASE}/bucket/download/{id}"))),
    ] {
        assert_eq!(file[field], expected, "{field}");
    }
    let (status, headers, bytes) = stage.download(&format!("/bucket/download/{id}"), &[]).await;
    assert_eq!((status, bytes.as_slice()), (200, PNG));
    assert_eq!(headers["content-type"], "image/png");
    assert!(stage.audit().await.is_clean());
}

#[tokio::test]
async fn the_bucket_may_be_named_before_between_and_after_the_files() {
    let stage = Stage::set().await;
    let bucket = ("bucketId", None, stage.ada.private.as_bytes());
    let (one, two) = (("files", Some("a.txt"), &b"one"[..]), ("files[]", Some("b.txt"), &b"two"[..]));
    for parts in [[bucket, one, two], [one, bucket, two], [one, two, bucket]] {
        let answer = stage.upload(&stage.ada.token, &parts).await.expect(200);
        let names: Vec<_> =
            answer["data"].as_array().unwrap().iter().map(|file| file["originalName"].clone()).collect();
        assert_eq!(
            (names, &answer["data"][1]["isPublic"]),
            (vec![json!("a.txt"), json!("b.txt")], &json!(false))
        );
    }
    let list = stage
        .get(&stage.ada.token, &format!("/bucket/files?bucketId={}", stage.ada.private))
        .await
        .expect(200);
    assert_eq!(
        (&list["paging"]["totalRowCount"], &list["data"][0]["status"]),
        (&json!(6), &json!("uploaded"))
    );
}

#[tokio::test]
async fn bytes_come_back_as_they_went_whatever_their_number() {
    let stage = Stage::set().await;
    for length in [0, 1, 4_095, 8_192, 65_536, 262_143, 262_144, 262_145, 1_500_000, 11_000_000] {
        let bytes = noise(length);
        let file = stage.file(&stage.ada.public, "noise.bin", &bytes).await;
        assert_eq!(file["size"], length);
        let path = format!("/bucket/download/{}", file["fileId"].as_str().unwrap());
        let (status, headers, back) = stage.download(&path, &[]).await;
        assert!(status == 200 && back == bytes, "{length}");
        assert_eq!(headers["etag"].to_str().unwrap(), format!("\"{}\"", file["sha256"].as_str().unwrap()));
    }
    assert!(stage.audit().await.is_clean());
}

#[tokio::test]
async fn what_looks_like_a_boundary_is_content() {
    let stage = Stage::set().await;
    let tricky = b"\r\n--\r\n------------------------d74496d66958873\r\n--------------------------d74496d66958873X\r\r\n\r\n-";
    let file = stage.file(&stage.ada.public, "t", tricky).await;
    let path = format!("/bucket/download/{}", file["fileId"].as_str().unwrap());
    assert_eq!(stage.download(&path, &[]).await.2, tricky);
}

#[tokio::test]
async fn other_fields_and_unchosen_files_are_passed_over() {
    let stage = Stage::set().await;
    let parts = [
        ("comment", None, &b"hello"[..]),
        ("files", Some(""), b""),
        ("bucketId", None, stage.ada.public.as_bytes()),
        ("files", Some("a.txt"), b"a"),
    ];
    let answer = stage.upload(&stage.ada.token, &parts).await.expect(200);
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn coming_and_going_are_told() {
    let stage = Stage::set().await;
    let file = stage.file(&stage.ada.private, "a.txt", b"a").await;
    let id = file["fileId"].as_str().unwrap();
    stage.pass(chrono::TimeDelta::milliseconds(1));
    let deleted = stage.app.delete(&format!("/bucket/files/{id}")).token(&stage.ada.token).await.expect(200);
    assert_eq!(deleted["data"]["fileId"], id);
    let told = stage.told();
    let kinds: Vec<_> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["file-uploaded", "file-deleted"]);
    for event in &told {
        assert_eq!(
            (&event["subject"], &event["recipients"]),
            (&json!(id), &json!([format!("user:{}", stage.ada.id)]))
        );
        assert_eq!(event["data"]["file"]["bucket"], stage.ada.private);
        assert_eq!(event["data"]["file"]["sha256"], file["sha256"]);
    }
    for path in ["download", "meta"] {
        let reply = stage.get(&stage.ada.token, &format!("/bucket/{path}/{id}")).await;
        reply.refused(404, "errMsg_fileIsNotFound");
    }
    let again = stage.app.delete(&format!("/bucket/files/{id}")).token(&stage.ada.token).await;
    again.refused(404, "errMsg_fileIsNotFound");
    let report = stage.audit().await;
    assert!(report.is_clean() && report.loose == 0 && report.sound == 0, "{report}");
}

#[tokio::test]
async fn a_service_that_owns_conversations_speaks_for_theirs() {
    let stage = Stage::set().await;
    let own = format!("conversation-{}", stage.ada.id);
    let token = token("messaging", &stage.ada.id, &both(&[&own]));
    let (kind, body) = form(&[("files", Some("a.txt"), b"a"), ("bucketId", None, own.as_bytes())]);
    let file = stage.send(&token, &kind, body).await.expect(200)["data"][0].clone();
    assert_eq!((&file["isPublic"], &file["bucketName"]), (&json!(false), &json!(own)));
    let path = format!("/bucket/download/{}", file["fileId"].as_str().unwrap());
    assert_eq!(stage.get(&token, &path).await.text, "a");
    stage.get(&stage.ada.token, &path).await.refused(403, "errMsg_notAllowed");
}
