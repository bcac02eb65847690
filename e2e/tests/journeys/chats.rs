//! A small client with nothing but curl: the calls as the documentation of chats writes them.

use std::process::Command;

use serde_json::{Value, json};

use crate::system::{System, User};

/// Runs curl on the gateway, as somebody who shows their token in the header `token`; the status and the answer.
async fn curl(system: &System, by: &User, method: &str, path: &str, body: &Value) -> (u64, Value) {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "-X", method, "-w", "\n%{http_code}"]);
    command.args(["-H", &format!("token: {}", by.token), "-H", "Content-Type: application/json"]);
    command.arg(format!("{}{path}", system.stack.base_url())).args(["--data", &body.to_string()]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (answer, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), serde_json::from_str(answer).unwrap())
}

#[tokio::test]
async fn each_call_by_curl() {
    let system = System::take().await;
    let (ada, ben, cleo) = (system.user("Ada").await, system.user("Ben").await, system.user("Cleo").await);
    let ok = async |by: &User, method: &str, path: &str, body: Value| {
        let (status, answer) = curl(&system, by, method, path, &body).await;
        assert_eq!((status, &answer["code"]), (200, &json!(200)), "{method} {path}: {answer}");
        answer
    };
    let text = |content: &str| json!({ "type": "text", "content": content });

    let to_ben = json!({ "userUUID": ben.id, "message": text("Hello 👩‍🚀") });
    let sent = ok(&ada, "POST", "/chats/messages", to_ben).await;
    let chat = sent["chatId"].as_str().unwrap().to_owned();
    let list = ok(&ben, "GET", "/chats/messages", json!({ "chatId": chat, "limit": 5, "skip": 0 })).await;
    assert_eq!((&list["messages"][0]["content"], &list["meta"]["total"]), (&json!("Hello 👩‍🚀"), &json!(1)));
    let chats = ok(&ben, "GET", "/chats", json!({})).await;
    assert_eq!((&chats["chats"][0]["name"], &chats["chats"][0]["unRead"]), (&json!("Ada"), &json!(1)));

    let group = ok(&ada, "POST", "/chats/groups", json!({ "users": [ben.id, cleo.id] })).await;
    let group = group["id"].as_str().unwrap().to_owned();
    let body = json!({ "groupUUID": group, "message": text("Hello all") });
    assert_eq!(ok(&cleo, "POST", "/chats/messages", body).await["groupId"], json!(group));
    let users = ok(&ben, "GET", &format!("/chats/groups/{group}"), json!({})).await["users"].clone();
    assert_eq!(users, json!([ada.id, ben.id, cleo.id]));

    let body = json!({ "chatId": chat, "groupUUID": group, "message": text("x") });
    let (status, refused) = curl(&system, &ada, "POST", "/chats/messages", &body).await;
    assert_eq!((status, &refused["code"], &refused["result"]), (400, &json!(400), &json!("ERR")));
}

#[tokio::test]
async fn both_dialects_tell_the_same_story() {
    let system = System::take().await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let body = json!({ "userUUID": ben.id, "message": { "type": "text", "content": "by chats" } });
    let sent = system.post("/chats/messages").token(&ada.token).json(body).await.expect(200);
    let chat = sent["chatId"].as_str().unwrap();
    let answer = system.send(&ben, chat, "by v1").await;
    let story = system.history(&ada, chat).await;
    let list = system.get(&format!("/chats/messages?chatId={chat}")).token(&ada.token).await.expect(200);
    for (at, id) in [&sent["id"], &answer["id"]].into_iter().enumerate() {
        for message in [&story[at], &list["messages"][at]] {
            assert_eq!((&message["id"], &message["seq"]), (id, &json!(at + 1)));
        }
    }
}

#[tokio::test]
async fn the_openapi_has_a_section_for_chats_in_two_languages() {
    let system = System::take().await;
    let document = system.get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().unwrap().iter();
    let operations =
        paths.filter(|(path, _)| path.starts_with("/chats")).flat_map(|(_, item)| item.as_object().unwrap());
    let operations: Vec<&Value> =
        operations.map(|(_, operation)| operation).filter(|one| one["summary"].is_string()).collect();
    assert_eq!(operations.len(), 10);
    for operation in operations {
        assert!(operation["tags"][0].as_str().unwrap().contains("chats"), "{operation}");
        let summary = operation["summary"].as_str().unwrap();
        let (chinese, english) = summary.split_once(" · ").unwrap();
        assert!(!chinese.is_ascii() && english.is_ascii(), "{summary}");
    }
}
