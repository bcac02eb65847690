//! What is wrong is refused, and named.

use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[tokio::test]
async fn bodies_are_checked_field_by_field() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let (ada, ben) = (stage.ada.id, stage.ben.id);
    let good = json!({ "conversationThreadId": thread, "content": "x" });
    let cases = [
        ("content", json!(null), "errMsg_contentIsRequired"),
        ("content", json!(" \n"), "errMsg_contentIsRequired"),
        ("content", json!(7), "errMsg_contentIsNotAValidText"),
        ("content", json!("a\u{0}b"), "errMsg_contentIsNotAValidText"),
        ("content", json!("x".repeat(10_001)), "errMsg_contentIsTooLong"),
        ("content", json!("<p></p>"), "errMsg_contentIsMarkupOnly"),
        ("conversationThreadId", json!("x"), "errMsg_conversationThreadIdIsNotAValidID"),
        ("conversationThreadId", json!(null), "errMsg_conversationThreadIdIsRequired"),
        ("isRead", json!("yes"), "errMsg_isReadIsNotAValidBoolean"),
        ("readAt", json!("2026-02-30T00:00:00Z"), "errMsg_readAtIsNotAValidDate"),
        ("sentAt", json!(12), "errMsg_sentAtIsNotAValidDate"),
        ("receiverId", json!(ben), "errMsg_receiverIdIsNotTheOther"),
        ("receiverId", json!(stage.stranger.id), "errMsg_receiverIdIsNotTheOther"),
        ("receiverId", json!("x"), "errMsg_receiverIdIsNotAValidID"),
        ("clientMessageId", json!("x".repeat(1_000_000)), "errMsg_clientMessageIdIsTooLong"),
    ];
    for (field, value, message) in cases {
        let mut body = good.clone();
        body[field] = value;
        let reply = stage.app.post("/v1/conversationmessages").by(&stage.ben).json(body).await;
        reply.refused(400, message);
    }
    let foreign = json!({ "conversationThreadId": thread, "content": "x", "senderId": ada });
    let reply = stage.app.post("/v1/conversationmessages").by(&stage.ben).json(foreign).await;
    reply.refused(403, "errMsg_senderIdIsNotTheCaller");
    let nowhere = json!({ "conversationThreadId": ada, "content": "x" });
    let reply = stage.app.post("/v1/conversationmessages").by(&stage.ben).json(nowhere).await;
    reply.refused(404, "errMsg_conversationThreadIsNotFound");
    assert_eq!(stage.told("message-created"), Vec::<Value>::new());
}

#[tokio::test]
async fn opening_needs_a_listing_and_another() {
    let stage = Stage::set().await;
    let (listing, ada) = (stage.bicycle.id, stage.ada.id);
    let open = async |body| stage.app.post("/v1/conversationthreads").by(&stage.ben).json(body).await;
    open(json!({ "receiverId": ada })).await.refused(400, "errMsg_listingIdIsRequired");
    open(json!({ "listingId": listing })).await.refused(400, "errMsg_receiverIdIsRequired");
    open(json!({ "listingId": "x", "receiverId": ada })).await.refused(400, "errMsg_listingIdIsNotAValidID");
    let date = json!({ "listingId": listing, "receiverId": ada, "lastMessageAt": "soon" });
    open(date).await.refused(400, "errMsg_lastMessageAtIsNotAValidDate");
}

#[tokio::test]
async fn paths_and_queries_are_checked() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = id(&stage.send(&stage.ben, &thread, "x").await);
    let get = async |path: String| stage.app.get(&path).by(&stage.ada).await;
    let list = format!("/v1/listconversationmessages/{thread}");
    get(format!("{list}?conversationThreadId={message}"))
        .await
        .refused(400, "errMsg_conversationThreadIdDiffers");
    get(format!("{list}?pageNumber=-1")).await.refused(400, "errMsg_pageNumberIsNotValid");
    get(format!("{list}?beforeSeq=99999999999999999999")).await.refused(400, "errMsg_beforeSeqIsNotValid");
    get(format!("{list}?includeInactive=perhaps"))
        .await
        .refused(400, "errMsg_includeInactiveIsNotAValidBoolean");
    get(format!("{list}?includeInactive=true")).await.refused(403, "errMsg_callerIsNotStaff");
    let none = format!("/v1/listconversationmessages/{message}");
    get(none).await.refused(404, "errMsg_conversationThreadIsNotFound");
    get("/v1/conversationthreads/x".into()).await.refused(400, "errMsg_conversationThreadIdIsNotAValidID");
    get("/v1/conversationmessages/x".into()).await.refused(400, "errMsg_conversationMessageIdIsNotAValidID");
    get("/v1/conversationthreads?listingId=x".into()).await.refused(400, "errMsg_listingIdIsNotAValidID");
    get("/v1/_fetchlistconversationmessage?sentAt=soon".into())
        .await
        .refused(400, "errMsg_sentAtIsNotAValidDate");
    get("/v1/_fetchlistconversationmessage?pageRowCount=201".into())
        .await
        .refused(400, "errMsg_pageRowCountIsNotValid");
    let read = async |body: Value| {
        stage.app.post(&format!("/v1/conversationthreads/{thread}/read")).by(&stage.ada).json(body).await
    };
    read(json!({ "upToSeq": -1 })).await.refused(400, "errMsg_upToSeqIsNotValid");
    let long = format!("/v1/conversationmessages/{message}?reason={}", "x".repeat(501));
    stage.app.delete(&long).by(&stage.staff).await.refused(400, "errMsg_reasonIsTooLong");
    let nul = format!("/v1/conversationmessages/{message}?reason=a%00b");
    stage.app.delete(&nul).by(&stage.staff).await.refused(400, "errMsg_reasonIsNotAValidText");
    let search = "/v1/conversationthreads?search=a%00b";
    stage.app.get(search).by(&stage.staff).await.refused(400, "errMsg_searchIsNotAValidText");
}
