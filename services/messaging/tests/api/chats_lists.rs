//! The compact dialect's two lists: by `skip` and `limit`, and from part to part.

use serde_json::{Value, json};

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn chats_show_the_other_or_the_group() {
    let stage = Stage::set().await;
    let (pair, club) = (stage.pair().await, stage.club().await);
    stage.send(&stage.ada, &pair, "one").await;
    stage.send(&stage.ada, &pair, "two").await;
    let list = stage.chats(&stage.ben, "").await;
    assert_eq!(list["code"], 200);
    assert_eq!(list["meta"], json!({ "limit": 25, "skip": 0, "total": 2, "nextCursor": null }));
    let private = &list["chats"][0];
    assert_eq!((&private["id"], &private["chatId"]), (&json!(pair), &json!(pair)));
    assert_eq!(
        (&private["type"], &private["name"], &private["unRead"]),
        (&json!(1), &json!("Ada"), &json!(2))
    );
    let newest = &private["lastMessage"];
    assert_eq!(
        (&newest["content"], &newest["seq"], &newest["type"]),
        (&json!("two"), &json!(2), &json!("text"))
    );
    assert_eq!(newest["senderId"], json!(stage.ada.id));
    let group = &list["chats"][1];
    assert_eq!((&group["type"], &group["groupId"]), (&json!(2), &json!(club)));
    assert_eq!(
        (&group["name"], &group["lastMessage"], &group["unRead"]),
        (&json!("Club"), &json!(null), &json!(0))
    );
    assert_eq!(stage.chats(&stage.ada, "").await["chats"][0]["name"], "Ben");
}

#[tokio::test]
async fn chats_by_skip_and_by_cursor_are_the_same() {
    let stage = Stage::set().await;
    for _ in 0..5 {
        let club = stage.club().await;
        stage.send(&stage.ben, &club, "x").await;
    }
    let ids = |list: &Value| -> Vec<String> { list["chats"].as_array().unwrap().iter().map(id).collect() };
    let all = ids(&stage.chats(&stage.ada, "").await);
    assert_eq!(all.len(), 5);
    let skipped = stage.chats(&stage.ada, "skip=2&limit=2").await;
    assert_eq!(ids(&skipped), all[2..4]);
    assert_eq!((&skipped["meta"]["skip"], &skipped["meta"]["total"]), (&json!(2), &json!(5)));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let part = stage.chats(&stage.ada, &format!("limit=2&cursor={cursor}")).await;
        found.extend(ids(&part));
        assert_eq!(part["meta"]["total"], 5);
        part["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
    }
    assert_eq!((found, cursor.as_str()), (all, ""));
    let beyond = stage.chats(&stage.ada, "skip=1000000000").await;
    assert_eq!((ids(&beyond).len(), &beyond["meta"]["total"]), (0, &json!(5)));
}

/// Nine messages of Ada's, of which Ben hid the third and Ada deleted the seventh.
async fn history_with_gaps(stage: &Stage) -> (String, Vec<Value>) {
    let pair = stage.pair().await;
    let mut sent = Vec::new();
    for n in 1..=9 {
        sent.push(stage.send(&stage.ada, &pair, &n.to_string()).await);
    }
    let path = |n: usize| format!("/v1/messages/{}", id(&sent[n - 1]));
    let _ = stage
        .app
        .patch(&path(3))
        .by(&stage.ben)
        .json(json!({ "deletedFor": stage.ben.id }))
        .await
        .expect(200);
    let _ = stage.app.delete(&path(7)).by(&stage.ada).await.expect(200);
    (pair, sent)
}

