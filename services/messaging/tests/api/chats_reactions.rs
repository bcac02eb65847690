//! Reactions: counted, named, told, and in both dialects.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testing::{Person, Reply};

use crate::stage::{Stage, id};

async fn react(stage: &Stage, method: Method, by: &Person, message: &str, emoji: &str) -> Reply {
    stage.app.ask(method, &format!("/chats/messages/{message}/reactions/{emoji}")).by(by).await
}

#[tokio::test]
async fn reactions_come_are_counted_and_go() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let message = id(&stage.send(&stage.ada, &group, "x").await);
    let put = async |by, emoji| react(&stage, Method::PUT, by, &message, emoji).await.expect(200);
    put(&stage.ben, "🎉").await;
    put(&stage.ada, "👍🏽").await;
    let after = put(&stage.ada, "🎉").await;
    let expected = json!([
        { "emoji": "🎉", "count": 2, "userIds": [stage.ben.id, stage.ada.id], "mine": true },
        { "emoji": "👍🏽", "count": 1, "userIds": [stage.ada.id], "mine": true },
    ]);
    assert_eq!(
        (&after["reactions"], &after["code"], &after["chatId"]),
        (&expected, &json!(200), &json!(group))
    );

    let told = stage.told_last("message-reacted");
    assert_eq!(
        (&told["data"]["reactionRev"], &told["data"]["reactions"][0]["count"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(told["recipients"].as_array().unwrap().len(), 3);
    let before = stage.told().len();
    put(&stage.ada, "🎉").await;
    assert_eq!(stage.told().len(), before, "once is enough");

    let shown = stage.history(&stage.chloe, &group, "").await["messages"][0]["reactions"].clone();
    assert_eq!((&shown[0]["count"], &shown[0]["mine"]), (&json!(2), &json!(false)));
    for query in ["", "&sentAt_min=2000-01-01"] {
        let v1 = stage.messages(&stage.chloe, &format!("conversationId={group}{query}")).await;
        assert_eq!(v1["messages"][0]["reactions"], shown);
        assert_eq!(v1["messages"][0]["recordVersion"], 1, "a reaction is no edit");
    }
    let gone = react(&stage, Method::DELETE, &stage.ben, &message, "🎉").await.expect(200);
    assert_eq!(
        gone["reactions"][1],
        json!({ "emoji": "🎉", "count": 1, "userIds": [stage.ada.id], "mine": false })
    );
    let _ = react(&stage, Method::DELETE, &stage.ben, &message, "🎉").await.expect(200);
    for emoji in ["🎉", "👍🏽"] {
        let _ = react(&stage, Method::DELETE, &stage.ada, &message, emoji).await.expect(200);
    }
    assert_eq!(
        stage.told_last("message-reacted")["data"],
        json!({
            "conversationId": group, "messageId": message, "seq": 1, "reactionRev": 6, "reactions": [],
        })
    );
}

#[tokio::test]
async fn any_single_emoji_and_nothing_else() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let message = id(&stage.send(&stage.ada, &pair, "x").await);
    for emoji in ["❤️", "👨‍👩‍👧‍👦", "🇦🇹", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🧑🏿‍🚀", "1️⃣"]
    {
        let after = react(&stage, Method::PUT, &stage.ben, &message, emoji).await.expect(200);
        let last = after["reactions"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["emoji"], emoji);
    }
    for text in ["like", "1", "👍👍", "%20", "👍a", "🇽🇽", "%00", "%3Cscript%3E"] {
        let refused = react(&stage, Method::PUT, &stage.ben, &message, text).await;
        refused.refused(400, "errMsg_emojiIsNotAnEmoji");
        assert_eq!(refused.json["code"], 400);
    }
    for broken in ["%ff", "%f0%9f"] {
        let reply = react(&stage, Method::PUT, &stage.ben, &message, broken).await;
        assert!((400..500).contains(&reply.status) && reply.json["code"] == reply.status, "{}", reply.text);
    }
    let nowhere = react(&stage, Method::PUT, &stage.ben, "x", "👍").await;
    nowhere.refused(400, "errMsg_messageIdIsNotAValidID");
}

#[tokio::test]
async fn what_cannot_be_seen_is_not_reacted_to() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let message = id(&stage.send(&stage.ada, &group, "x").await);
    let path = format!("/v1/messages/{message}");
    let _ =
        stage.app.patch(&path).by(&stage.ben).json(json!({ "deletedFor": stage.ben.id })).await.expect(200);
    let put = async |by| react(&stage, Method::PUT, by, &message, "👍").await;
    put(&stage.ben).await.refused(404, "errMsg_messageIsNotFound");
    put(&stage.stranger).await.refused(403, "errMsg_callerIsNotAParticipant");
    let _ = stage.app.delete(&path).by(&stage.ada).await.expect(200);
    put(&stage.ada).await.refused(404, "errMsg_messageIsNotFound");
}

#[tokio::test]
async fn many_at_once_are_all_counted() {
    let stage = Stage::set().await;
    let crowd = stage.crowd(24).await;
    let people: Vec<&Person> = crowd.iter().chain([&stage.ada]).collect();
    let group = id(&stage.open(&stage.ada, true, &people).await.expect(201)["conversation"]);
    let message = id(&stage.send(&stage.ada, &group, "x").await);
    let puts = crowd.iter().map(|person| react(&stage, Method::PUT, person, &message, "👍"));
    assert!(join_all(puts).await.iter().all(|reply| reply.status == 200));
    let shown = stage.history(&stage.ada, &group, "").await["messages"][0]["reactions"].clone();
    assert_eq!(shown[0]["count"], 24);
    let revs: Vec<i64> =
        stage.told().iter().filter_map(|event| event["data"]["reactionRev"].as_i64()).collect();
    let mut each: Vec<i64> = revs.clone();
    each.sort_unstable();
    assert_eq!(each, (1..=24).collect::<Vec<i64>>(), "each change has a number of its own");
}

#[tokio::test]
async fn twenty_emojis_are_enough_for_one() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let message = id(&stage.send(&stage.ada, &pair, "x").await);
    let emojis: Vec<&str> =
        "😀 😁 😂 😃 😄 😅 😆 😇 😈 😉 😊 😋 😌 😍 😎 😏 😐 😑 😒 😓 😔".split(' ').collect();
    for emoji in &emojis[..20] {
        let _ = react(&stage, Method::PUT, &stage.ben, &message, emoji).await.expect(200);
    }
    let more = react(&stage, Method::PUT, &stage.ben, &message, emojis[20]).await;
    more.refused(400, "errMsg_tooManyReactions");
    let of_another: Value = react(&stage, Method::PUT, &stage.ada, &message, emojis[20]).await.expect(200);
    assert_eq!(of_another["reactions"].as_array().unwrap().len(), 21);
}
