//! Other services look listings up.

use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[tokio::test]
async fn a_service_finds_any_listing_by_its_id() {
    let stage = Stage::set().await;
    let mut ids = Vec::new();
    for status in ["draft", "active", "removed", "sold"] {
        let listing = id(&stage.offer(&stage.ada, status).await);
        let _ = stage.patch(&stage.staff, &listing, json!({ "status": status })).await.expect(200);
        ids.push(listing);
    }
    let _ = stage.delete(&stage.ada, &ids[1]).await.expect(200);
    let unknown = uuid::Uuid::from_u128(1).to_string();
    let service = stage.app.issuer.service("conversation");
    let query: Vec<String> = ids.iter().chain([&unknown]).map(|id| format!("id={id}")).collect();
    let path = format!("/v1/listings?pageRowCount=200&{}", query.join("&"));
    let found = stage.app.get(&path).token(&service).await.expect(200);
    assert_eq!((&found["rowCount"], &found["dataName"]), (&json!(4), &json!("listings")));
    let rows = found["listings"].as_array().unwrap();
    let active = |row: &&Value| row["isActive"] == false && row["id"] == ids[1];
    assert_eq!(rows.iter().filter(active).count(), 1, "deleted ones too");
    for row in rows {
        let shown = serde_json::from_value::<events::listing::Listing>(row.clone()).unwrap();
        assert_eq!(row["userId"], json!(shown.user_id), "it reads as the events do");
    }
    let draft = stage.app.get(&format!("/v1/listings/{}", ids[0])).token(&service).await.expect(200);
    assert_eq!(draft["listing"]["status"], "draft");
}

#[tokio::test]
async fn a_service_does_not_browse_and_asks_for_at_most_two_hundred() {
    let stage = Stage::set().await;
    let service = stage.app.issuer.service("conversation");
    let ask = async |query: &str| stage.app.get(&format!("/v1/listings{query}")).token(&service).await;
    ask("").await.refused(400, "errMsg_idIsRequired");
    ask("?search=desk").await.refused(400, "errMsg_idIsRequired");
    let many = format!("?{}", format!("id={}&", uuid::Uuid::from_u128(1)).repeat(201));
    ask(&many).await.refused(400, "errMsg_idIsNotValid");
    assert_eq!(ask(&many.replacen("id=", "x=", 1)).await.status, 200);
    let elsewhere = testing::Issuer::start().service("conversation");
    let reply = stage.app.get("/v1/listings").token(&elsewhere).await;
    reply.refused(401, "errMsg_userNotAuthenticated");
}
