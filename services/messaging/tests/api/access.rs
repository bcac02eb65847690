//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use kit::openapi::document;
use messaging::Messaging;
use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[derive(Debug, Clone, Copy)]
enum By {
    Owner,
    Member,
    FormerMember,
    Stranger,
    Staff,
    Nobody,
}

const EVERYBODY: [By; 6] = [By::Owner, By::Member, By::FormerMember, By::Stranger, By::Staff, By::Nobody];

/// A route, with a body, and what each of [`EVERYBODY`] may expect. `{conversationId}` and `{messageId}` in the query or
/// the body stand for a group of owner, member and others, and for a message of the owner's.
type Row = (&'static str, &'static str, Value, [u16; 6]);

const MEMBERS: [u16; 6] = [200, 200, 403, 403, 403, 401];

fn rows(stage: &Stage) -> Vec<Row> {
    let everybody = [stage.ada.id, stage.ben.id, stage.chloe.id, stage.stranger.id];
    let mut without = everybody.to_vec();
    without.retain(|id| *id != stage.ben.id);
    let open = json!({ "isGroup": true, "participantIds": [stage.ada.id, stage.ben.id, stage.dora.id] });
    let send = json!({ "conversationId": "{conversationId}", "content": "x" });
    let none = json!(null);
    vec![
        ("POST /v1/conversations", "", open, [201, 201, 403, 403, 403, 401]),
        ("GET /v1/conversations", "", none.clone(), [200, 200, 200, 200, 200, 401]),
        ("GET /v1/conversations/{conversationId}", "", none.clone(), MEMBERS),
        ("PATCH /v1/conversations/{conversationId}", "", json!({ "participantIds": without }), MEMBERS),
        ("DELETE /v1/conversations/{conversationId}", "", none.clone(), MEMBERS),
        ("DELETE /v1/conversations/{conversationId}", "?scope=me", none.clone(), MEMBERS),
        ("POST /v1/conversations/{conversationId}/read", "", json!({}), MEMBERS),
        ("POST /v1/messages", "", send, [201, 201, 403, 403, 403, 401]),
        ("GET /v1/messages", "?conversationId={conversationId}", none.clone(), MEMBERS),
        ("GET /v1/messages", "", none.clone(), [200, 200, 200, 200, 200, 401]),
        ("GET /v1/messages/{messageId}", "", none.clone(), MEMBERS),
        ("PATCH /v1/messages/{messageId}", "", json!({ "content": "y" }), [200, 403, 403, 403, 403, 401]),
        ("PATCH /v1/messages/{messageId}", "", json!({}), MEMBERS),
        ("DELETE /v1/messages/{messageId}", "", none.clone(), MEMBERS),
        // For services only: see states.rs.
        ("GET /v1/conversationstates", "", none, [401; 6]),
    ]
}

/// The compact dialect answers 200 to whatever went well.
fn rows_of_chats(stage: &Stage) -> Vec<Row> {
    let hello = json!({ "type": "text", "content": "x" });
    let (emil, newcomer) = (stage.emil.id, stage.stranger.id);
    let others = json!([stage.ben.id, stage.dora.id, stage.chloe.id]);
    let none = json!(null);
    let all = [200, 200, 200, 200, 200, 401];
    vec![
        ("POST /chats/messages", "", json!({ "chatId": "{conversationId}", "message": hello }), MEMBERS),
        ("POST /chats/messages", "", json!({ "groupUUID": "{conversationId}", "message": hello }), MEMBERS),
        ("POST /chats/messages", "", json!({ "userUUID": emil, "message": hello }), all),
        ("POST /chats/messages", "", json!({ "userUUIDs": others, "message": hello }), all),
        ("GET /chats/messages", "?chatId={conversationId}", none.clone(), MEMBERS),
        ("GET /chats", "", none.clone(), all),
        ("POST /chats/groups", "", json!({ "users": others }), all),
        ("GET /chats/groups/{groupId}", "", none.clone(), MEMBERS),
        ("PATCH /chats/groups/{groupId}", "", json!({ "name": "x" }), MEMBERS),
        ("POST /chats/groups/{groupId}/users", "", json!({ "users": [newcomer] }), MEMBERS),
        ("DELETE /chats/groups/{groupId}/users/{userId}", "", none.clone(), MEMBERS),
        ("PUT /chats/messages/{messageId}/reactions/{emoji}", "", none.clone(), MEMBERS),
        ("DELETE /chats/messages/{messageId}/reactions/{emoji}", "", none, MEMBERS),
    ]
}

/// A group of its own for each try, since some tries end it. Chloe was in it.
async fn arrange(stage: &Stage) -> (String, String) {
    let everybody = [&stage.ada, &stage.ben, &stage.chloe, &stage.dora, &stage.emil];
    let group = id(&stage.open(&stage.ada, true, &everybody).await.expect(201)["conversation"]);
    let message = id(&stage.send(&stage.ada, &group, "x").await);
    let left = stage.app.delete(&format!("/v1/conversations/{group}")).by(&stage.chloe).await.expect(200);
    assert_eq!(left["effect"], "left");
    (group, message)
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    let staff = stage.app.staff();
    stage.introduce(staff.id, "Mo").await;
    let rows = [rows(&stage), rows_of_chats(&stage)].concat();
    for (route, query, body, expected) in &rows {
        for (by, expected) in EVERYBODY.iter().zip(expected) {
            let (group, message) = arrange(&stage).await;
            let user = stage.dora.id.to_string();
            let values = [
                ("{conversationId}", group.as_str()),
                ("{groupId}", &group),
                ("{messageId}", &message),
                ("{userId}", &user),
                ("{emoji}", "👍"),
            ];
            let fill = |text: &str| {
                values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
            };
            let (method, path) = route.split_once(' ').unwrap();
            let ask = stage.app.ask(method.parse().unwrap(), &fill(&format!("{path}{query}")));
            let ask = if body.is_null() { ask } else { ask.raw(fill(&body.to_string())) };
            let reply = match by {
                By::Owner => ask.by(&stage.ada).await,
                By::Member => ask.by(&stage.ben).await,
                By::FormerMember => ask.by(&stage.chloe).await,
                By::Stranger => ask.by(&stage.stranger).await,
                By::Staff => ask.by(&staff).await,
                By::Nobody => ask.await,
            };
            assert_eq!(reply.status, *expected, "{route}{query} by {by:?}: {}", reply.text);
        }
    }
    let tried: BTreeSet<String> = rows.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(tried, routes(), "each route of the OpenAPI has a row, and each row a route");
}

fn routes() -> BTreeSet<String> {
    let json = serde_json::to_value(document::<Messaging>()).unwrap();
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
    testing::described(&crate::stage::boot().await).await;
}
