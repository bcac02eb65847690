//! Both calls of the bucket's documentation with nothing but curl, and what becomes of files when their owner goes.

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{PASSWORD, System, User, eventually};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

impl System {
    /// What a login answers.
    async fn bundle(&self, email: &str) -> Value {
        let body = json!({ "email": email, "password": PASSWORD });
        self.post("/auth-api/login").json(body).await.expect(200)
    }

    async fn current(&self, user: &User) -> Value {
        self.get("/auth-api/currentuser").token(&user.token).await.expect(200)
    }
}

/// Runs curl in a directory; what it says.
async fn curl(dir: &Path, words: &[String]) -> String {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail-with-body"]).args(words).current_dir(dir);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// `POST {baseUrl}/bucket/upload` with the form that the documentation has.
async fn upload(system: &System, dir: &Path, token: &str, bucket: &str) -> Value {
    let words = [
        "-H",
        &format!("Authorization: Bearer {token}"),
        "-F",
        &format!("bucketId={bucket}"),
        "-F",
        "files=@test (10).png",
        &format!("{}/bucket/upload", system.stack.base_url()),
    ];
    serde_json::from_str(&curl(dir, &words.map(str::to_owned)).await).unwrap()
}

/// A directory with the picture of the documentation's example.
fn with_picture(name: &str) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("banter-journey-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("test (10).png"), PNG).unwrap();
    dir
}

#[tokio::test]
async fn both_calls_as_they_are_documented() {
    let system = System::take().await;
    let (ada, dir) = (system.user("Ada").await, with_picture("calls"));
    let bucket = format!("{}-public-user-bucket", ada.id);
    let token = system.current(&ada).await["userBucketToken"].as_str().unwrap().to_owned();
    let answer = upload(&system, &dir, &token, &bucket).await;
    let file = &answer["data"][0];
    let id = file["fileId"].as_str().unwrap();
    assert_eq!(answer["success"], true);
    let url = file["downloadUrl"].as_str().unwrap().to_owned();
    assert!(url.ends_with(&format!("/bucket/download/{id}")), "{url}");
    for (field, expected) in [
        ("originalName", json!("test (10).png")),
        ("mimeType", json!("image/png")),
        ("size", json!(PNG.len())),
        ("status", json!("uploaded")),
        ("bucketName", json!(bucket)),
        ("isPublic", json!(true)),
    ] {
        assert_eq!(file[field], expected, "{field}");
    }
    // Public: without any token.
    let words = ["-o", "back.png", url.as_str()].map(str::to_owned);
    curl(&dir, &words).await;
    assert_eq!(std::fs::read(dir.join("back.png")).unwrap(), PNG);
    std::fs::remove_dir_all(dir).unwrap();
    let said = system.obey(&["bucket", "fsck"]).await;
    assert!(said.contains("rows and objects agree"), "{said}");
}

#[tokio::test]
async fn admins_write_the_common_bucket_and_everybody_reads_it() {
    let system = System::take().await;
    let (email, dir) = (system.moderator().await, with_picture("common"));
    assert_eq!(system.bundle(&email).await["applicationBucketToken"], Value::Null, "a moderator is no admin");
    system.obey(&["user", "role", &email, "admin"]).await;
    let token = system.bundle(&email).await["applicationBucketToken"].as_str().unwrap().to_owned();
    let answer = upload(&system, &dir, &token, "banter-public-common-bucket").await;
    let path = format!("/bucket/download/{}", answer["data"][0]["fileId"].as_str().unwrap());
    assert_eq!(system.get(&path).await.status, 200);
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn files_of_a_deleted_user_go_but_what_they_said_stays() {
    let system = System::take().await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let token = system.current(&ada).await["userBucketToken"].as_str().unwrap().to_owned();
    let bucket = format!("{}-public-user-bucket", ada.id);
    let [sent, unsent] = [system.upload(&token, &bucket).await, system.upload(&token, &bucket).await];
    let conversation = system.open(&ada, &[&ada, &ben]).await;
    let body = json!({ "conversationId": conversation, "content": "look", "fileIds": [sent] });
    let message = system.post("/messaging-api/v1/messages").token(&ada.token).json(body).await.expect(201);
    let gone = format!("/auth-api/v1/users/{}", ada.id);
    system.ask(Method::DELETE, &gone).token(&ada.token).await.succeeded();
    let status = async |file: &str| system.get(&format!("/bucket/download/{file}")).await.status;
    eventually("what nobody carries is gone", async || status(&unsent).await == 404).await;
    assert_eq!(status(&sent).await, 200);
    let shown = system.history(&ben, &conversation).await;
    assert_eq!(shown[0]["files"], message["message"]["files"]);
}
