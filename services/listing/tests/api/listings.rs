//! Making a listing, and what it looks like.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Stage, id};

/// All that an owner may say.
fn whole(ends: &str) -> Value {
    json!({
        "title": "Writing desk, oak", "description": "Two drawers.", "price": 120.5, "currency": "EUR",
        "attributes": { "colour": "brown", "legs": [1, 2, 3, 4] }, "categoryId": Uuid::from_u128(1),
        "subcategoryId": Uuid::from_u128(2), "locationId": Uuid::from_u128(3), "condition": "refurbished",
        "listingType": "rent", "status": "active", "contactEmail": "desks@example.com",
        "contactPhone": "+43 1 234 56 78", "expiresAt": ends,
    })
}

#[tokio::test]
async fn what_was_said_is_what_is_there() {
    let stage = Stage::set().await;
    let body = whole(&stage.in_minutes(60));
    let answer = stage.post(&stage.ada, body.clone()).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let answer = answer.expect(201);
    assert_eq!((&answer["dataName"], &answer["action"]), (&json!("listing"), &json!("create")));
    let made = &answer["listing"];
    for (field, value) in body.as_object().unwrap().iter().filter(|(field, _)| *field != "expiresAt") {
        assert_eq!(&made[field], value, "{field}");
    }
    for (field, index) in
        [("condition_idx", 2), ("listingType_idx", 1), ("status_idx", 1), ("premiumType_idx", 0)]
    {
        assert_eq!(made[field], index, "{field}");
    }
    let own = json!({
        "premiumType": "none", "isPremium": false, "premiumExpiry": null, "_paymentConfirmation": null,
        "favoriteCount": 0, "viewsCount": 0, "userId": stage.ada.id, "_owner": stage.ada.id, "isActive": true,
        "recordVersion": 1,
    });
    for (field, value) in own.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert!(made["expiresAt"].as_str().unwrap().ends_with('Z'), "{made}");
    assert_eq!(stage.get(&stage.ada, &id(made)).await.expect(200)["listing"], *made);
    assert_eq!(stage.list(&stage.ada, "").await["listings"], json!([made]), "the list shows the same");
}

#[tokio::test]
async fn a_title_is_enough() {
    let stage = Stage::set().await;
    let made = stage.post(&stage.ada, json!({ "title": " A desk " })).await.expect(201)["listing"].clone();
    assert_eq!(
        (&made["title"], &made["status"]),
        (&json!(" A desk "), &json!("draft")),
        "nothing is trimmed"
    );
    assert_eq!((&made["listingType"], &made["attributes"]), (&json!("sale"), &json!({})));
    for field in ["description", "price", "currency", "categoryId", "condition", "condition_idx", "expiresAt"]
    {
        assert_eq!(made[field], json!(null), "{field}");
    }
}

#[tokio::test]
async fn what_the_server_owns_is_checked_and_ignored() {
    let stage = Stage::set().await;
    let body = json!({
        "title": "A desk", "isPremium": true, "premiumType": "gold", "premiumExpiry": stage.in_minutes(5),
        "_paymentConfirmation": "paid", "viewsCount": 9, "favoriteCount": 9, "status_idx": 3, "userId": stage.ada.id,
        "id": "x", "isActive": false, "recordVersion": 7, "_owner": null, "createdAt": 0,
    });
    let made = stage.post(&stage.ada, body.clone()).await.expect(201)["listing"].clone();
    let changed = stage.patch(&stage.ada, &id(&made), body).await.expect(200)["listing"].clone();
    for row in [&made, &changed] {
        assert_eq!((&row["isPremium"], &row["premiumType"]), (&json!(false), &json!("none")));
        assert_eq!((&row["premiumExpiry"], &row["_paymentConfirmation"]), (&json!(null), &json!(null)));
        assert_eq!((&row["viewsCount"], &row["favoriteCount"]), (&json!(0), &json!(0)));
        assert_eq!((&row["status"], &row["recordVersion"]), (&json!("draft"), &json!(1)));
    }
}

#[tokio::test]
async fn a_listing_is_made_in_ones_own_name() {
    let stage = Stage::set().await;
    let body = json!({ "title": "A desk", "userId": stage.ada.id });
    stage.post(&stage.ben, body.clone()).await.refused(403, "errMsg_userIdIsNotTheCaller");
    let by_staff = stage.post(&stage.staff, body).await.expect(201);
    assert_eq!(by_staff["listing"]["userId"], json!(stage.staff.id), "ignored, for the staff too");
    let own = id(&stage.offer(&stage.ada, "A desk").await);
    let gift = stage.patch(&stage.ada, &own, json!({ "userId": stage.ben.id })).await;
    gift.refused(403, "errMsg_userIdIsNotTheCaller");
}

#[tokio::test]
async fn zero_is_a_price_without_a_sign_and_text_keeps_its_characters() {
    let stage = Stage::set().await;
    let body = r#"{"title":"Ⓐ <b>desk</b> 🪑 ' \" \\ ","price":-0.0,"attributes":{"ş":"'; --","n":1e300}}"#;
    let made = stage.app.post("/v1/listings").by(&stage.ada).raw(body).await;
    assert!(made.text.contains(r#""price":0.0"#), "{}", made.text);
    let made = made.expect(201)["listing"].clone();
    assert_eq!(made["title"], "Ⓐ <b>desk</b> 🪑 ' \" \\ ");
    assert_eq!(stage.get(&stage.ada, &id(&made)).await.expect(200)["listing"], made);
}

#[tokio::test]
async fn what_is_made_is_told() {
    let stage = Stage::set().await;
    let body = whole(&stage.in_minutes(60));
    let post = stage.app.post("/v1/listings").by(&stage.ada).header("X-Request-Id", "walk-1").json(body);
    let made = post.await.expect(201)["listing"].clone();
    let [told] = <[Value; 1]>::try_from(stage.told()).unwrap();
    assert_eq!((&told["type"], &told["requestId"]), (&json!("listing-created"), &json!("walk-1")));
    assert_eq!(
        (&told["subject"], &told["recipients"]),
        (&made["id"], &json!([format!("user:{}", stage.ada.id)]))
    );
    for (field, value) in told["data"]["listing"].as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    let opened: events::Event<events::listing::ListingCreated> = serde_json::from_value(told).unwrap();
    let opened = opened.data.listing;
    assert_eq!((opened.price, opened.status), (Some(120.5), events::listing::Status::Active));
}
