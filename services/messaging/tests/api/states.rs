//! What other services are told when they ask, and whether the events come to the same.

use serde_json::{Value, json};
use testing::{Follower, Person};

use crate::stage::{Stage, id};

impl Stage {
    /// A part of the states, as another service gets it.
    async fn states(&self, query: &str) -> Value {
        let service = self.app.issuer.service("inbox");
        self.app.get(&format!("/v1/conversationstates?{query}")).token(&service).await.expect(200)
    }

    async fn state(&self, conversation: &str) -> Value {
        self.states(&format!("id={conversation}")).await["conversationStates"][0].clone()
    }

    /// What somebody knows who heard all events, in the wrong order and repeatedly.
    fn heard(&self) -> Follower {
        Follower::of_shuffled(&self.told(), 3)
    }

    async fn hide(&self, by: &Person, conversation: &str) {
        let path = format!("/v1/conversations/{conversation}?scope=me");
        assert_eq!(self.app.delete(&path).by(by).await.expect(200)["effect"], "hidden");
    }
}

#[tokio::test]
async fn hiding_and_showing_again_have_an_order() {
    let stage = Stage::set().await;
    let (pair, ada) = (stage.pair().await, stage.ada.id.to_string());
    stage.send(&stage.ben, &pair, "x").await;
    stage.hide(&stage.ada, &pair).await;
    assert!(!stage.heard().is_shown_to(&ada));
    assert_eq!(stage.told_last("conversation-hidden")["data"]["member"]["hiddenSeq"], 1);
    stage.pair_again().await;
    assert!(stage.heard().is_shown_to(&ada));
    stage.hide(&stage.ada, &pair).await;
    assert!(!stage.heard().is_shown_to(&ada));
    stage.send(&stage.ada, &pair, "y").await;
    assert!(stage.heard().is_shown_to(&ada));
    let mut asked = Follower::default();
    asked.hear(&stage.state(&pair).await);
    assert!(asked.is_shown_to(&ada));
    assert_eq!((asked.unread(&ada), asked.member(&ada)), (1, stage.heard().member(&ada)));
}

#[tokio::test]
async fn a_deleted_pair_that_begins_anew() {
    let stage = Stage::set().await;
    let (pair, ben) = (stage.pair().await, stage.ben.id.to_string());
    stage.send(&stage.ada, &pair, "x").await;
    drop(stage.app.delete(&format!("/v1/conversations/{pair}")).by(&stage.ada).await.expect(200));
    let gone = stage.heard();
    assert!(!gone.is_shown_to(&ben) && gone.conversation()["isActive"] == false);
    let mut asked = Follower::default();
    asked.hear(&stage.state(&pair).await);
    assert!(!asked.is_shown_to(&ben));
    assert_eq!(stage.pair().await, pair);
    let anew = stage.heard();
    assert!(anew.is_shown_to(&ben) && anew.conversation()["isActive"] == true);
    assert_eq!((anew.unread(&ben), anew.last_message(&ben)), (0, &Value::Null));
    stage.send(&stage.ada, &pair, "y").await;
    let anew = stage.heard();
    assert_eq!((anew.unread(&ben), &anew.last_message(&ben)["content"]), (1, &json!("y")));
}

#[tokio::test]
async fn a_removed_member_who_comes_back() {
    let stage = Stage::set().await;
    let (group, chloe) = (stage.group().await, stage.chloe.id.to_string());
    let [with, without] =
        [vec![&stage.ada, &stage.ben, &stage.dora, &stage.chloe], vec![&stage.ada, &stage.ben, &stage.dora]];
    stage.send(&stage.ada, &group, "x").await;
    drop(stage.set_members(&stage.ada, &group, &without).await.expect(200));
    assert!(!stage.heard().is_shown_to(&chloe));
    stage.send(&stage.ada, &group, "y").await;
    drop(stage.set_members(&stage.ada, &group, &with).await.expect(200));
    let back = stage.heard();
    assert!(back.is_shown_to(&chloe));
    assert_eq!((back.unread(&chloe), back.last_message(&chloe)), (0, &Value::Null));
    assert_eq!(back.conversation()["participantIds"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn the_newest_is_deleted_for_one_then_an_older_one_for_all() {
    let stage = Stage::set().await;
    let (pair, ben) = (stage.pair().await, stage.ben.id.to_string());
    for said in ["one", "two", "three"] {
        stage.send(&stage.ada, &pair, said).await;
    }
    let messages = stage.messages(&stage.ben, &format!("conversationId={pair}")).await["messages"].clone();
    let path = |number: usize| format!("/v1/messages/{}", id(&messages[number]));
    let known = |stage: &Stage| stage.heard().last_message(&ben)["content"].clone();
    drop(stage.app.delete(&path(2)).by(&stage.ben).await.expect(200));
    assert_eq!(known(&stage), "two");
    drop(stage.app.patch(&path(1)).by(&stage.ada).json(json!({ "content": "zwei" })).await.expect(200));
    assert_eq!(known(&stage), "zwei");
    drop(stage.app.delete(&path(1)).by(&stage.ada).await.expect(200));
    assert_eq!(known(&stage), "one");
    assert_eq!(stage.heard().last_message(&stage.ada.id.to_string())["content"], "three");
    let mut asked = Follower::default();
    asked.hear(&stage.state(&pair).await);
    assert_eq!(asked.last_message(&ben)["content"], "one");
}

#[tokio::test]
async fn states_come_in_parts_that_hold_everybody_once() {
    let stage = Stage::set().await;
    let (pair, group) = (stage.pair().await, stage.group().await);
    let (mut met, mut after) = (Vec::new(), String::new());
    loop {
        let part = stage.states(&format!("limit=2{after}")).await;
        for state in part["conversationStates"].as_array().unwrap() {
            let of = id(&state["conversation"]);
            met.extend(
                state["members"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| (of.clone(), one["userId"].to_string())),
            );
        }
        match part["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let in_order = met.clone();
    met.sort();
    met.dedup();
    assert_eq!((met.len(), &met), (5, &in_order));
    let only = stage.states(&format!("id={group}")).await;
    assert_eq!((&only["rowCount"], id(&only["conversationStates"][0]["conversation"])), (&json!(1), group));
    assert_ne!(pair, id(&only["conversationStates"][0]["conversation"]));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let stage = Stage::set().await;
    let service = stage.app.issuer.service("inbox");
    for (query, message) in [
        ("limit=0", "errMsg_limitIsNotValid"),
        ("limit=1001", "errMsg_limitIsNotValid"),
        ("after=x", "errMsg_afterIsNotValid"),
        ("id=x", "errMsg_idIsNotAValidID"),
    ] {
        let path = format!("/v1/conversationstates?{query}");
        stage.app.get(&path).token(&service).await.refused(400, message);
    }
}
