//! A user is deleted: their listings go with them.

use chrono::TimeDelta;
use events::Applied;
use listing::{REACTIONS, sweep};
use serde_json::{Value, json};
use testing::Person;
use uuid::Uuid;

use crate::stage::{Stage, id};

/// The event, as auth tells it.
fn departure(stage: &Stage, event: u128, who: &Person) -> Vec<u8> {
    let now = stage.in_minutes(0);
    json!({
        "id": Uuid::from_u128(event), "type": "user-deleted", "source": "auth", "subject": who.id, "time": now,
        "requestId": "gone-1", "version": 1, "recipients": [format!("user:{}", who.id)],
        "data": { "user": {
            "id": who.id, "fullname": "Ada", "avatar": null, "role": "user", "timezone": null, "isActive": false,
            "recordVersion": 2, "createdAt": now, "updatedAt": now,
        } },
    })
    .to_string()
    .into_bytes()
}

async fn apply(stage: &Stage, event: Vec<u8>) -> Applied {
    stage.app.app.write(move |tx| events::apply(tx, REACTIONS, &event)).await.unwrap()
}

#[tokio::test]
async fn their_listings_are_deleted_once_and_nobody_elses() {
    let stage = Stage::set().await;
    let body = json!({ "title": "A desk", "contactEmail": "a@example.com", "contactPhone": "112", "status": "sold" });
    let listing = id(&stage.post(&stage.ada, body).await.expect(201)["listing"]);
    let others = id(&stage.offer(&stage.ben, "A chair").await);
    let event = departure(&stage, 1, &stage.ada);
    assert_eq!(apply(&stage, event.clone()).await, Applied::Now);
    assert_eq!(apply(&stage, event).await, Applied::Before);
    assert_eq!(apply(&stage, departure(&stage, 2, &stage.ada)).await, Applied::Now);
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 0);
    stage.get(&stage.ada, &listing).await.refused(404, "errMsg_listingIsNotFound");
    assert_eq!(stage.get(&stage.ada, &others).await.status, 200);
    assert_eq!(stage.told_of(&listing).len(), 2, "made and deleted");
    let told = stage.told().into_iter().find(|event| event["type"] == "listing-deleted").unwrap();
    assert_eq!((&told["requestId"], &told["data"]["listing"]["isActive"]), (&json!("gone-1"), &json!(false)));
    let left = &told["data"]["listing"];
    assert_eq!((&left["contactEmail"], &left["contactPhone"]), (&json!(null), &json!(null)));
    let kept = stage.app.get(&format!("/v1/listings/{listing}?includeInactive=true")).by(&stage.staff).await;
    assert_eq!(kept.expect(200)["listing"]["contactEmail"], json!(null), "nor is the address kept");
}

#[tokio::test]
async fn many_go_in_bites() {
    let stage = Stage::set().await;
    stage.sql(&format!(
        "INSERT INTO listing (id, user_id, title, attributes, listing_type, status, is_active, record_version,
             created_at, updated_at, terms)
         SELECT gen_random_uuid(), '{}', 'Desk ' || n, '{{}}', 'sale', 'active', true, 1, now(), now(), ''
         FROM generate_series(1, 3000) AS n",
        stage.ada.id
    ));
    apply(&stage, departure(&stage, 1, &stage.ada)).await;
    assert_eq!(stage.told().len(), 100, "the event does not wait for all");
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 2_900);
    assert_eq!(stage.list(&stage.staff, "").await["rowCount"], 0);
    let told = stage.told();
    let mut about: Vec<&Value> = told.iter().map(|event| &event["subject"]).collect();
    about.sort_by_key(|subject| subject.as_str());
    about.dedup();
    assert_eq!((told.len(), about.len()), (3_000, 3_000), "each is told once");
}

#[tokio::test]
async fn what_is_made_with_a_token_that_outlives_its_user_goes_too() {
    let stage = Stage::set().await;
    apply(&stage, departure(&stage, 1, &stage.ada)).await;
    let late = id(&stage.offer(&stage.ada, "A desk").await);
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 1);
    stage.get(&stage.ben, &late).await.refused(404, "errMsg_listingIsNotFound");
    stage.pass(TimeDelta::hours(3));
    assert_eq!(sweep::once(&stage.app.app).await.unwrap(), 0);
    stage.sql("SELECT 1 / (count(*) = 0)::int FROM departed_user");
}
