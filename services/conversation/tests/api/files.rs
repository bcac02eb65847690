//! Files that messages carry, and the right to them.

use std::net::TcpListener;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use files::{FileId, KnownFile};
use kit::clock::uuid_v7;
use serde_json::{Value, json};
use testing::{Person, Reply};

use crate::stage::{NOWHERE, SECRET, Stage};

fn new_id() -> FileId {
    uuid_v7(kit::Clock::now(&kit::SystemClock)).into()
}

fn file(bucket: &str) -> KnownFile {
    KnownFile {
        id: new_id(),
        bucket: bucket.to_owned(),
        original_name: "desk (1).png".into(),
        mime_type: "image/png".into(),
        size: 604_063,
        is_active: true,
    }
}

impl Stage {
    /// As an event of the bucket would.
    async fn keep_file(&self, file: &KnownFile) {
        let file = file.clone();
        let keep = move |tx: &mut kit::Tx<'_>| Ok(files::keep(tx, std::slice::from_ref(&file))?);
        self.app.app.write(keep).await.unwrap();
    }

    async fn attach(&self, by: &Person, thread: &str, file_ids: &[FileId]) -> Reply {
        let body = json!({ "conversationThreadId": thread, "content": "look", "fileIds": file_ids });
        self.app.post("/v1/conversationmessages").by(by).json(body).await
    }
}

#[tokio::test]
async fn a_message_carries_files_and_names_them() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let [here, public] =
        [format!("thread-{thread}"), format!("{}-public-user-bucket", stage.ben.id)].map(|name| file(&name));
    stage.keep_file(&here).await;
    stage.keep_file(&public).await;
    let reply = stage.attach(&stage.ben, &thread, &[here.id, public.id, here.id]).await;
    let message = reply.expect(201)["conversationMessage"].clone();
    let named = json!({ "fileId": here.id, "originalName": "desk (1).png", "mimeType": "image/png", "size": 604_063,
        "downloadUrl": format!("/bucket/download/{}", here.id) });
    assert_eq!(message["files"][0], named);
    assert_eq!(message["files"].as_array().unwrap().len(), 2, "each once");
    let list = stage.history(&stage.ada, &thread, "").await;
    assert_eq!(list["conversationMessages"][0], message);
    let [told] = stage.told("message-created").try_into().unwrap();
    assert_eq!(told["data"]["message"]["fileIds"], json!([here.id, public.id]));
    stage.keep_file(&KnownFile { is_active: false, ..here.clone() }).await;
    stage.keep_file(&here).await;
    let list = stage.history(&stage.ada, &thread, "").await;
    let gone = json!({ "fileId": here.id, "originalName": null, "mimeType": null, "size": null, "downloadUrl": null });
    assert_eq!(list["conversationMessages"][0]["files"][0], gone, "once deleted, always deleted");
}

#[tokio::test]
async fn files_of_others_of_nobody_and_too_many_are_refused() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let others = [
        format!("{}-public-user-bucket", stage.ada.id),
        format!("{}-private-user-bucket", stage.ben.id),
        format!("thread-{}", stage.ada.id),
        format!("conversation-{thread}"),
    ];
    for bucket in others {
        let file = file(&bucket);
        stage.keep_file(&file).await;
        stage.attach(&stage.ben, &thread, &[file.id]).await.refused(403, "errMsg_fileIdsAreElsewhere");
    }
    let many: Vec<FileId> = std::iter::repeat_with(new_id).take(11).collect();
    stage.attach(&stage.ben, &thread, &many).await.refused(400, "errMsg_fileIdsAreTooMany");
    let away = stage.attach(&stage.ben, &thread, &[new_id()]).await;
    away.refused(503, "errMsg_serviceIsUnavailable");
    let body = json!({ "conversationThreadId": thread, "content": "x", "fileIds": ["x"] });
    let reply = stage.app.post("/v1/conversationmessages").by(&stage.ben).json(body).await;
    reply.refused(400, "errMsg_fileIdsIsNotAValidID");
}

/// A bucket service that knows one file.
fn bucket(known: KnownFile) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let known = known.clone();
        let meta = move |request: HttpRequest| {
            assert!(request.headers().contains_key("authorization"), "look-ups are signed");
            let answer = if request.path().ends_with(&known.id.to_string()) {
                HttpResponse::Ok().json(json!({ "success": true, "data": {
                    "fileId": known.id, "bucketName": known.bucket, "originalName": known.original_name,
                    "mimeType": known.mime_type, "size": known.size } }))
            } else {
                HttpResponse::NotFound().json(json!({ "success": false }))
            };
            std::future::ready(answer)
        };
        App::new().route("/bucket/meta/{fileId}", web::get().to(meta))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    url
}

#[tokio::test]
async fn a_file_whose_event_is_late_is_looked_up() {
    let first = Stage::set().await;
    let late = file(&format!("{}-public-user-bucket", first.ben.id));
    let url = bucket(late.clone());
    let own = [
        ("pairs.secret", SECRET),
        ("directory.users_url", NOWHERE),
        ("catalogue.listings_url", NOWHERE),
        ("files.bucket_url", url.as_str()),
    ];
    let stage = Stage { app: testing::boot(&own).await, ..first };
    for (person, name) in [(&stage.ada, "Ada"), (&stage.ben, "Ben")] {
        stage.introduce(person.id, name, 1, true).await;
    }
    stage.keep(&stage.bicycle).await;
    let thread = stage.thread().await;
    stage.attach(&stage.ben, &thread, &[late.id]).await.succeeded();
    stage.attach(&stage.ben, &thread, &[new_id()]).await.refused(400, "errMsg_fileIdsAreNotKnown");
}

/// What a token says, unverified: the bucket's own tests see to signatures.
fn claims(token: &Value) -> Value {
    use base64::Engine as _;
    let middle = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

#[tokio::test]
async fn who_sees_a_thread_gets_the_right_to_its_files() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let bucket = format!("thread-{thread}");
    for (person, modes) in [(&stage.ada, vec!["read", "write"]), (&stage.staff, vec!["read"])] {
        let seen = stage.see(person, &thread).await;
        assert_eq!(seen["bucketId"], json!(bucket));
        let claims = claims(&seen["bucketToken"]);
        let grants: Vec<Value> = modes.iter().map(|mode| json!({ "bucket": bucket, "mode": mode })).collect();
        assert_eq!((&claims["grants"], &claims["sub"]), (&json!(grants), &json!(person.id)));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    }
}
