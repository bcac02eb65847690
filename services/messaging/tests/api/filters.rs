//! The filters of both lists.

use serde_json::{Value, json};
use testing::Person;

use crate::stage::{Stage, id, seqs};

async fn conversations(stage: &Stage, by: &Person, query: &str) -> Vec<String> {
    let json = stage.app.get(&format!("/v1/conversations?{query}")).by(by).await.expect(200);
    let listed = json["conversations"].as_array().unwrap();
    assert_eq!(json["paging"]["totalRowCount"], listed.len(), "{query}");
    listed.iter().map(id).collect()
}

#[tokio::test]
async fn conversations_by_kind_and_members() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    let (ben, chloe, sam) = (stage.ben.id, stage.chloe.id, stage.stranger.id);
    let list = async |query: &str| conversations(&stage, &stage.ada, query).await;
    assert_eq!(list("isGroup=true").await, [&*group]);
    assert_eq!(list("isGroup=false").await, [&*pair]);
    assert_eq!(list("isGroup=null").await, [""; 0]);
    assert_eq!(list(&format!("participantIds={ben}")).await.len(), 2);
    assert_eq!(list(&format!("participantIds[]={ben}&participantIds[]={chloe}")).await, [&*group]);
    assert_eq!(
        list(&format!("participantIds={ben}&participantIds={sam}&participantIds_op=overlap")).await.len(),
        2
    );
    assert_eq!(list(&format!("participantIds={sam}&participantIds_op=contains")).await, [""; 0]);
    assert_eq!(
        list(&format!("participantIds={chloe}&isGroup=false")).await,
        [""; 0],
        "contradictions match nothing"
    );
    assert_eq!(list("participantIds=null").await, [""; 0]);
    let json = stage.app.get("/v1/conversations?isGroup=true&unheardOf=1").by(&stage.ada).await.expect(200);
    assert_eq!(json["filters"], json!([{ "name": "isGroup", "values": ["true"] }]), "{}", json["filters"]);
}

#[tokio::test]
async fn conversations_by_the_day_of_their_newest_message() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    let today = stage.app.app.now().format("%Y-%m-%d").to_string();
    for within in [&today[..], "$today", "$week", "$month", "$gte-2020-01-01", "$lt-9000-01-01", "$ltoday"] {
        let found = conversations(&stage, &stage.ada, &format!("lastMessageAt={within}")).await;
        assert_eq!(found, [&*pair], "{within}");
    }
    for without in ["2020-02-29", "$lt-2020-01-01", "null", "$lin-2020-01-01,2020-01-02"] {
        assert_eq!(
            conversations(&stage, &stage.ada, &format!("lastMessageAt={without}")).await,
            [""; 0],
            "{without}"
        );
    }
}

#[tokio::test]
async fn nonsense_is_named() {
    let stage = Stage::set().await;
    let cases = [
        ("/v1/conversations?participantIds=x", "errMsg_participantIdsIsNotAValidID"),
        ("/v1/conversations?participantIds_op=like", "errMsg_participantIds_opIsNotValid"),
        ("/v1/conversations?isGroup=maybe", "errMsg_isGroupIsNotAValidBoolean"),
        ("/v1/conversations?lastMessageAt=2023-02-29", "errMsg_lastMessageAtIsNotAValidDate"),
        ("/v1/conversations?lastMessageAt=$lin-", "errMsg_lastMessageAtIsNotAValidDate"),
        ("/v1/messages?sentAt=$tomorrow", "errMsg_sentAtIsNotAValidDate"),
        ("/v1/messages?sentAt_min=soon", "errMsg_sentAt_minIsNotAValidDate"),
        ("/v1/messages?senderUserId=me", "errMsg_senderUserIdIsNotAValidID"),
        ("/v1/messages?unreadBy=null", "errMsg_unreadByIsNotAValidID"),
        ("/v1/messages?beforeSeq=3", "errMsg_conversationIdIsRequired"),
    ];
    for (path, message) in cases {
        stage.app.get(path).by(&stage.ada).await.refused(400, message);
    }
    let zone = stage.app.get("/v1/messages").by(&stage.ada).header("X-Timezone", "Mars/Olympus").await;
    zone.refused(400, "errMsg_xTimezoneIsNotValid");
}

#[tokio::test]
async fn messages_by_sender_time_and_reader() {
    let stage = Stage::set().await;
    let group = stage.group().await;
    let mut sent: Vec<Value> = Vec::new();
    for by in [&stage.ada, &stage.ben, &stage.ada, &stage.chloe, &stage.ben] {
        sent.push(stage.send(by, &group, "x").await);
    }
    let list = async |query: &str| {
        let json = stage.messages(&stage.ada, &format!("conversationId={group}&{query}")).await;
        assert_eq!(json["paging"]["totalRowCount"], json["rowCount"], "{query}");
        seqs(&json)
    };
    let (ada, ben, chloe) = (stage.ada.id, stage.ben.id, stage.chloe.id);
    assert_eq!(list(&format!("senderUserId={ada}")).await, [1, 3]);
    assert_eq!(list(&format!("senderUserId={ada}&senderUserId={chloe}")).await, [1, 3, 4]);
    assert_eq!(list("senderUserId=null").await, [0; 0]);
    let at = |n: usize| sent[n]["sentAt"].as_str().unwrap().to_owned();
    let since = list(&format!("sentAt_min={}", at(2))).await;
    assert!(since.contains(&3) && since.ends_with(&[4, 5]), "{since:?}");
    assert!(list(&format!("sentAt_min={}&sentAt_max={}", at(1), at(1))).await.contains(&2));
    assert_eq!(list("sentAt_max=2020-01-01").await, [0; 0]);
    let _ = stage.read(&stage.ben, &group, json!({ "upToSeq": 1 })).await;
    let body = json!({ "readBy": ben });
    let path = format!("/v1/messages/{}", id(&sent[3]));
    assert_eq!(stage.app.patch(&path).by(&stage.ben).json(body).await.status, 200);
    assert_eq!(list(&format!("unreadBy={ben}")).await, [3], "neither read nor his own");
    let counted = stage.conversation(&stage.ben, &group).await["unreadCount"].as_i64().unwrap();
    assert_eq!(counted, 1, "the filter and the count agree");
    assert_eq!(list(&format!("unreadBy={}", stage.stranger.id)).await, [0; 0]);
    let newest =
        stage.messages(&stage.ada, &format!("conversationId={group}&unreadBy={chloe}&limit=2")).await;
    assert_eq!((seqs(&newest), &newest["paging"]["totalRowCount"]), (vec![3, 5], &json!(4)));
}

#[tokio::test]
async fn messages_of_several_conversations() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    for place in [&pair, &group, &pair] {
        stage.send(&stage.ada, place, "x").await;
    }
    let both = stage.messages(&stage.ben, &format!("conversationId={pair}&conversationId={group}")).await;
    assert_eq!((&both["rowCount"], &both["paging"]["totalRowCount"]), (&json!(3), &json!(3)));
    let mine = stage.messages(&stage.ben, &format!("senderUserId={}", stage.ben.id)).await;
    assert_eq!(mine["rowCount"], 0);
    let path = format!("/v1/messages?conversationId={pair}&conversationId={group}");
    stage.app.get(&path).by(&stage.chloe).await.refused(403, "errMsg_callerIsNotAParticipant");
    assert_eq!(stage.messages(&stage.ben, "conversationId=null").await["rowCount"], 0);
}
