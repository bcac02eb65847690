//! Two people talk, through everything.

use serde_json::json;

use crate::system::{System, eventually};

#[tokio::test]
async fn a_user_writes_another_sees_answers_and_reads() {
    let system = System::take().await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let pair = system.open(&ada, &[&ada, &ben]).await;
    system.send(&ada, &pair, "Hello Ben").await;
    system.send(&ada, &pair, "Are you there? 👋").await;

    let list = system.get("/messaging-api/v1/conversations").token(&ben.token).await.expect(200);
    let seen = &list["conversations"][0];
    assert_eq!((&seen["id"], &seen["unreadCount"]), (&json!(pair), &json!(2)));
    assert_eq!(seen["lastMessage"]["content"], "Are you there? 👋");
    assert_eq!(seen["participants"][0]["fullname"], "Ada");

    system.send(&ben, &pair, "I am").await;
    let path = format!("/messaging-api/v1/conversations/{pair}/read");
    let read = system.post(&path).token(&ben.token).json(json!({})).await.expect(200);
    assert_eq!(read["conversation"]["unreadCount"], 0);
    let history = system.history(&ada, &pair).await;
    assert_eq!(history.len(), 3);
    assert_eq!(history[0]["readBy"], json!([ada.id, ben.id]));
}

#[tokio::test]
async fn a_new_name_travels_by_event() {
    let system = System::take().await;
    let (ada, ben) = (system.user("Ada").await, system.user("Ben").await);
    let pair = system.open(&ada, &[&ada, &ben]).await;
    let path = format!("/auth-api/v1/users/{}", ben.id);
    let renamed =
        system.ask(reqwest::Method::PATCH, &path).token(&ben.token).json(json!({ "fullname": "Benjamin" }));
    assert_eq!(renamed.await.status, 200);
    eventually("the new name is shown", || async {
        let path = format!("/messaging-api/v1/conversations/{pair}");
        let json = system.get(&path).token(&ada.token).await.expect(200);
        json["conversation"]["participants"][1]["fullname"] == "Benjamin"
    })
    .await;
}

#[tokio::test]
async fn environments_and_health_are_told() {
    let system = System::take().await;
    let environments = system.get("/environments").await.expect(200);
    assert_eq!((&environments[0]["name"], &environments[0]["healthy"]), (&json!("production"), &json!(true)));
    assert_eq!(system.get("/readyz").await.status, 200);
    let unknown = system.get("/messaging-api/v1/conversations").header("Host", "elsewhere.example.org").await;
    unknown.refused(404, "errMsg_unknownEnvironment");
}
