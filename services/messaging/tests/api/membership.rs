//! Who is in a conversation: changes of groups, leaving, hiding, the end, and beginning anew.

use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn members_come_and_go_and_see_what_is_said_since() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    stage.send(&stage.ada, &group, "before").await;
    let (ada, ben, chloe, dora) = (&stage.ada, &stage.ben, &stage.chloe, &stage.dora);
    let changed = stage.set_members(ben, &group, &[ada, ben, dora]).await.expect(200);
    assert_eq!(changed["conversation"]["participantIds"], json!([ada.id, ben.id, dora.id]));
    assert_eq!(
        (&changed["conversation"]["recordVersion"], &changed["action"]),
        (&json!(2), &json!("update"))
    );

    stage.send(ada, &group, "after").await;
    assert_eq!(seqs(&stage.messages(dora, &format!("conversationId={group}")).await), [2]);
    assert_eq!(stage.conversation(dora, &group).await["unreadCount"], 1);
    let path = format!("/v1/conversations/{group}");
    stage.app.get(&path).by(chloe).await.refused(403, "errMsg_callerIsNotAParticipant");
    assert_eq!(stage.messages(chloe, "").await["rowCount"], 0);

    assert_eq!(stage.set_members(ada, &group, &[ada, ben, dora, chloe]).await.status, 200);
    let back = stage.messages(chloe, &format!("conversationId={group}")).await;
    assert_eq!(seqs(&back), [0; 0], "who comes again sees what is said since then");
    stage.send(ada, &group, "welcome back").await;
    assert_eq!(seqs(&stage.messages(chloe, &format!("conversationId={group}")).await), [3]);
}

#[tokio::test]
async fn a_change_is_announced_to_those_who_go_too() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let (ada, ben, chloe, dora) = (&stage.ada, &stage.ben, &stage.chloe, &stage.dora);
    let _ = stage.set_members(ada, &group, &[ada, ben, dora]).await.expect(200);
    let event = stage.told_last("conversation-updated");
    assert_eq!(event["recipients"].as_array().unwrap().len(), 4);
    assert!(event["recipients"].as_array().unwrap().contains(&json!(format!("user:{}", chloe.id))));
    assert_eq!(event["data"]["conversation"]["participantIds"], json!([ada.id, ben.id, dora.id]));
    let told = stage.told().len();
    let same = stage.set_members(ada, &group, &[dora, ben, ada, ada]).await.expect(200);
    assert_eq!(same["conversation"]["recordVersion"], 2, "the same members are no change");
    assert_eq!(stage.told().len(), told);
}

#[tokio::test]
async fn what_may_not_be_changed() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    let (ada, ben, chloe, dora) = (&stage.ada, &stage.ben, &stage.chloe, &stage.dora);
    stage.set_members(ada, &pair, &[ada, ben, chloe]).await.refused(400, "errMsg_conversationIsNotAGroup");
    stage
        .set_members(ada, &group, &[ada, ben])
        .await
        .refused(400, "errMsg_participantIdsMustBeThreeToAThousand");
    stage.set_members(ben, &group, &[ben, chloe, dora]).await.refused(403, "errMsg_creatorCannotBeRemoved");
    let newcomer = stage.app.person();
    let unknown = stage.set_members(ada, &group, &[ada, ben, chloe, &newcomer]).await;
    unknown.refused(503, "errMsg_serviceIsUnavailable");
    let change = |body| stage.app.patch(&format!("/v1/conversations/{group}")).by(ada).json(body);
    change(json!({ "isGroup": false })).await.refused(400, "errMsg_conversationIsNotAGroup");
    change(json!({ "isGroup": "no" })).await.refused(400, "errMsg_isGroupIsNotAValidBoolean");
    change(json!({ "participantIds": ["x"] })).await.refused(400, "errMsg_participantIdsIsNotAValidID");
    change(json!({ "lastMessageAt": 1 })).await.refused(400, "errMsg_lastMessageAtIsNotAValidDate");
    let harmless =
        change(json!({ "isGroup": true, "lastMessageAt": "2020-01-01T00:00:00Z" })).await.expect(200);
    assert_eq!(harmless["conversation"]["recordVersion"], 1);
}

#[tokio::test]
async fn if_match_names_the_version_that_is_meant() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let (ada, ben, dora) = (&stage.ada, &stage.ben, &stage.dora);
    let path = format!("/v1/conversations/{group}");
    assert_eq!(stage.app.get(&path).by(ada).await.header("etag"), "\"1\"");
    let _ = stage.set_members(ada, &group, &[ada, ben, dora]).await.expect(200);
    let change_of = |version| stage.app.patch(&path).by(ada).header("If-Match", version).json(json!({}));
    change_of("1").await.refused(409, "errMsg_recordVersionIsStale");
    change_of("garbage").await.refused(400, "errMsg_ifMatchIsNotValid");
    assert_eq!(change_of("\"2\"").await.status, 200);
    let delete = stage.app.delete(&path).by(ada).header("If-Match", "1").await;
    delete.refused(409, "errMsg_recordVersionIsStale");
}

