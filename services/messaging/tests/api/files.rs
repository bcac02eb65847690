//! Files that messages carry, and the right to them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use files::FileId;
use serde_json::{Value, json};
use testing::{Person, Reply};

use crate::stage::Stage;

impl Stage {
    async fn attach(&self, by: &Person, conversation: &str, file_ids: &[FileId]) -> Reply {
        let body = json!({ "conversationId": conversation, "content": "look", "fileIds": file_ids });
        self.app.post("/v1/messages").by(by).json(body).await
    }
}

#[tokio::test]
async fn a_message_carries_files_and_names_them() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let here = stage.file(&format!("conversation-{pair}"), true).await;
    let public = stage.file(&format!("{}-public-user-bucket", stage.ada.id), true).await;
    let reply = stage.attach(&stage.ada, &pair, &[here, public, here]).await;
    let message = reply.expect(201)["message"].clone();
    let named: Vec<&Value> =
        message["files"].as_array().unwrap().iter().map(|file| &file["fileId"]).collect();
    assert_eq!(named, [&json!(here), &json!(public)], "each once, in their order");
    assert_eq!(message["files"][0]["downloadUrl"], json!(format!("/bucket/download/{here}")));
    let list = stage.messages(&stage.ben, &format!("conversationId={pair}")).await;
    assert_eq!(list["messages"][0]["files"], message["files"], "in one statement");
    let list =
        stage.messages(&stage.ben, &format!("conversationId={pair}&senderUserId={}", stage.ada.id)).await;
    assert_eq!(list["messages"][0]["files"], message["files"], "step by step");
    let list = stage.messages(&stage.ben, "").await;
    assert_eq!(list["messages"][0]["files"], message["files"], "across all");
    assert_eq!(stage.told_last("message-created")["data"]["message"]["fileIds"], json!([here, public]));
    let path = format!("/v1/messages/{}", message["id"].as_str().unwrap());
    stage.app.delete(&path).by(&stage.ada).await.succeeded();
    let told = stage.told_last("message-deleted");
    assert_eq!(told["data"]["message"]["fileIds"], json!([here, public]), "so that they can go");
}

#[tokio::test]
async fn files_of_others_of_nobody_and_too_many_are_refused() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    for bucket in [
        format!("{}-public-user-bucket", stage.ben.id),
        format!("{}-private-user-bucket", stage.ada.id),
        format!("conversation-{group}"),
        format!("thread-{pair}"),
    ] {
        let file = stage.file(&bucket, true).await;
        stage.attach(&stage.ada, &pair, &[file]).await.refused(403, "errMsg_fileIdsAreElsewhere");
    }
    let gone = stage.file(&format!("conversation-{pair}"), false).await;
    stage.attach(&stage.ada, &pair, &[gone]).await.refused(400, "errMsg_fileIdsAreNotKnown");
    stage.attach(&stage.ada, &pair, &[gone; 11]).await.refused(400, "errMsg_fileIdsAreTooMany");
}

#[tokio::test]
async fn members_get_the_right_to_the_files_of_their_conversation() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let opened = stage.conversation(&stage.ben, &pair).await;
    let bucket = format!("conversation-{pair}");
    assert_eq!(opened["bucketId"], json!(bucket));
    let claims = opened["bucketToken"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let grants = json!([{ "bucket": bucket, "mode": "read" }, { "bucket": bucket, "mode": "write" }]);
    assert_eq!((&claims["grants"], &claims["sub"]), (&grants, &json!(stage.ben.id)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    let reply = stage.app.get(&format!("/v1/conversations/{pair}")).by(&stage.stranger).await;
    reply.refused(403, "errMsg_callerIsNotAParticipant");
}
