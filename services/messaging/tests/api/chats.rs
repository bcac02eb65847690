//! The compact dialect: sending to a chat, a person, several or a group.

use futures_util::future::join_all;
use kit::clock::uuid_v7;
use serde_json::{Value, json};

use crate::stage::{Stage, id, seqs, text};

#[tokio::test]
async fn the_first_message_to_a_person_begins_a_chat() {
    let stage = Stage::set().await;
    let sent = stage.say(&stage.ada, json!({ "userUUID": stage.ben.id }), text("Hello 👋🏽")).await.expect(200);
    assert_eq!((&sent["code"], &sent["seq"]), (&json!(200), &json!(1)));
    assert!(sent.get("groupId").is_none());
    let chat = sent["chatId"].as_str().unwrap().to_owned();
    assert_eq!(chat, stage.pair_again().await, "the conversation that /v1 has for the two");

    let answer = stage.say(&stage.ben, json!({ "userUUID": stage.ada.id }), text("Hi")).await.expect(200);
    assert_eq!((&answer["chatId"], &answer["seq"]), (&json!(chat), &json!(2)));
    let more = stage.say(&stage.ben, json!({ "chatId": chat }), text("How are you?")).await.expect(200);
    assert_eq!(more["seq"], 3);
    assert_eq!(stage.told_count("conversation-created"), 1);
}

#[tokio::test]
async fn both_dialects_see_one_another() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let sent = stage.say(&stage.ada, json!({ "chatId": pair }), text("by chats")).await.expect(200);
    let v1 = stage.send(&stage.ben, &pair, "by v1").await;
    let of_v1 = stage.messages(&stage.ada, &format!("conversationId={pair}")).await;
    let of_chats = stage.history(&stage.ben, &pair, "").await;
    assert_eq!((seqs(&of_v1), seqs(&of_chats)), (vec![1, 2], vec![1, 2]));
    for list in [&of_v1, &of_chats] {
        let found = |n: usize| (id(&list["messages"][n]), list["messages"][n]["content"].clone());
        assert_eq!(found(0), (id(&sent), json!("by chats")));
        assert_eq!(found(1), (id(&v1), json!("by v1")));
    }
    let last = &stage.chats(&stage.ada, "").await["chats"][0];
    assert_eq!((&last["unRead"], &last["lastMessage"]["content"]), (&json!(1), &json!("by v1")));
}

#[tokio::test]
async fn two_who_write_at_once_for_the_first_time_share_a_chat() {
    let stage = Stage::set().await;
    let sends = (0..40).map(|n| {
        let (by, to) = if n % 2 == 0 { (&stage.ada, &stage.ben) } else { (&stage.ben, &stage.ada) };
        stage.say(by, json!({ "userUUID": to.id }), text("first!"))
    });
    let replies: Vec<Value> = join_all(sends).await.iter().map(|reply| reply.json.clone()).collect();
    assert!(replies.iter().all(|reply| reply["code"] == 200 && reply["chatId"] == replies[0]["chatId"]));
    let mut numbers: Vec<i64> = replies.iter().map(|reply| reply["seq"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<i64>>());
    assert_eq!(stage.told_count("conversation-created"), 1);
}

#[tokio::test]
async fn a_deleted_chat_begins_anew_and_a_hidden_one_comes_back() {
    let stage = Stage::set().await;
    let to_ben = json!({ "userUUID": stage.ben.id });
    let chat = stage.say(&stage.ada, to_ben.clone(), text("before")).await.expect(200)["chatId"].clone();
    let path = format!("/v1/conversations/{}", chat.as_str().unwrap());
    let _ = stage.app.delete(&format!("{path}?scope=me")).by(&stage.ada).await.expect(200);
    assert_eq!(stage.chats(&stage.ada, "").await["chats"], json!([]));
    let again = stage.say(&stage.ada, to_ben.clone(), text("again")).await.expect(200);
    assert_eq!((&again["chatId"], &again["seq"]), (&chat, &json!(2)));
    assert_eq!(stage.chats(&stage.ada, "").await["meta"]["total"], 1);

    let _ = stage.app.delete(&path).by(&stage.ben).await.expect(200);
    let anew = stage.say(&stage.ada, to_ben, text("anew")).await.expect(200);
    assert_eq!((&anew["chatId"], &anew["seq"]), (&chat, &json!(3)));
    let seen = stage.history(&stage.ben, chat.as_str().unwrap(), "").await;
    assert_eq!((seqs(&seen), &seen["meta"]["total"]), (vec![3], &json!(1)), "the history is gone");
}

#[tokio::test]
async fn several_people_make_a_discussion_group() {
    let stage = Stage::set().await;
    let others = json!({ "userUUIDs": [stage.ben.id, stage.chloe.id, stage.ben.id] });
    let sent = stage.say(&stage.ada, others.clone(), text("the three of us")).await.expect(200);
    assert_eq!((&sent["groupId"], &sent["seq"]), (&sent["chatId"], &json!(1)));
    let group = sent["chatId"].as_str().unwrap();
    let users = stage.app.get(&format!("/chats/groups/{group}")).by(&stage.chloe).await.expect(200);
    assert_eq!(users["users"], json!([stage.ada.id, stage.ben.id, stage.chloe.id]));
    let another = stage.say(&stage.ada, others, text("x")).await.expect(200);
    assert_ne!(another["chatId"], sent["chatId"], "groups are many, even of the same people");
    let to = json!({ "groupUUID": group });
    let more = stage.say(&stage.ben, to, text("hello group")).await.expect(200);
    assert_eq!((&more["groupId"], &more["seq"]), (&json!(group), &json!(2)));
}

#[tokio::test]
async fn a_key_sends_once_and_begins_once() {
    let stage = Stage::set().await;
    let post = async |to: Value| {
        let mut body = to;
        body["message"] = text("once");
        stage.app.post("/chats/messages").by(&stage.ada).header("Idempotency-Key", "k").json(body).await
    };
    let to = json!({ "userUUIDs": [stage.ben.id, stage.chloe.id] });
    let replies = join_all((0..8).map(|_| post(to.clone()))).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.text == replies[0].text));
    assert_eq!(stage.chats(&stage.ben, "").await["meta"]["total"], 1);
    let reused = post(json!({ "userUUID": stage.ben.id })).await;
    reused.refused(409, "errMsg_idempotencyKeyIsReused");
    assert_eq!(reused.json["code"], 409);
}

