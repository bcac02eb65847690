//! Messages: sending, and what is stored and shown of them.

use serde_json::json;

use crate::stage::{Stage, id, seqs};

#[tokio::test]
async fn a_message_goes_to_the_other_one() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = stage.send(&stage.ben, &thread, "Is the bicycle still there?").await;
    assert_eq!((&message["seq"], &message["kind"]), (&json!(1), &json!("text")));
    assert_eq!(message["senderId"], json!(stage.ben.id));
    assert_eq!(message["receiverId"], json!(stage.ada.id));
    assert_eq!((&message["isRead"], &message["readAt"]), (&json!(false), &json!(null)));
    assert_eq!(message["_owner"], message["senderId"]);
    let seen = stage.see(&stage.ada, &thread).await;
    assert_eq!((&seen["unreadCount"], &seen["lastMessageAt"]), (&json!(1), &message["sentAt"]));
    assert_eq!(seen["lastMessage"]["content"], "Is the bicycle still there?");
    assert_eq!(stage.see(&stage.ben, &thread).await["unreadCount"], 0);
    let [told] = stage.told("message-created").try_into().unwrap();
    assert_eq!(told["data"]["message"]["id"], message["id"]);
    assert_eq!(told["data"]["members"][0]["userId"], json!(stage.ben.id));
}

#[tokio::test]
async fn markup_is_taken_out_and_plain_text_stays() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let content = async |text: &str| stage.send(&stage.ben, &thread, text).await["content"].clone();
    assert_eq!(content("<b>Hello</b><script>alert(1)</script> there").await, "Hello there");
    for plain in ["a < b", "AT&T", "I <3 it 👋🏽", "  two\n lines "] {
        assert_eq!(content(plain).await, plain);
    }
    stage
        .say(&stage.ben, &thread, "<img src=x onerror=alert(1)>")
        .await
        .refused(400, "errMsg_contentIsMarkupOnly");
}

#[tokio::test]
async fn a_client_message_id_says_it_once() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let say = async |by, content: &str| {
        let body = json!({ "conversationThreadId": thread, "content": content, "clientMessageId": "bubble" });
        stage.app.post("/v1/conversationmessages").by(by).json(body).await
    };
    let first = say(&stage.ben, "first").await.expect(201);
    let again = say(&stage.ben, "second").await.expect(200);
    assert_eq!(again["reused"], true);
    assert_eq!(again["conversationMessage"], first["conversationMessage"]);
    assert_eq!(say(&stage.ada, "another's").await.expect(201)["conversationMessage"]["seq"], 2);
}

#[tokio::test]
async fn an_idempotency_key_replays_the_answer() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let post = async || {
        let body = json!({ "conversationThreadId": thread, "content": "once" });
        let ask = stage.app.post("/v1/conversationmessages").by(&stage.ben).json(body);
        ask.header("Idempotency-Key", "k").await
    };
    let (first, second) = (post().await, post().await);
    assert_eq!((first.status, second.status, &first.text), (201, 201, &second.text));
    assert_eq!(second.header("Idempotency-Replayed"), "true");
    assert_eq!(stage.told("message-created").len(), 1);
}

#[tokio::test]
async fn a_history_is_listed_from_the_oldest_by_page_and_by_place() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    for n in 1..=30 {
        stage.send(&stage.ben, &thread, &n.to_string()).await;
    }
    let list = async |query: &str| stage.history(&stage.ada, &thread, query).await;
    let first = list("").await;
    assert_eq!(seqs(&first), (1..=25).collect::<Vec<_>>());
    assert_eq!(
        first["paging"],
        json!({ "pageNumber": 1, "pageRowCount": 25, "totalRowCount": 30, "pageCount": 2 })
    );
    assert_eq!(seqs(&list("pageNumber=2").await), [26, 27, 28, 29, 30]);
    assert_eq!(seqs(&list("limit=2").await), [29, 30]);
    assert_eq!(seqs(&list("beforeSeq=3").await), [1, 2]);
    assert_eq!(seqs(&list("afterSeq=10&limit=2").await), [11, 12]);
    assert_eq!(seqs(&list("aroundSeq=10&limit=3").await), [9, 10, 11]);
    assert_eq!(list("pageNumber=99").await["conversationMessages"], json!([]));
    assert_eq!(list(&format!("conversationThreadId={thread}")).await["rowCount"], 25);
}

#[tokio::test]
async fn a_message_is_got_by_its_id() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    let message = stage.send(&stage.ben, &thread, "hello").await;
    let path = format!("/v1/conversationmessages/{}", id(&message));
    let reply = stage.app.get(&path).by(&stage.ada).await;
    assert_eq!(reply.header("ETag"), "\"1\"");
    assert_eq!(reply.expect(200)["conversationMessage"], message);
    let nowhere = format!("/v1/conversationmessages/{thread}");
    stage.app.get(&nowhere).by(&stage.ada).await.refused(404, "errMsg_conversationMessageIsNotFound");
}
