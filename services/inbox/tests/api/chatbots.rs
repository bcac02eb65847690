//! Chatbots and who answers for them.

use serde_json::json;

use crate::stage::{Stage, id, ids};

#[tokio::test]
async fn a_chatbot_is_its_owners_until_they_hand_it_on() {
    let stage = Stage::set().await;
    let path = format!("/v1/chatbots/{}/members", stage.company.chatbot);
    let give = |whom: kit::UserId, role: &'static str| {
        stage.app.patch(&format!("{path}/{whom}")).json(json!({ "role": role }))
    };
    give(stage.ada.id, "agent").by(&stage.ada).await.refused(400, "errMsg_memberIsTheOwner");
    stage
        .app
        .delete(&format!("{path}/{}", stage.ada.id))
        .by(&stage.ada)
        .await
        .refused(400, "errMsg_memberIsTheOwner");
    give(stage.eve.id, "owner").by(&stage.eve).await.refused(403, "errMsg_callerIsNotTheOwner");
    give(stage.eve.id, "boss").by(&stage.ada).await.refused(400, "errMsg_roleIsNotValid");

    let eve = give(stage.eve.id, "owner").by(&stage.ada).await.expect(200);
    assert_eq!((&eve["member"]["role"], &eve["member"]["recordVersion"]), (&json!("owner"), &json!(2)));
    let seen = stage.get(&stage.ada, &format!("/v1/chatbots/{}", stage.company.chatbot)).await;
    assert_eq!(
        (&seen["chatbot"]["role"], &seen["chatbot"]["_owner"]),
        (&json!("admin"), &json!(stage.eve.id))
    );
    stage.app.delete(&format!("{path}/{}", stage.ada.id)).by(&stage.ada).await.succeeded();
    assert_eq!(stage.get(&stage.ada, "/v1/chatbots").await["chatbots"], json!([]));
}

#[tokio::test]
async fn members_come_go_and_come_back() {
    let stage = Stage::set().await;
    assert_eq!(stage.hire(&stage.ben, "agent").await.status, 200);
    stage.dismiss(&stage.ben).await;
    let path = format!("/v1/conversations/{}", stage.company.conversation);
    stage.app.get(&path).by(&stage.ben).await.refused(404, "errMsg_conversationIsNotFound");
    let back = stage.hire(&stage.ben, "admin").await.expect(201);
    assert_eq!((&back["member"]["role"], &back["member"]["recordVersion"]), (&json!("admin"), &json!(3)));
    stage.app.get(&path).by(&stage.ben).await.succeeded();

    let versions: Vec<_> = stage
        .told("member-updated")
        .into_iter()
        .filter(|event| event["data"]["member"]["userId"] == json!(stage.ben.id))
        .map(|event| {
            (event["data"]["member"]["recordVersion"].clone(), event["data"]["member"]["isActive"].clone())
        })
        .collect();
    assert_eq!(versions, [(json!(1), json!(true)), (json!(2), json!(false)), (json!(3), json!(true))]);
    let gone = &stage.told("member-updated")[4];
    assert!(
        gone["recipients"].as_array().unwrap().contains(&json!(format!("user:{}", stage.ben.id))),
        "{gone}"
    );
}

#[tokio::test]
async fn somebody_unknown_is_no_member() {
    let stage = Stage::set().await;
    let path = format!("/v1/chatbots/{}/members", stage.company.chatbot);
    // Nobody knows them, and auth is away.
    let nobody = stage.app.person();
    assert_eq!(stage.post(&stage.ada, &path, json!({ "userId": nobody.id })).await.status, 503);
    stage.post(&stage.ada, &path, json!({ "userId": "x" })).await.refused(400, "errMsg_userIdIsNotAValidID");
    stage.post(&stage.ada, &path, json!({})).await.refused(400, "errMsg_userIdIsRequired");
}

#[tokio::test]
async fn a_deleted_chatbot_takes_everything_with_it() {
    let stage = Stage::set().await;
    let own = &stage.company;
    stage.app.delete(&format!("/v1/chatbots/{}", own.chatbot)).by(&stage.ada).await.succeeded();
    for path in [
        format!("/v1/chatbots/{}", own.chatbot),
        format!("/v1/inboxes/{}", own.inbox),
        format!("/v1/contacts/{}", own.contact),
        format!("/v1/conversations/{}", own.conversation),
        format!("/v1/messages?conversationId={}", own.conversation),
    ] {
        assert_eq!(stage.app.get(&path).by(&stage.ada).await.status, 404, "{path}");
    }
    assert_eq!(stage.told("chatbot-updated").last().unwrap()["data"]["chatbot"]["isActive"], false);
}

#[tokio::test]
async fn chatbots_are_listed_by_name_and_pages() {
    let stage = Stage::set().await;
    for name in ["Cars", "Apples"] {
        let _ = stage.post(&stage.ada, "/v1/chatbots", json!({ "name": name })).await.expect(201);
    }
    let list = stage.get(&stage.ada, "/v1/chatbots?pageRowCount=2").await;
    assert_eq!(list["chatbots"][0]["name"], "Apples");
    assert_eq!(
        list["paging"],
        json!({ "pageNumber": 1, "pageRowCount": 2, "totalRowCount": 3, "pageCount": 2 })
    );
    assert_eq!(ids(&stage.get(&stage.ada, "/v1/chatbots?pageNumber=9").await["chatbots"]).len(), 0);
}

#[tokio::test]
async fn versions_guard_changes() {
    let stage = Stage::set().await;
    let path = format!("/v1/chatbots/{}", stage.company.chatbot);
    let rename = |name: &'static str, version: &'static str| {
        stage.app.patch(&path).by(&stage.ada).header("If-Match", version).json(json!({ "name": name }))
    };
    rename("B", "\"7\"").await.refused(409, "errMsg_recordVersionIsStale");
    let renamed = rename("B", "\"1\"").await;
    assert_eq!((renamed.status, renamed.header("ETag")), (200, "\"2\""));
    // The same once more is no change.
    assert_eq!(rename("B", "2").await.expect(200)["chatbot"]["recordVersion"], 2);
    assert_eq!(id(&renamed.json["chatbot"]), stage.company.chatbot);
}