#[tokio::test]
async fn a_member_leaves_and_the_creator_ends_it() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let path = format!("/v1/conversations/{group}");
    let left = stage.app.delete(&path).by(&stage.ben).await.expect(200);
    assert_eq!((&left["effect"], &left["conversation"]["isActive"]), (&json!("left"), &json!(false)));
    assert_eq!(
        stage.conversation(&stage.ada, &group).await["participantCount"],
        2,
        "below three is fine now"
    );
    let ended = stage.app.delete(&path).by(&stage.ada).await.expect(200);
    assert_eq!((&ended["effect"], &ended["conversation"]["isActive"]), (&json!("deleted"), &json!(false)));
    stage.app.get(&path).by(&stage.chloe).await.refused(404, "errMsg_conversationIsNotFound");
    stage.app.delete(&path).by(&stage.ada).await.refused(404, "errMsg_conversationIsNotFound");
    let body = json!({ "conversationId": group, "content": "x" });
    let send = stage.app.post("/v1/messages").by(&stage.ada).json(body).await;
    send.refused(404, "errMsg_conversationIsNotFound");
    assert_eq!(stage.told_last("conversation-deleted")["data"]["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_longest_standing_member_follows_a_creator_who_goes() {
    let stage = Stage::set().await;
    let group = id(&stage
        .open(&stage.ada, true, &[&stage.ada, &stage.chloe, &stage.ben, &stage.dora])
        .await
        .expect(201)["conversation"]);
    let gone =
        stage.set_members(&stage.ada, &group, &[&stage.ben, &stage.chloe, &stage.dora]).await.expect(200);
    assert_eq!(gone["conversation"]["_owner"], json!(stage.chloe.id));
}

#[tokio::test]
async fn hidden_for_me_until_something_is_said() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    stage.send(&stage.ada, &pair, "one").await;
    let path = format!("/v1/conversations/{pair}");
    let hidden = stage.app.delete(&format!("{path}?scope=me")).by(&stage.ben).await.expect(200);
    assert_eq!((&hidden["effect"], &hidden["conversation"]["isActive"]), (&json!("hidden"), &json!(false)));
    assert_eq!(stage.app.get("/v1/conversations").by(&stage.ben).await.expect(200)["rowCount"], 0);
    stage.app.get(&path).by(&stage.ben).await.refused(404, "errMsg_conversationIsNotFound");
    assert_eq!(stage.messages(&stage.ben, "").await["paging"]["totalRowCount"], 0);
    assert_eq!(stage.conversation(&stage.ada, &pair).await["isActive"], true, "for the caller only");

    stage.send(&stage.ada, &pair, "two").await;
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 2, "the history is still there");
    let _ = stage.app.delete(&format!("{path}?scope=me")).by(&stage.ben).await.expect(200);
    let again = stage.open(&stage.ben, false, &[&stage.ada, &stage.ben]).await.expect(200);
    assert_eq!((&again["reused"], &again["conversation"]["id"]), (&json!(true), &json!(pair)));
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 2);
    let odd = stage.app.delete(&format!("{path}?scope=you")).by(&stage.ben).await;
    odd.refused(400, "errMsg_scopeIsNotValid");
}

#[tokio::test]
async fn a_deleted_pair_begins_anew_with_its_id_and_numbers() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    stage.send(&stage.ada, &pair, "old").await;
    let _ = stage.app.delete(&format!("/v1/conversations/{pair}")).by(&stage.ben).await.expect(200);
    let both = [&stage.ada, &stage.ben];
    let creates = join_all((0..10).map(|_| stage.open(&stage.ada, false, &both))).await;
    assert_eq!(creates.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(creates.iter().all(|reply| reply.json["conversation"]["id"] == json!(pair)));
    for person in [&stage.ada, &stage.ben] {
        let seen = stage.conversation(person, &pair).await;
        assert_eq!((&seen["unreadCount"], &seen["lastMessage"]), (&json!(0), &json!(null)));
    }
    assert_eq!(stage.send(&stage.ben, &pair, "new").await["seq"], 2);
    assert_eq!(seqs(&stage.messages(&stage.ada, &format!("conversationId={pair}")).await), [2]);
}

#[tokio::test]
async fn a_removed_member_whose_sends_wait_gets_no_message_in() {
    let stage = Stage::set().await;
    let (ada, ben, chloe, dora) = (&stage.ada, &stage.ben, &stage.chloe, &stage.dora);
    let group = id(&stage.open(ada, true, &[ada, ben, chloe, dora]).await.expect(201)["conversation"]);
    for round in 0..5 {
        let body = json!({ "conversationId": group, "content": "am I in?" });
        let sends =
            (0..20).map(|_| async { stage.app.post("/v1/messages").by(dora).json(body.clone()).await });
        let without = [ada, ben, chloe];
        let (sent, removed) = futures_util::join!(join_all(sends), stage.set_members(ada, &group, &without));
        assert_eq!(removed.status, 200);
        let event = stage.told_last("conversation-updated");
        assert!(event["data"]["members"].as_array().unwrap().iter().any(|m| m["userId"] == json!(dora.id)));
        let stored = stage.messages(ada, &format!("conversationId={group}&pageNumber=0")).await;
        let stored = i64::try_from(stored["messages"].as_array().unwrap().len()).unwrap();
        let acknowledged = sent.iter().filter(|reply| reply.status == 201).count();
        let late = stage.app.post("/v1/messages").by(dora).json(body.clone()).await;
        late.refused(403, "errMsg_callerIsNotAParticipant");
        assert!(sent.iter().all(|reply| [201, 403].contains(&reply.status)), "round {round}");
        assert_eq!(stage.conversation(ada, &group).await["lastMessage"]["seq"].as_i64().unwrap_or(0), stored);
        assert!(stored >= i64::try_from(acknowledged).unwrap());
        let _ = stage.set_members(ada, &group, &[ada, ben, chloe, dora]).await.expect(200);
    }
}
