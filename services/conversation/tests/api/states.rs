//! What other services are told when they ask.

use serde_json::json;

use crate::stage::{Stage, id, listing};

#[tokio::test]
async fn states_come_in_parts_that_hold_every_thread_once() {
    let stage = Stage::set().await;
    let service = stage.app.issuer.service("inbox");
    let mut threads = vec![stage.thread().await];
    for title in ["A table", "A chair"] {
        let about = listing(stage.ada.id, title);
        stage.keep(&about).await;
        let opened = stage.open(&stage.ben, &stage.ada, &about).await.expect(201);
        threads.push(id(&opened["conversationThread"]));
    }
    stage.send(&stage.ben, &threads[0], "Is it still there?").await;
    threads.sort();
    let (mut met, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/conversationthreadstates?limit=2{after}");
        let part = stage.app.get(&path).token(&service).await.expect(200);
        for state in part["conversationThreadStates"].as_array().unwrap() {
            met.push(id(&state["thread"]));
            assert_eq!(state["members"].as_array().unwrap().len(), 2);
            let is_first = state["lastSeq"] == 1;
            assert_eq!(state["lastMessage"].is_null(), !is_first);
        }
        match part["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(met, threads);
    let path = format!("/v1/conversationthreadstates?id={}", threads[1]);
    let one = stage.app.get(&path).token(&service).await.expect(200);
    assert_eq!(
        (&one["rowCount"], id(&one["conversationThreadStates"][0]["thread"])),
        (&json!(1), threads[1].clone())
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let stage = Stage::set().await;
    let service = stage.app.issuer.service("inbox");
    for (query, message) in [
        ("limit=501", "errMsg_limitIsNotValid"),
        ("after=x", "errMsg_afterIsNotAValidID"),
        ("id=x", "errMsg_idIsNotAValidID"),
    ] {
        let path = format!("/v1/conversationthreadstates?{query}");
        stage.app.get(&path).token(&service).await.refused(400, message);
    }
}