#[tokio::test]
async fn messages_ascend_and_skip_counts_from_the_newest() {
    let stage = Stage::set().await;
    let pair = stage.pair().await;
    for n in 1..=9 {
        stage.send(&stage.ada, &pair, &n.to_string()).await;
    }
    let cases = [
        ("", vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("limit=3", vec![7, 8, 9]),
        ("limit=3&skip=2", vec![5, 6, 7]),
        ("limit=3&skip=8", vec![1]),
        ("skip=9", vec![]),
        ("skip=1000000000", vec![]),
        ("skip=9223372036854775807", vec![]),
        ("limit=2&cursor=5", vec![3, 4]),
        ("cursor=1", vec![]),
        ("cursor=0", vec![]),
    ];
    for (query, expected) in cases {
        let list = stage.history(&stage.ben, &pair, query).await;
        assert_eq!((seqs(&list), &list["meta"]["total"]), (expected, &json!(9)), "{query}");
    }
    assert_eq!(stage.conversation(&stage.ben, &pair).await["unreadCount"], 9, "listing reads nothing");
}

#[tokio::test]
async fn what_is_gone_is_passed_over() {
    let stage = Stage::set().await;
    let (pair, _) = history_with_gaps(&stage).await;
    let cases = [
        ("limit=3", vec![6, 8, 9]),
        ("limit=3&skip=2", vec![4, 5, 6]),
        ("limit=3&skip=5", vec![1, 2]),
        ("skip=7", vec![]),
        ("limit=2&cursor=4", vec![1, 2]),
        ("limit=2&cursor=8", vec![5, 6]),
    ];
    for (query, expected) in cases {
        let list = stage.history(&stage.ben, &pair, query).await;
        assert_eq!((seqs(&list), &list["meta"]["total"]), (expected, &json!(7)), "{query}");
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = stage.history(&stage.ben, &pair, &format!("limit=2&cursor={cursor}")).await;
        found.splice(0..0, seqs(&part));
        match part["meta"]["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(found, [1, 2, 4, 5, 6, 8, 9]);
}

#[tokio::test]
async fn messages_between_two_moments() {
    let stage = Stage::set().await;
    let (pair, sent) = history_with_gaps(&stage).await;
    let at = |n: usize| sent[n - 1]["sentAt"].as_str().unwrap().to_owned();
    let millis = |n: usize| at(n).parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
    let expected: Vec<i64> = sent
        .iter()
        .filter(|message| (at(2)..=at(8)).contains(&message["sentAt"].as_str().unwrap().to_owned()))
        .map(|message| message["seq"].as_i64().unwrap())
        .filter(|seq| ![3, 7].contains(seq))
        .collect();
    let iso = stage.history(&stage.ben, &pair, &format!("startAt={}&endAt={}", at(2), at(8))).await;
    let epoch = stage.history(&stage.ben, &pair, &format!("startAt={}&endAt={}", millis(2), millis(8))).await;
    for list in [iso, epoch] {
        assert_eq!(seqs(&list), expected);
        assert_eq!(list["meta"]["total"], expected.len());
    }
    assert_eq!(seqs(&stage.history(&stage.ben, &pair, "endAt=2000-01-01T00:00:00Z").await), [0_i64; 0]);
    let path = format!("/chats/messages?chatId={pair}&startAt={}&endAt={}", at(8), millis(8) - 1);
    stage.app.get(&path).by(&stage.ben).await.refused(400, "errMsg_endAtIsNotValid");
}

#[tokio::test]
async fn parameters_may_stand_in_the_body_and_the_query_wins() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    for n in 1..=5 {
        stage.send(&stage.ada, &pair, &n.to_string()).await;
    }
    let ask = async |query: &str, body: Value| {
        let path = format!("/chats/messages{query}");
        stage.app.ask(reqwest::Method::GET, &path).by(&stage.ben).json(body).await
    };
    let body =
        json!({ "chatId": pair, "limit": 2, "skip": 1, "startAt": 0, "endAt": "9999-01-01T00:00:00Z" });
    assert_eq!(seqs(&ask("", body.clone()).await.expect(200)), [3, 4]);
    assert_eq!(seqs(&ask("?limit=1&skip=0", body.clone()).await.expect(200)), [5]);
    let contradicting = ask(&format!("?chatId={group}"), body).await.expect(200);
    assert_eq!(seqs(&contradicting), [0_i64; 0], "another chat than the body's");
    ask("", json!({ "chatId": "x" })).await.refused(400, "errMsg_chatIdIsNotAValidID");
    ask("", json!({ "chatId": pair, "limit": "2" })).await.refused(400, "errMsg_limitIsNotValid");
}
