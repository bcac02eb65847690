//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use conversation::Conversation;
use kit::openapi::document;
use serde_json::{Value, json};

use crate::stage::{NOWHERE, Stage, boot, id, listing};

#[derive(Debug, Clone, Copy)]
enum By {
    Sender,
    Receiver,
    Stranger,
    Staff,
    Nobody,
}

const EVERYBODY: [By; 5] = [By::Sender, By::Receiver, By::Stranger, By::Staff, By::Nobody];

/// A route, with a body, and what each of [`EVERYBODY`] may expect. `{listingId}`, `{conversationThreadId}` and
/// `{conversationMessageId}` stand for what [`arrange`] makes: the sender's message to the receiver.
type Row = (&'static str, &'static str, Value, [u16; 5]);

const SEEN: [u16; 5] = [200, 200, 403, 200, 401];
const STAFF: [u16; 5] = [403, 403, 403, 200, 401];
const ANY: [u16; 5] = [200, 200, 200, 200, 401];

fn rows(stage: &Stage) -> Vec<Row> {
    let open = json!({ "listingId": "{listingId}", "senderId": stage.ben.id, "receiverId": stage.ada.id });
    let send = json!({ "conversationThreadId": "{conversationThreadId}", "content": "x" });
    let none = json!(null);
    vec![
        ("POST /v1/conversationthreads", "", open, [201, 201, 403, 403, 401]),
        ("GET /v1/conversationthreads", "", none.clone(), ANY),
        ("GET /v1/conversationthreads", "?search=bicycle", none.clone(), STAFF),
        ("GET /v1/conversationthreads/{conversationThreadId}", "", none.clone(), SEEN),
        (
            "POST /v1/conversationthreads/{conversationThreadId}/read",
            "",
            json!({}),
            [200, 200, 403, 403, 401],
        ),
        ("POST /v1/conversationmessages", "", send, [201, 201, 403, 403, 401]),
        ("GET /v1/conversationmessages/{conversationMessageId}", "", none.clone(), SEEN),
        (
            "GET /v1/conversationmessages/{conversationMessageId}",
            "?includeInactive=true",
            none.clone(),
            STAFF,
        ),
        ("DELETE /v1/conversationmessages/{conversationMessageId}", "", none.clone(), STAFF),
        ("POST /v1/conversationmessages/{conversationMessageId}/restore", "", none.clone(), STAFF),
        ("GET /v1/listconversationmessages/{conversationThreadId}", "", none.clone(), SEEN),
        (
            "GET /v1/listconversationmessages/{conversationThreadId}",
            "?includeInactive=true",
            none.clone(),
            STAFF,
        ),
        ("PATCH /v1/markmessageasread/{conversationMessageId}", "", json!({}), [403, 200, 403, 403, 401]),
        ("GET /v1/moderationlog", "", none.clone(), STAFF),
        ("GET /v1/_fetchlistconversationmessage", "", none.clone(), ANY),
        ("GET /v1/_fetchlistconversationthread", "", none.clone(), ANY),
        // For services only: see states.rs.
        ("GET /v1/conversationthreadstates", "", none, [401; 5]),
    ]
}

/// A thread of its own for each try, and a listing that has none yet.
async fn arrange(stage: &Stage) -> [String; 3] {
    let [fresh, other] = ["Fresh", "Other"].map(|title| listing(stage.ada.id, title));
    stage.keep(&fresh).await;
    stage.keep(&other).await;
    let thread = id(&stage.open(&stage.ben, &stage.ada, &other).await.expect(201)["conversationThread"]);
    let message = id(&stage.send(&stage.ben, &thread, "x").await);
    [fresh.id.to_string(), thread, message]
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    let rows = rows(&stage);
    for (route, query, body, expected) in &rows {
        for (by, expected) in EVERYBODY.iter().zip(expected) {
            let [listing, thread, message] = arrange(&stage).await;
            let fill = |text: &str| {
                let text = text.replace("{listingId}", &listing).replace("{conversationThreadId}", &thread);
                text.replace("{conversationMessageId}", &message)
            };
            let (method, path) = route.split_once(' ').unwrap();
            let ask = stage.app.ask(method.parse().unwrap(), &fill(&format!("{path}{query}")));
            let ask = if body.is_null() { ask } else { ask.raw(fill(&body.to_string())) };
            let reply = match by {
                By::Sender => ask.by(&stage.ben).await,
                By::Receiver => ask.by(&stage.ada).await,
                By::Stranger => ask.by(&stage.stranger).await,
                By::Staff => ask.by(&stage.staff).await,
                By::Nobody => ask.await,
            };
            assert_eq!(reply.status, *expected, "{route}{query} by {by:?}: {}", reply.text);
        }
    }
    let tried: BTreeSet<String> = rows.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(tried, routes(), "each route of the OpenAPI has a row, and each row a route");
}

fn routes() -> BTreeSet<String> {
    let json = serde_json::to_value(document::<Conversation>()).unwrap();
    let paths = json["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect::<Vec<_>>()
    };
    paths
        .iter()
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .collect()
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    testing::described(&boot(NOWHERE, NOWHERE).await).await;
}

#[tokio::test]
async fn lists_hold_nothing_of_others() {
    let stage = Stage::set().await;
    let thread = stage.thread().await;
    stage.send(&stage.ben, &thread, "between us").await;
    for path in
        ["/v1/conversationthreads", "/v1/_fetchlistconversationthread", "/v1/_fetchlistconversationmessage"]
    {
        let mine = stage.app.get(path).by(&stage.ben).await.expect(200);
        assert_eq!((&mine["rowCount"], &mine["paging"]["totalRowCount"]), (&json!(1), &json!(1)), "{path}");
        let filtered = format!("{path}?participantId={}&senderId={}", stage.ben.id, stage.ben.id);
        for path in [path, &filtered] {
            let others = stage.app.get(path).by(&stage.stranger).await.expect(200);
            assert_eq!(
                (&others["rowCount"], &others["paging"]["totalRowCount"]),
                (&json!(0), &json!(0)),
                "{path}"
            );
        }
        let all = stage.app.get(path).by(&stage.staff).await.expect(200);
        assert_eq!(all["rowCount"], 1, "{path}");
    }
}
