//! Opening, getting and listing conversations.

use serde_json::json;

use crate::stage::{Stage, id};

#[tokio::test]
async fn a_pair_has_one_conversation_in_any_order() {
    let stage = Stage::set().await;
    let first = stage.open(&stage.ada, false, &[&stage.ada, &stage.ben]).await.expect(201);
    assert_eq!(first["conversation"]["participantIds"], json!([stage.ada.id, stage.ben.id]));
    assert_eq!(first["conversation"]["_owner"], json!(stage.ada.id));
    assert!(first.get("reused").is_none());

    let again = stage.open(&stage.ben, false, &[&stage.ben, &stage.ada]).await.expect(200);
    assert_eq!(again["reused"], true);
    assert_eq!(again["statusCode"], 200);
    assert_eq!(id(&again["conversation"]), id(&first["conversation"]));
    assert_eq!(stage.told().len(), 1, "one conversation is announced once");
}

#[tokio::test]
async fn groups_are_many_even_of_the_same_people() {
    let stage = Stage::set().await;
    assert_ne!(stage.group().await, stage.group().await);
}

#[tokio::test]
async fn the_envelope_is_whole() {
    let stage = Stage::set().await;
    let reply = stage.open(&stage.ada, false, &[&stage.ada, &stage.ben]).await;
    assert_eq!(reply.header("content-type"), "application/json");
    let request_id = reply.header("x-request-id").to_owned();
    let json = reply.expect(201);
    let fields = ["status", "statusCode", "source", "cacheKey", "dataName", "method", "action", "rowCount"];
    let values = fields.map(|field| json[field].clone());
    let expected = [
        json!("OK"),
        json!(201),
        json!("db"),
        json!(null),
        json!("conversation"),
        json!("POST"),
        json!("create"),
        json!(1),
    ];
    assert_eq!(values, expected);
    assert!(json["elapsedMs"].is_u64() && json["ssoTime"].is_u64() && json["appVersion"].is_string());
    assert_eq!(json["requestId"], json!(request_id));
    assert_eq!((&json["userId"], &json["sessionId"]), (&json!(stage.ada.id), &json!(stage.ada.session)));
    let of = &json["conversation"];
    assert_eq!(
        (&of["isActive"], &of["recordVersion"], &of["isGroup"]),
        (&json!(true), &json!(1), &json!(false))
    );
    assert_eq!(of["createdAt"], of["lastMessageAt"]);
    assert_eq!(of["createdAt"].as_str().unwrap().len(), "2026-01-31T12:00:00.000Z".len());
}

#[tokio::test]
async fn participants_have_names_and_strangers_do_not_see_them() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let seen = stage.conversation(&stage.ben, &pair).await;
    assert_eq!(seen["participants"][0], json!({ "id": stage.ada.id, "fullname": "Ada", "avatar": null }));
    assert_eq!(seen["participantCount"], 2);
    let path = format!("/v1/conversations/{pair}");
    stage.app.get(&path).by(&stage.stranger).await.refused(403, "errMsg_callerIsNotAParticipant");
    let staff = stage.app.staff();
    stage.app.get(&path).by(&staff).await.refused(403, "errMsg_callerIsNotAParticipant");
}

#[tokio::test]
async fn a_large_group_names_twenty_and_counts_all() {
    let stage = Stage::set().await;
    let crowd = stage.crowd(40).await;
    let mut people: Vec<_> = crowd.iter().collect();
    people.push(&stage.ada);
    let json = stage.open(&stage.ada, true, &people).await.expect(201);
    assert_eq!(json["conversation"]["participants"].as_array().unwrap().len(), 20);
    assert_eq!(json["conversation"]["participantCount"], 41);
    assert_eq!(json["conversation"]["participantIds"].as_array().unwrap().len(), 41);
}

#[tokio::test]
async fn sizes_and_membership_are_checked() {
    let stage = Stage::set().await;
    let (ada, ben, chloe, sam) = (&stage.ada, &stage.ben, &stage.chloe, &stage.stranger);
    stage.open(ada, false, &[ada, ben, chloe]).await.refused(400, "errMsg_participantIdsMustBeTwo");
    stage.open(ada, false, &[ada, ada]).await.refused(400, "errMsg_participantIdsMustBeTwo");
    stage.open(ada, true, &[ada, ben]).await.refused(400, "errMsg_participantIdsMustBeThreeToAThousand");
    stage.open(ada, true, &[ada, ben, ben]).await.refused(400, "errMsg_participantIdsMustBeThreeToAThousand");
    stage.open(sam, false, &[ada, ben]).await.refused(403, "errMsg_callerIsNotAmongParticipants");
}

#[tokio::test]
async fn the_latest_message_comes_first() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    let order = |json: serde_json::Value| -> Vec<String> {
        json["conversations"].as_array().unwrap().iter().map(id).collect()
    };
    stage.send(&stage.ada, &pair, "one").await;
    let list = stage.app.get("/v1/conversations").by(&stage.ada).await.expect(200);
    assert_eq!(order(list), [pair.clone(), group.clone()]);
    stage.send(&stage.ben, &group, "two").await;
    let list = stage.app.get("/v1/conversations").by(&stage.ada).await.expect(200);
    assert_eq!(
        list["paging"],
        json!({ "pageNumber": 1, "pageRowCount": 25, "totalRowCount": 2, "pageCount": 1 })
    );
    assert_eq!(
        (&list["rowCount"], &list["filters"], &list["uiPermissions"]),
        (&json!(2), &json!([]), &json!([]))
    );
    let first = list["conversations"][0].clone();
    assert_eq!((&first["unreadCount"], &first["lastMessage"]["content"]), (&json!(1), &json!("two")));
    assert_eq!(first["lastMessage"]["senderUserId"], json!(stage.ben.id));
    assert_eq!(order(list), [group, pair]);
}

#[tokio::test]
async fn pages_do_not_overlap_and_end() {
    let stage = Stage::set().await;
    for _ in 0..5 {
        stage.group().await;
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let path = format!("/v1/conversations?pageNumber={page}&pageRowCount=2");
        let json = stage.app.get(&path).by(&stage.ada).await.expect(200);
        assert_eq!(json["paging"]["pageCount"], 3);
        seen.extend(json["conversations"].as_array().unwrap().iter().map(id));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let beyond = stage.app.get("/v1/conversations?pageNumber=9999999").by(&stage.ada).await.expect(200);
    assert_eq!((&beyond["rowCount"], &beyond["paging"]["totalRowCount"]), (&json!(0), &json!(5)));
    let all = stage.app.get("/v1/conversations?pageNumber=0").by(&stage.ada).await.expect(200);
    assert_eq!(all["rowCount"], 5);
    let nobody = stage.app.get("/v1/conversations").by(&stage.app.person()).await.expect(200);
    assert_eq!(nobody["paging"]["totalRowCount"], 0);
}
