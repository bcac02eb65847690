//! Files of messages: they go with the last message that carries them, and come back with it.

use bucket::{REACTIONS, sweep};
use chrono::TimeDelta;
use events::Applied;
use kit::clock::uuid_v7;
use kit::{Clock as _, SystemClock};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Stage, both, token};

pub(crate) const GRACE: TimeDelta = TimeDelta::days(7);

/// A thread with a bucket, and a token for it.
struct Thread {
    stage: Stage,
    bucket: String,
    token: String,
}

pub(crate) fn new_id() -> Uuid {
    uuid_v7(SystemClock.now())
}

impl Thread {
    async fn set() -> Self {
        let (stage, bucket) = (Stage::set().await, format!("thread-{}", new_id()));
        let token = token("conversation", &stage.ada.id, &both(&[&bucket]));
        Self { stage, bucket, token }
    }

    async fn file(&self) -> String {
        let parts = [("bucketId", None, self.bucket.as_bytes()), ("files", Some("a.txt"), &b"hello"[..])];
        let json = self.stage.upload(&self.token, &parts).await.expect(200);
        json["data"][0]["fileId"].as_str().unwrap().to_owned()
    }

    async fn tell(&self, message: Uuid, version: i32, is_active: bool, files: &[&String]) -> Applied {
        tell(&self.stage, message, version, is_active, files).await
    }

    async fn status(&self, file: &str) -> u16 {
        self.stage.get(&self.token, &format!("/bucket/download/{file}")).await.status
    }

    async fn collect(&self) -> usize {
        sweep::orphans(&self.stage.app.app, &self.stage.app.service.blobs, GRACE).await.unwrap()
    }
}

/// Tells of a message as the conversation service does.
pub(crate) async fn tell(
    stage: &Stage,
    message: Uuid,
    version: i32,
    is_active: bool,
    files: &[&String],
) -> Applied {
    let kind = match (version, is_active) {
        (1, _) => "message-created",
        (_, true) => "message-restored",
        (_, false) => "message-deleted",
    };
    let (now, user) = (stage.app.app.now(), new_id());
    let date = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let message = json!({
        "id": message, "conversationThreadId": new_id(), "seq": 1, "kind": "text", "senderId": user,
        "receiverId": new_id(), "content": "x", "clientMessageId": null, "fileIds": files, "readAt": null,
        "sentAt": date, "isActive": is_active, "recordVersion": version, "updatedAt": date,
    });
    let event = json!({
        "id": new_id(), "type": kind, "source": "conversation", "subject": "x", "time": date, "requestId": "r",
        "version": 1, "recipients": [], "data": { "message": message, "members": [], "lastMessage": null },
    });
    let bytes = serde_json::to_vec(&event).unwrap();
    stage.app.app.write(move |tx| events::apply(tx, REACTIONS, &bytes)).await.unwrap()
}

#[tokio::test]
async fn a_file_that_no_message_carries_goes_after_a_while() {
    let thread = Thread::set().await;
    let (carried, forgotten) = (thread.file().await, thread.file().await);
    let own = thread.stage.file(&thread.stage.ada.private.clone(), "own.txt", b"mine").await;
    thread.tell(new_id(), 1, true, &[&carried]).await;
    assert_eq!(thread.collect().await, 0, "it may still be on its way");
    thread.stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(thread.collect().await, 1);
    let token = token("conversation", &thread.stage.ada.id, &both(&[&thread.bucket]));
    let thread = Thread { token, ..thread };
    assert_eq!((thread.status(&carried).await, thread.status(&forgotten).await), (200, 404));
    assert_eq!(thread.stage.told().last().unwrap()["data"]["file"]["id"], json!(forgotten));
    let path = format!("/bucket/download/{}", own["fileId"].as_str().unwrap());
    assert_eq!(thread.stage.get(&thread.stage.ada.token, &path).await.status, 200, "a user's own files stay");
    assert!(thread.stage.audit().await.is_clean());
}

#[tokio::test]
async fn the_last_message_takes_its_file_along_and_brings_it_back() {
    let thread = Thread::set().await;
    let file = thread.file().await;
    let (one, other) = (new_id(), new_id());
    thread.tell(one, 1, true, &[&file]).await;
    thread.tell(other, 1, true, &[&file]).await;
    thread.tell(one, 2, false, &[&file]).await;
    assert_eq!(thread.status(&file).await, 200, "another message carries it");
    thread.tell(other, 2, false, &[&file]).await;
    assert_eq!(thread.status(&file).await, 404, "at once, whoever has a token");
    let list = thread.stage.get(&thread.token, &format!("/bucket/files?bucketId={}", thread.bucket)).await;
    assert_eq!(list.expect(200)["data"], Value::Array(Vec::new()));
    thread.tell(other, 3, true, &[&file]).await;
    assert_eq!(thread.status(&file).await, 200);
    thread.tell(other, 2, false, &[&file]).await;
    assert_eq!(thread.status(&file).await, 200, "an older state that comes late changes nothing");
}

#[tokio::test]
async fn what_was_deleted_goes_for_good_after_a_while() {
    let thread = Thread::set().await;
    let (file, message) = (thread.file().await, new_id());
    // The deletion is heard of first.
    thread.tell(message, 2, false, &[&file]).await;
    thread.tell(message, 1, true, &[&file]).await;
    assert_eq!(thread.status(&file).await, 404);
    thread.stage.pass(GRACE + TimeDelta::seconds(1));
    assert_eq!(thread.collect().await, 1);
    thread.tell(message, 3, true, &[&file]).await;
    assert_eq!(thread.stage.told().last().unwrap()["type"], "file-deleted");
    assert!(thread.stage.audit().await.is_clean());
}

#[test]
fn the_registry_and_the_reactions_agree() {
    assert_eq!(events::registry::disagreements("bucket", REACTIONS), Vec::<String>::new());
}
