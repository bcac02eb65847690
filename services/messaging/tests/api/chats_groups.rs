//! Groups of the compact dialect, and what their members are told.

use reqwest::Method;
use serde_json::{Value, json};
use testing::{Person, Reply};

use crate::stage::{Stage, id, seqs};

async fn change(stage: &Stage, by: &Person, group: &str, body: Value) -> Reply {
    stage.app.patch(&format!("/chats/groups/{group}")).by(by).json(body).await
}

async fn add(stage: &Stage, by: &Person, group: &str, users: Value) -> Reply {
    stage.app.post(&format!("/chats/groups/{group}/users")).by(by).json(json!({ "users": users })).await
}

async fn remove(stage: &Stage, by: &Person, group: &str, user: &Person) -> Reply {
    stage.app.delete(&format!("/chats/groups/{group}/users/{}", user.id)).by(by).await
}

/// The newest message, which the system sent.
async fn notice(stage: &Stage, by: &Person, group: &str) -> String {
    let list = stage.history(by, group, "limit=1").await;
    let newest = &list["messages"][0];
    assert_eq!((&newest["type"], &newest["senderId"]), (&json!("system"), &json!(null)));
    newest["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_group_has_a_name_a_picture_and_a_description() {
    let stage = Stage::set().await;
    let body = json!({
        "users": [stage.ben.id, stage.chloe.id, stage.ben.id], "name": " 🏔️ Trip ", "icon": "https://example.com/a.png",
        "desc": "Where we go\nin May",
    });
    let made = stage.app.post("/chats/groups").by(&stage.ada).json(body).await;
    assert_eq!(made.header("etag"), "\"1\"");
    let made = made.expect(200);
    let group = id(&made);
    let expected = json!({
        "code": 200, "id": group, "chatId": group, "groupId": group, "name": " 🏔️ Trip ",
        "icon": "https://example.com/a.png", "desc": "Where we go\nin May",
        "users": [stage.ada.id, stage.ben.id, stage.chloe.id], "owner": stage.ada.id,
    });
    assert_eq!(made, expected);
    assert_eq!(stage.app.get(&format!("/chats/groups/{group}")).by(&stage.ben).await.expect(200), expected);
    let v1 = stage.conversation(&stage.chloe, &group).await;
    assert_eq!((&v1["name"], &v1["icon"], &v1["desc"]), (&made["name"], &made["icon"], &made["desc"]));
    let told = stage.told_last("conversation-created");
    assert_eq!(told["data"]["conversation"]["name"], made["name"]);
}

#[tokio::test]
async fn a_change_is_told_and_counts_as_unread_for_nobody() {
    let stage = Stage::set().await;
    let club = stage.club().await;
    stage.send(&stage.ada, &club, "hello").await;
    let renamed = change(&stage, &stage.ben, &club, json!({ "name": "Crew 🚣", "desc": "" })).await;
    assert_eq!(renamed.header("etag"), "\"2\"");
    assert_eq!(renamed.expect(200)["name"], "Crew 🚣");
    assert_eq!(notice(&stage, &stage.dora, &club).await, "Ben named the group “Crew 🚣”.");
    for (person, unread) in [(&stage.ada, 0), (&stage.ben, 1), (&stage.chloe, 1), (&stage.dora, 1)] {
        let chat = &stage.chats(person, "").await["chats"][0];
        assert_eq!((&chat["unRead"], &chat["name"]), (&json!(unread), &json!("Crew 🚣")));
        assert_eq!(
            (&chat["lastMessage"]["type"], &chat["lastMessage"]["seq"]),
            (&json!("system"), &json!(2))
        );
    }
    let (updated, said) = (stage.told_last("conversation-updated"), stage.told_last("message-created"));
    assert_eq!(updated["data"]["conversation"]["name"], "Crew 🚣");
    assert_eq!(
        (&said["data"]["message"]["type"], &said["data"]["message"]["senderUserId"]),
        (&json!("system"), &json!(null))
    );
    assert_eq!(said["data"]["members"].as_array().unwrap().len(), 4);
    assert_eq!(said["recipients"].as_array().unwrap().len(), 4);

    let before = stage.told().len();
    let _ = change(&stage, &stage.ben, &club, json!({ "name": "Crew 🚣" })).await.expect(200);
    assert_eq!(stage.told().len(), before, "the same is no change");
    let all = json!({ "name": null, "icon": "https://example.com/b.png", "desc": "Rowing" });
    let _ = change(&stage, &stage.ada, &club, all).await.expect(200);
    let words = "Ada took the group's name away. Ada changed the group's picture. Ada changed the group's description.";
    assert_eq!(notice(&stage, &stage.dora, &club).await, words);
    let outdated = stage.app.patch(&format!("/chats/groups/{club}")).by(&stage.ada).header("If-Match", "2");
    outdated.json(json!({ "name": "x" })).await.refused(409, "errMsg_recordVersionIsStale");
}

#[tokio::test]
async fn who_comes_sees_what_is_said_from_then_on() {
    let stage = Stage::set().await;
    let club = stage.club().await;
    stage.send(&stage.ada, &club, "before").await;
    let users = json!([stage.emil.id, stage.ben.id]);
    let after = add(&stage, &stage.ben, &club, users).await.expect(200);
    assert_eq!(after["users"].as_array().unwrap().len(), 5);
    assert_eq!(notice(&stage, &stage.emil, &club).await, "Ben added Emil.");
    assert_eq!(seqs(&stage.history(&stage.emil, &club, "").await), [2]);
    assert_eq!(stage.chats(&stage.emil, "").await["chats"][0]["unRead"], 0);
    let before = stage.told().len();
    let _ = add(&stage, &stage.ben, &club, json!([stage.emil.id])).await.expect(200);
    assert_eq!(stage.told().len(), before, "who is there does not come again");
}

#[tokio::test]
async fn who_is_removed_sees_nothing_more() {
    let stage = Stage::set().await;
    let club = stage.club().await;
    let removed = remove(&stage, &stage.ben, &club, &stage.chloe).await.expect(200);
    assert_eq!((&removed["effect"], removed["users"].as_array().unwrap().len()), (&json!("removed"), 3));
    assert_eq!(notice(&stage, &stage.dora, &club).await, "Ben removed Chloe.");
    let path = format!("/chats/groups/{club}");
    stage.app.get(&path).by(&stage.chloe).await.refused(403, "errMsg_callerIsNotAParticipant");
    let again = remove(&stage, &stage.ben, &club, &stage.chloe).await;
    again.refused(404, "errMsg_userIsNotInTheGroup");
    assert_eq!(again.json["code"], 404);
    remove(&stage, &stage.ben, &club, &stage.ada).await.refused(400, "errMsg_usersMakeNoGroup");
    let _ = add(&stage, &stage.ben, &club, json!([stage.chloe.id])).await.expect(200);
    remove(&stage, &stage.ben, &club, &stage.ada).await.refused(403, "errMsg_creatorCannotBeRemoved");
    assert_eq!(seqs(&stage.history(&stage.chloe, &club, "").await), [2], "since she came again");
}

#[tokio::test]
async fn anybody_leaves_and_the_last_one_ends_it() {
    let stage = Stage::set().await;
    let club = stage.club().await;
    let left = remove(&stage, &stage.ada, &club, &stage.ada).await.expect(200);
    assert_eq!((&left["effect"], &left["owner"]), (&json!("left"), &json!(stage.ben.id)));
    assert_eq!(notice(&stage, &stage.dora, &club).await, "Ada left.");
    for person in [&stage.chloe, &stage.ben] {
        let _ = remove(&stage, person, &club, person).await.expect(200);
    }
    assert_eq!(
        stage.app.get(&format!("/chats/groups/{club}")).by(&stage.dora).await.expect(200)["users"],
        json!([stage.dora.id])
    );
    let _ = remove(&stage, &stage.dora, &club, &stage.dora).await.expect(200);
    assert_eq!(stage.told_last("conversation-deleted")["data"]["conversation"]["id"], json!(club));
    stage
        .app
        .get(&format!("/chats/groups/{club}"))
        .by(&stage.dora)
        .await
        .refused(404, "errMsg_conversationIsNotFound");
}

/// System messages among others: the count and the sum of what counts stay the same, however much was read.
#[tokio::test]
async fn unread_is_exact_among_system_messages() {
    let stage = Stage::set().await;
    let club = stage.club().await;
    for n in 0..4 {
        stage.send(&stage.ada, &club, "x").await;
        let _ = change(&stage, &stage.ada, &club, json!({ "name": format!("Club {n}") })).await.expect(200);
    }
    let unread = async |upto: i64| {
        stage.read(&stage.ben, &club, json!({ "upToSeq": upto })).await;
        let path = format!("/v1/conversations/{club}?explain=true");
        let json = stage.app.get(&path).by(&stage.ben).await.expect(200);
        assert_eq!(json["conversation"]["unreadCount"], json["explain"]["countedOneByOne"], "up to {upto}");
        json["conversation"]["unreadCount"].as_i64().unwrap()
    };
    assert_eq!([unread(0).await, unread(1).await, unread(2).await, unread(3).await], [4, 3, 3, 2]);
    let list = stage.messages(&stage.ben, &format!("conversationId={club}&unreadBy={}", stage.ben.id)).await;
    assert_eq!(seqs(&list), [5, 7], "the filter tells the same");
    let v1 = stage.messages(&stage.ben, &format!("conversationId={club}")).await["messages"].clone();
    let system = &v1[1];
    assert_eq!(
        (&system["senderUserId"], &system["_owner"], &system["readByCount"]),
        (&json!(null), &json!(null), &json!(0))
    );
    let path = format!("/v1/messages/{}", id(&v1[5]));
    let me = json!([stage.ben.id]);
    let _ = stage.app.patch(&path).by(&stage.ben).json(json!({ "readBy": me })).await.expect(200);
    assert_eq!(unread(0).await, 2, "reading it changes nothing");
    let _ = stage.app.patch(&path).by(&stage.ben).json(json!({ "deletedFor": me })).await.expect(200);
    assert_eq!(unread(0).await, 2, "nor does hiding it");
    stage
        .app
        .patch(&path)
        .by(&stage.ada)
        .json(json!({ "content": "x" }))
        .await
        .refused(403, "errMsg_contentIsAnothers");
    assert_eq!(unread(8).await, 0);
}

#[tokio::test]
async fn a_key_makes_one_group() {
    let stage = Stage::set().await;
    let post = async || {
        let body = json!({ "users": [stage.ben.id, stage.chloe.id] });
        stage.app.post("/chats/groups").by(&stage.ada).header("Idempotency-Key", "g").json(body).await
    };
    let (first, second) = (post().await, post().await);
    assert_eq!(first.text, second.text);
    assert_eq!(second.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_private_chat_is_no_group() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let path = format!("/chats/groups/{pair}");
    let users = format!("{path}/users");
    let mine = format!("{users}/{}", stage.ada.id);
    let asks = [
        stage.app.get(&path),
        stage.app.patch(&path).json(json!({ "name": "x" })),
        stage.app.post(&users).json(json!({ "users": [stage.chloe.id] })),
        stage.app.ask(Method::DELETE, &mine),
    ];
    for ask in asks {
        ask.by(&stage.ada).await.refused(400, "errMsg_conversationIsNotAGroup");
    }
    let to = json!({ "groupUUID": pair });
    stage.say(&stage.ada, to, json!({ "content": "x" })).await.refused(400, "errMsg_conversationIsNotAGroup");
}
