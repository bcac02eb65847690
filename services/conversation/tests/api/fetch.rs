//! The lists with all that their rows refer to.

use serde_json::{Value, json};

use crate::stage::{Stage, listing, seqs};

#[tokio::test]
async fn threads_come_with_the_whole_listing_and_both_names() {
    let stage = Stage::set().await;
    stage.thread().await;
    let json = stage.app.get("/v1/_fetchlistconversationthread").by(&stage.ben).await.expect(200);
    let row = &json["conversationThreads"][0];
    assert_eq!(row["receiverUser"], json!([{ "fullname": "Ada" }]));
    assert_eq!(row["senderUser"], json!([{ "fullname": "Ben" }]));
    let whole = &row["listing"][0];
    let fields = [
        "attributes",
        "categoryId",
        "condition",
        "condition_idx",
        "contactEmail",
        "contactPhone",
        "currency",
        "description",
        "expiresAt",
        "favoriteCount",
        "isPremium",
        "listingType",
        "listingType_idx",
        "locationId",
        "_paymentConfirmation",
        "premiumExpiry",
        "premiumType",
        "premiumType_idx",
        "price",
        "status",
        "status_idx",
        "subcategoryId",
        "title",
        "userId",
        "viewsCount",
    ];
    for field in fields {
        assert!(whole.as_object().unwrap().contains_key(field), "{field} is missing");
    }
    assert_eq!((&whole["condition"], &whole["condition_idx"]), (&json!("used"), &json!(1)));
    assert_eq!((&whole["price"], &whole["_paymentConfirmation"]), (&json!(120.5), &json!(null)));
}

#[tokio::test]
async fn messages_come_with_their_thread_and_both_names() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = stage.send(&stage.ben, &thread, "hello").await;
    let json = stage.app.get("/v1/_fetchlistconversationmessage").by(&stage.ada).await.expect(200);
    let row = &json["conversationMessages"][0];
    assert_eq!((&row["id"], &row["content"]), (&message["id"], &json!("hello")));
    assert_eq!(
        (&row["receiverUser"], &row["senderUser"]),
        (&json!([{ "fullname": "Ada" }]), &json!([{ "fullname": "Ben" }]))
    );
    let expected = json!([{ "lastMessageAt": message["sentAt"], "listingId": stage.bicycle.id,
        "receiverId": stage.ada.id, "senderId": stage.ben.id }]);
    assert_eq!(row["thread"], expected);
}

#[tokio::test]
async fn messages_of_all_threads_are_listed_from_the_oldest() {
    let stage = Stage::set().await;
    let first = stage.thread().await;
    let car = listing(stage.ada.id, "A car");
    stage.keep(&car).await;
    let second =
        crate::stage::id(&stage.open(&stage.ben, &stage.ada, &car).await.expect(201)["conversationThread"]);
    for n in 0..3 {
        stage.send(&stage.ben, &first, &format!("a{n}")).await;
        stage.send(&stage.ada, &second, &format!("b{n}")).await;
    }
    let list = async |by, query: &str| {
        stage.app.get(&format!("/v1/_fetchlistconversationmessage?{query}")).by(by).await.expect(200)
    };
    let contents = |json: &Value| {
        let rows = json["conversationMessages"].as_array().unwrap();
        rows.iter().map(|row| row["content"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for by in [&stage.ada, &stage.staff] {
        let mut all = contents(&list(by, "").await);
        assert_eq!(list(by, "").await["paging"]["totalRowCount"], 6);
        let paged = list(by, "pageNumber=2&pageRowCount=4").await;
        assert_eq!(contents(&paged), all[4..]);
        all.sort();
        assert_eq!(all, ["a0", "a1", "a2", "b0", "b1", "b2"]);
        assert_eq!(seqs(&list(by, &format!("conversationThreadId={first}")).await), [1, 2, 3]);
        assert_eq!(list(by, &format!("senderId={}", stage.ada.id)).await["rowCount"], 3);
        assert_eq!(list(by, "isRead=true").await["rowCount"], 0);
        assert_eq!(list(by, "sentAt=$today&isRead=false").await["rowCount"], 6);
    }
}