#[tokio::test]
async fn a_name_given_by_the_client_returns_the_first_message() {
    let stage = Stage::set().await;
    let message = json!({ "content": "once", "clientMessageId": "bubble-1" });
    let to = json!({ "userUUID": stage.ben.id });
    let first = stage.say(&stage.ada, to.clone(), message.clone()).await.expect(200);
    let second = stage.say(&stage.ada, to, message).await.expect(200);
    assert_eq!(first, second);
    let beside = json!({ "chatId": first["chatId"], "clientMessageId": "bubble-1" });
    assert_eq!(id(&stage.say(&stage.ada, beside, text("x")).await.expect(200)), id(&first));
    let by_v1 = json!({ "conversationId": first["chatId"], "content": "x", "clientMessageId": "bubble-1" });
    let v1 = stage.app.post("/v1/messages").by(&stage.ada).json(by_v1).await.expect(200);
    assert_eq!(id(&v1["message"]), id(&first), "one name, whatever the dialect");
}

#[tokio::test]
async fn each_type_says_what_it_should() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let to = json!({ "chatId": pair });
    let place = json!({ "lat": 48.2166, "lng": 16, "name": "Prater 🎡", "zoom": 3 });
    let messages = [
        json!({ "type": "link", "content": "https://例え.jp/頁?a=b" }),
        json!({ "type": "profileId", "content": stage.chloe.id.to_string().to_uppercase() }),
        json!({ "type": "location", "content": place }),
        json!({ "content": " 👩‍👩‍👧 byte for byte \n" }),
    ];
    for message in messages {
        let _ = stage.say(&stage.ada, to.clone(), message).await.expect(200);
    }
    let shown = |list: &Value| -> Vec<(Value, Value)> {
        let messages = list["messages"].as_array().unwrap().iter();
        messages.map(|message| (message["type"].clone(), message["content"].clone())).collect()
    };
    let place = json!({ "lat": 48.2166, "lng": 16, "name": "Prater 🎡" });
    let mut expected = vec![
        (json!("link"), json!("https://例え.jp/頁?a=b")),
        (json!("profileId"), json!(stage.chloe.id)),
        (json!("location"), place.clone()),
        (json!("text"), json!(" 👩‍👩‍👧 byte for byte \n")),
    ];
    assert_eq!(shown(&stage.history(&stage.ben, &pair, "").await), expected);
    expected[2].1 = json!(place.to_string());
    let v1 = stage.messages(&stage.ben, &format!("conversationId={pair}")).await;
    assert_eq!(shown(&v1), expected, "/v1 shows JSON text");

    let body = json!({ "conversationId": pair, "type": "location", "content": "{\"lat\":1.5,\"lng\":-2}" });
    let sent = stage.app.post("/v1/messages").by(&stage.ada).json(body).await.expect(201)["message"].clone();
    assert_eq!((&sent["type"], &sent["content"]), (&json!("location"), &json!("{\"lat\":1.5,\"lng\":-2}")));
    let path = format!("/v1/messages/{}", id(&sent));
    let edit = stage.app.patch(&path).by(&stage.ada).json(json!({ "content": "nowhere" })).await;
    edit.refused(400, "errMsg_typeIsNotText");
}

