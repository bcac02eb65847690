//! Files of messages, over all services: the right to them follows membership, and they go with their message.

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{System, User, eventually};

impl System {
    /// The bucket of a place, and a token for it, as its owner tells a member.
    pub(crate) async fn bucket_of(&self, path: &str, name: &str, member: &User) -> (String, String) {
        let json = self.get(path).token(&member.token).await.expect(200);
        let text = |field: &str| json[name][field].as_str().unwrap().to_owned();
        (text("bucketId"), text("bucketToken"))
    }

    /// Uploads a file with a form, as the documentation has it, and tells its id.
    pub(crate) async fn upload(&self, token: &str, bucket: &str) -> String {
        const BOUNDARY: &str = "----banter";
        let part = |head: &str, body: &str| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name={head}\r\n\r\n{body}\r\n")
        };
        let body = part("\"bucketId\"", bucket) + &part("\"files\"; filename=\"plan.txt\"", "the plan");
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let mut ask = self.post("/bucket/upload").token(token).header("Content-Type", &kind);
        ask.0 = ask.0.body(format!("{body}--{BOUNDARY}--\r\n"));
        ask.await.expect(200)["data"][0]["fileId"].as_str().unwrap().to_owned()
    }

    async fn download(&self, token: &str, file: &Value) -> (u16, String) {
        let reply = self.get(file["downloadUrl"].as_str().unwrap()).token(token).await;
        (reply.status, reply.text)
    }
}

#[tokio::test]
async fn the_right_to_a_file_follows_membership_and_ends_with_its_message() {
    let system = System::take().await;
    let [ada, ben, cleo, dana] = [
        system.user("Ada").await,
        system.user("Ben").await,
        system.user("Cleo").await,
        system.user("Dana").await,
    ];
    let group = system.open(&ada, &[&ada, &ben, &cleo, &dana]).await;
    let path = format!("/messaging-api/v1/conversations/{group}");
    let (bucket, token) = system.bucket_of(&path, "conversation", &ada).await;
    assert_eq!(bucket, format!("conversation-{group}"));
    let file = system.upload(&token, &bucket).await;
    let body = json!({ "conversationId": group, "content": "look", "fileIds": [file] });
    let sent = system.post("/messaging-api/v1/messages").token(&ada.token).json(body).await.expect(201);
    let (message, shown) = (&sent["message"], sent["message"]["files"][0].clone());
    assert_eq!(shown["originalName"], "plan.txt");

    let (_, of_ben) = system.bucket_of(&path, "conversation", &ben).await;
    assert_eq!(system.download(&of_ben, &shown).await, (200, "the plan".into()));
    assert_eq!(system.download(&ben.token, &shown).await.0, 401, "an access token is no bucket token");
    let other = system.open(&ben, &[&ben, &cleo]).await;
    let other = format!("/messaging-api/v1/conversations/{other}");
    let (_, elsewhere) = system.bucket_of(&other, "conversation", &ben).await;
    assert_eq!(system.download(&elsewhere, &shown).await.0, 403, "a token of another bucket");

    system.ask(Method::DELETE, &path).token(&dana.token).await.succeeded();
    let refused = system.get(&path).token(&dana.token).await;
    refused.refused(403, "errMsg_callerIsNotAParticipant");

    let path = format!("/messaging-api/v1/messages/{}", message["id"].as_str().unwrap());
    system.ask(Method::DELETE, &path).token(&ada.token).await.succeeded();
    eventually("the file goes with its message", async || system.download(&of_ben, &shown).await.0 == 404)
        .await;
}

#[tokio::test]
async fn a_file_of_a_thread_comes_back_with_its_message() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Selma").await, system.user("Ben").await);
    let listing = system.offer(&seller, json!({ "title": "A desk", "status": "active" })).await;
    let thread = system.begin(&buyer, &seller, &listing).await;
    let path = format!("/conversation-api/v1/conversationthreads/{thread}");
    let (bucket, token) = system.bucket_of(&path, "conversationThread", &buyer).await;
    let file = system.upload(&token, &bucket).await;
    let body = json!({ "conversationThreadId": thread, "content": "look", "fileIds": file });
    let ask = system.post("/conversation-api/v1/conversationmessages").token(&buyer.token).json(body);
    let sent = ask.await.expect(201)["conversationMessage"].clone();
    let (shown, id) = (sent["files"][0].clone(), sent["id"].as_str().unwrap());
    let (_, of_seller) = system.bucket_of(&path, "conversationThread", &seller).await;
    assert_eq!(system.download(&of_seller, &shown).await, (200, "the plan".into()));

    let staff = system.login(&system.moderator().await).await;
    let path = format!("/conversation-api/v1/conversationmessages/{id}");
    system.ask(Method::DELETE, &path).token(&staff).await.succeeded();
    eventually("it is withheld", async || system.download(&of_seller, &shown).await.0 == 404).await;
    system.post(&format!("{path}/restore")).token(&staff).await.succeeded();
    eventually("it is back", async || system.download(&of_seller, &shown).await.0 == 200).await;
}
