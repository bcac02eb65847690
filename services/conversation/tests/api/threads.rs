//! Threads: beginning one, and what is seen of it.

use serde_json::{Value, json};

use crate::stage::{Stage, id, listing};

#[tokio::test]
async fn a_thread_begins_between_a_buyer_and_the_owner() {
    let stage = Stage::set().await;
    let json = stage.open(&stage.ben, &stage.ada, &stage.bicycle).await.expect(201);
    let thread = &json["conversationThread"];
    assert_eq!((&json["statusCode"], &json["dataName"]), (&json!(201), &json!("conversationThread")));
    assert_eq!(thread["senderId"], json!(stage.ben.id));
    assert_eq!(thread["receiverId"], json!(stage.ada.id));
    assert_eq!(thread["_owner"], json!(stage.ben.id));
    assert_eq!(thread["lastMessageAt"], thread["createdAt"]);
    let listing =
        json!({ "status": "active", "status_idx": 1, "title": "A red bicycle", "userId": stage.ada.id });
    assert_eq!(thread["listing"], listing);
    assert_eq!(thread["otherUser"]["fullname"], "Ada");
    assert_eq!((&thread["lastMessage"], &thread["unreadCount"]), (&json!(null), &json!(0)));
    let [told] = stage.told("thread-created").try_into().unwrap();
    assert_eq!(told["data"]["thread"]["id"], thread["id"]);
    assert_eq!(told["recipients"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_two_have_one_thread_about_a_listing_whoever_asks() {
    let stage = Stage::set().await;
    let first = stage.open(&stage.ben, &stage.ada, &stage.bicycle).await.expect(201);
    for (by, with) in [(&stage.ada, &stage.ben), (&stage.ben, &stage.ada)] {
        let again = stage.open(by, with, &stage.bicycle).await.expect(200);
        assert_eq!(
            (&again["reused"], id(&again["conversationThread"])),
            (&json!(true), id(&first["conversationThread"]))
        );
    }
    let car = listing(stage.ada.id, "A car");
    stage.keep(&car).await;
    let other = stage.open(&stage.ben, &stage.ada, &car).await.expect(201);
    assert_ne!(id(&other["conversationThread"]), id(&first["conversationThread"]));
    assert_eq!(stage.told("thread-created").len(), 2);
}

#[tokio::test]
async fn the_owner_may_begin_and_the_caller_may_be_the_receiver() {
    let stage = Stage::set().await;
    let body = json!({ "listingId": stage.bicycle.id, "senderId": stage.ben.id, "receiverId": stage.ada.id });
    let json = stage.app.post("/v1/conversationthreads").by(&stage.ada).json(body).await.expect(201);
    assert_eq!(json["conversationThread"]["senderId"], json!(stage.ben.id));
    assert_eq!(json["conversationThread"]["otherUser"]["fullname"], "Ben");
}

#[tokio::test]
async fn who_may_not_begin_is_told_why() {
    let stage = Stage::set().await;
    let (ada, ben, sam) = (&stage.ada, &stage.ben, &stage.stranger);
    let begin = async |by, body: Value| stage.app.post("/v1/conversationthreads").by(by).json(body).await;
    let about = |sender, receiver| json!({ "listingId": stage.bicycle.id, "senderId": sender, "receiverId": receiver });
    begin(ben, about(ben.id, ben.id)).await.refused(400, "errMsg_receiverIdIsTheSender");
    begin(sam, about(ben.id, ada.id)).await.refused(403, "errMsg_callerIsNotOneOfThePair");
    begin(ben, about(ben.id, sam.id)).await.refused(403, "errMsg_listingIdIsAnothers");
    let unknown = json!({ "listingId": stage.ada.id, "receiverId": ada.id });
    begin(ben, unknown).await.refused(503, "errMsg_serviceIsUnavailable");
    for status in ["draft", "removed"] {
        let hidden = serde_json::to_value(listing(ada.id, "Hidden")).unwrap();
        let hidden = serde_json::from_value(with(hidden, "status", status)).unwrap();
        stage.keep(&hidden).await;
        stage.open(ben, ada, &hidden).await.refused(400, "errMsg_listingIdIsNotKnown");
    }
    stage.introduce(ada.id, "Ada", 2, false).await;
    stage.open(ben, ada, &stage.bicycle).await.refused(400, "errMsg_receiverIdIsNotKnown");
}

fn with(mut of: Value, field: &str, value: &str) -> Value {
    of[field] = json!(value);
    of
}

#[tokio::test]
async fn an_existing_thread_waits_for_no_directory() {
    let stage = Stage::set().await;
    stage.thread().await;
    stage.introduce(stage.ada.id, "Ada", 2, false).await;
    let json = stage.open(&stage.ben, &stage.ada, &stage.bicycle).await.expect(200);
    assert_eq!(json["reused"], true);
    let other = &json["conversationThread"]["otherUser"];
    assert_eq!((&other["fullname"], &other["avatar"]), (&json!("Deleted user"), &json!(null)));
}

#[tokio::test]
async fn lists_are_sorted_by_the_newest_message_and_carry_the_listing_as_a_list() {
    let stage = Stage::set().await;
    let first = stage.thread().await;
    let car = listing(stage.ada.id, "A car");
    stage.keep(&car).await;
    let second = id(&stage.open(&stage.ben, &stage.ada, &car).await.expect(201)["conversationThread"]);
    let ids = async || {
        let json = stage.app.get("/v1/conversationthreads").by(&stage.ada).await.expect(200);
        json["conversationThreads"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    stage.send(&stage.ben, &second, "one").await;
    stage.send(&stage.ben, &first, "two").await;
    assert_eq!(ids().await, [first.clone(), second.clone()]);
    stage.send(&stage.ben, &second, "three").await;
    assert_eq!(ids().await, [second.clone(), first]);
    let path = format!("/v1/conversationthreads?listingId={}", car.id);
    let json = stage.app.get(&path).by(&stage.ada).await.expect(200);
    assert_eq!(
        (json["rowCount"].as_u64(), json["filters"][0]["name"].as_str()),
        (Some(1), Some("listingId"))
    );
    let row = &json["conversationThreads"][0];
    assert_eq!(row["listing"][0]["title"], "A car");
    assert_eq!((&row["lastMessage"]["content"], &row["unreadCount"]), (&json!("three"), &json!(2)));
    let by_staff = stage.app.get(&path).by(&stage.staff).await.expect(200);
    let row = &by_staff["conversationThreads"][0];
    assert_eq!((&row["otherUser"], &row["unreadCount"]), (&json!(null), &json!(null)));
    let path = format!("/v1/conversationthreads?participantId={}", stage.stranger.id);
    assert_eq!(stage.app.get(&path).by(&stage.staff).await.expect(200)["rowCount"], 0);
}