#[tokio::test]
async fn files_are_shown_by_those_whose_they_are() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let to = json!({ "chatId": pair });
    let document = |file: Value| json!({ "type": "docId", "content": file });
    let mut shown = Vec::new();
    let buckets = [
        format!("conversation-{pair}"),
        format!("{}-public-user-bucket", stage.ada.id),
        format!("{}-private-user-bucket", stage.ada.id),
    ];
    for bucket in &buckets {
        let file = stage.file(bucket, true).await;
        let _ = stage.say(&stage.ada, to.clone(), document(json!(file))).await.expect(200);
        shown.push(json!(file));
    }
    let history = stage.history(&stage.ben, &pair, "").await["messages"].clone();
    assert_eq!(history.as_array().unwrap().iter().map(|m| m["content"].clone()).collect::<Vec<_>>(), shown);

    let v1 = stage.messages(&stage.ben, &format!("conversationId={pair}")).await["messages"].clone();
    assert_eq!(
        (&v1[0]["files"][0]["fileId"], &v1[0]["files"][0]["originalName"]),
        (&shown[0], &json!("plan.pdf"))
    );
    assert_eq!(history[0]["files"], v1[0]["files"], "and so does this dialect");
    let told = stage.told_last("message-created");
    assert_eq!(told["data"]["message"]["fileIds"], json!([shown[2]]), "a message carries it");
    let body = json!({ "conversationId": pair, "type": "docId", "content": shown[0] });
    let by_v1 = stage.app.post("/v1/messages").by(&stage.ada).json(body.clone()).await.expect(201);
    let mut with_more = body;
    with_more["fileIds"] = json!([shown[1]]);
    let refused = stage.app.post("/v1/messages").by(&stage.ada).json(with_more).await;
    refused.refused(400, "errMsg_fileIdsAreNotForADocument");
    assert_eq!(by_v1["message"]["files"], v1[0]["files"]);

    let others = [
        stage.file(&format!("{}-private-user-bucket", stage.ben.id), true).await,
        stage.file(&format!("{}-public-user-bucket", stage.ben.id), true).await,
        stage.file(&format!("conversation-{}", stage.group().await), true).await,
        stage.file(&buckets[1], false).await,
    ];
    for file in &others {
        let refused = stage.say(&stage.ada, to.clone(), document(json!(file))).await;
        refused.refused(400, "errMsg_contentIsNoFile");
    }
    for file in [&json!(others[0]), &json!(others[3]), &shown[0], &shown[2]] {
        let icon = json!({ "users": [stage.ben.id, stage.chloe.id], "icon": file });
        stage.app.post("/chats/groups").by(&stage.ada).json(icon).await.refused(400, "errMsg_iconIsNoFile");
    }
    let icon = json!({ "users": [stage.ben.id, stage.chloe.id], "icon": shown[1] });
    let made = stage.app.post("/chats/groups").by(&stage.ada).json(icon).await.expect(200);
    assert_eq!(made["icon"], shown[1]);
}

#[tokio::test]
async fn replies_name_what_they_answer() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    let (question, elsewhere) =
        (stage.send(&stage.ada, &pair, "?").await, stage.send(&stage.ada, &group, "?").await);
    let to = json!({ "chatId": pair });
    let reply = |of: &Value| json!({ "content": "!", "replyTo": of["id"] });
    let sent = stage.say(&stage.ben, to.clone(), reply(&question)).await.expect(200);
    let shown = &stage.history(&stage.ada, &pair, "").await["messages"][1];
    assert_eq!((&shown["id"], &shown["replyTo"]), (&sent["id"], &question["id"]));
    let told = stage.told_last("message-created");
    assert_eq!(told["data"]["message"]["replyTo"], question["id"]);

    let refused = async |of: &Value| {
        stage.say(&stage.ben, to.clone(), reply(of)).await.refused(400, "errMsg_replyToIsNotKnown");
    };
    refused(&elsewhere).await;
    refused(&json!({ "id": uuid_v7(stage.app.app.now()) })).await;
    let path = format!("/v1/messages/{}", id(&question));
    let _ =
        stage.app.patch(&path).by(&stage.ben).json(json!({ "deletedFor": stage.ben.id })).await.expect(200);
    refused(&question).await;
    let before = stage.history(&stage.ada, &pair, "").await["meta"]["total"].clone();
    assert_eq!(before, 2, "a refused reply leaves nothing behind");

    let body = json!({ "conversationId": pair, "content": "v1", "replyTo": question["id"] });
    let v1 = stage.app.post("/v1/messages").by(&stage.ada).json(body).await.expect(201);
    assert_eq!((&v1["message"]["replyTo"], &v1["message"]["seq"]), (&question["id"], &json!(3)));
}
