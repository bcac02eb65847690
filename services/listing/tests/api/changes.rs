//! Changing and deleting a listing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[tokio::test]
async fn what_is_absent_stays_and_null_takes_away() {
    let stage = Stage::set().await;
    let body = json!({
        "title": "A desk", "description": "Oak", "price": 5, "currency": "EUR", "attributes": { "a": 1 },
        "condition": "used", "contactPhone": "112", "status": "active", "expiresAt": stage.in_minutes(9),
    });
    let before = stage.post(&stage.ada, body).await.expect(201)["listing"].clone();
    stage.pass(TimeDelta::seconds(1));
    let reply = stage.patch(&stage.ada, &id(&before), json!({ "title": "A table", "price": 7.25 })).await;
    assert_eq!(reply.header("etag"), "\"2\"");
    let after = reply.expect(200)["listing"].clone();
    assert_eq!((&after["title"], &after["price"]), (&json!("A table"), &json!(7.25)));
    assert_eq!(
        (&after["description"], &after["attributes"]),
        (&before["description"], &before["attributes"])
    );
    assert!(
        after["updatedAt"].as_str() > before["updatedAt"].as_str()
            && after["createdAt"] == before["createdAt"]
    );
    let nothing = json!({
        "description": null, "price": null, "currency": null, "attributes": null, "condition": null,
        "contactPhone": null, "expiresAt": null, "status": null, "listingType": null,
    });
    let bare = stage.patch(&stage.ada, &id(&before), nothing).await.expect(200)["listing"].clone();
    for field in
        ["description", "price", "currency", "condition", "condition_idx", "contactPhone", "expiresAt"]
    {
        assert_eq!(bare[field], json!(null), "{field}");
    }
    assert_eq!(
        (&bare["attributes"], &bare["status"], &bare["listingType"]),
        (&json!({}), &json!("active"), &json!("sale"))
    );
    assert_eq!(stage.get(&stage.ada, &id(&before)).await.expect(200)["listing"], bare);
}

#[tokio::test]
async fn the_same_is_no_change_and_is_not_told() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    for body in [json!({}), json!({ "title": "A desk" }), json!({ "status": "active", "price": null })] {
        let same = stage.patch(&stage.ada, &listing, body).await.expect(200);
        assert_eq!(same["listing"]["recordVersion"], 1);
    }
    assert_eq!(stage.app.patch(&format!("/v1/listings/{listing}")).by(&stage.ada).await.status, 200);
    let _ = stage.patch(&stage.ben, &listing, json!({ "title": "Mine" })).await;
    assert_eq!(stage.told().len(), 1);
}

#[tokio::test]
async fn the_life_of_a_listing_is_told() {
    let stage = Stage::set().await;
    let made = stage.post(&stage.ada, json!({ "title": "A desk" })).await.expect(201)["listing"].clone();
    let listing = id(&made);
    for (by, status) in
        [(&stage.ada, "active"), (&stage.staff, "removed"), (&stage.staff, "active"), (&stage.ada, "sold")]
    {
        let after = stage.patch(by, &listing, json!({ "status": status })).await.expect(200);
        assert_eq!(after["listing"]["status"], status);
    }
    let gone = stage.delete(&stage.ada, &listing).await.expect(200);
    assert_eq!((&gone["listing"]["isActive"], &gone["listing"]["recordVersion"]), (&json!(false), &json!(6)));
    let told = stage.told_of(&listing);
    let words: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    let expected = [
        "listing-created",
        "listing-updated",
        "listing-updated",
        "listing-updated",
        "listing-updated",
        "listing-deleted",
    ];
    assert_eq!(words, expected);
    assert_eq!(told.iter().map(|(_, version)| *version).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    let statuses: Vec<Value> =
        stage.told().iter().map(|event| event["data"]["listing"]["status"].clone()).collect();
    assert!(statuses.contains(&json!("removed")) && statuses.contains(&json!("sold")));
}

#[tokio::test]
async fn if_match_guards_changes() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let path = format!("/v1/listings/{listing}");
    let retitle = |version: &str, title: &str| {
        let ask = stage.app.patch(&path).by(&stage.ada).header("If-Match", version);
        let body = json!({ "title": title });
        async move { ask.json(body).await }
    };
    retitle("7", "X").await.refused(409, "errMsg_recordVersionIsStale");
    retitle("x", "X").await.refused(400, "errMsg_ifMatchIsNotValid");
    assert_eq!(retitle("\"1\"", "X").await.expect(200)["listing"]["recordVersion"], 2);
    let delete = |version: &str| stage.app.delete(&path).by(&stage.ada).header("If-Match", version);
    delete("1").await.refused(409, "errMsg_recordVersionIsStale");
    let _ = delete("2").await.expect(200);
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let _ = stage.delete(&stage.staff, &listing).await.expect(200);
    for reply in [
        stage.get(&stage.ada, &listing).await,
        stage.patch(&stage.ada, &listing, json!({ "status": "active" })).await,
        stage.delete(&stage.ada, &listing).await,
        stage.delete(&stage.staff, &listing).await,
    ] {
        reply.refused(404, "errMsg_listingIsNotFound");
    }
    assert_eq!(stage.list(&stage.ada, "").await["rowCount"], 0);
    assert_eq!(stage.told().len(), 2);
}
