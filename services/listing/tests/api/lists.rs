//! Lists: whose, by what, in which order.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stage::{Stage, id};

#[tokio::test]
async fn others_see_what_is_public_and_oneself_all() {
    let stage = Stage::set().await;
    for status in ["draft", "active", "sold", "expired", "removed"] {
        let listing = id(&stage.offer(&stage.ada, status).await);
        stage.sql(&format!("UPDATE listing SET status = '{status}' WHERE id = '{listing}'"));
        stage.pass(TimeDelta::milliseconds(1));
    }
    let all = ["removed", "expired", "sold", "active", "draft"];
    assert_eq!(stage.titles(&stage.ada, "").await, all, "the newest first");
    assert_eq!(stage.titles(&stage.staff, "").await, all);
    assert_eq!(stage.titles(&stage.ben, "").await, all[1..4]);
    assert!(stage.titles(&stage.ben, "status=draft&status=removed").await.is_empty());
    assert_eq!(stage.titles(&stage.ada, "status=draft&status=removed").await, ["removed", "draft"]);
}

/// Listings that differ in all that can be filtered by.
async fn shelf() -> Stage {
    let stage = Stage::set().await;
    let listings = [
        json!({ "title": "desk", "price": 10, "condition": "new", "categoryId": Uuid::from_u128(1) }),
        json!({ "title": "chair", "price": 20.5, "condition": "used", "categoryId": Uuid::from_u128(2),
            "subcategoryId": Uuid::from_u128(3), "locationId": Uuid::from_u128(4) }),
        json!({ "title": "flat", "price": 900, "listingType": "rent", "locationId": Uuid::from_u128(5) }),
        json!({ "title": "help", "listingType": "wanted", "categoryId": Uuid::from_u128(1) }),
    ];
    for mut body in listings {
        body["status"] = json!("active");
        let _ = stage.post(&stage.ada, body).await.expect(201);
        stage.pass(TimeDelta::days(1));
    }
    stage.sql("UPDATE listing SET is_premium = true WHERE title = 'flat'");
    stage
}

#[tokio::test]
async fn by_each_field() {
    let stage = shelf().await;
    let (one, two, far) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(9));
    let day = |days: i64| (stage.app.app.now() - TimeDelta::days(days)).date_naive();
    let cases = [
        (format!("categoryId={one}"), "help desk"),
        (format!("categoryId={one}&categoryId={two}"), "help chair desk"),
        ("categoryId=null".into(), "flat"),
        (format!("categoryId={far}"), ""),
        (format!("subcategoryId={}", Uuid::from_u128(3)), "chair"),
        (format!("locationId[]={}&locationId[]=null", Uuid::from_u128(5)), "help flat desk"),
        (format!("userId={}", stage.ada.id), "help flat chair desk"),
        (format!("userId={}", stage.ben.id), ""),
        ("condition=used&condition=null".into(), "help flat chair"),
        ("condition=refurbished".into(), ""),
        ("listingType=sale".into(), "chair desk"),
        ("status=active&listingType=wanted".into(), "help"),
        ("isPremium=true".into(), "flat"),
        ("isPremium=false".into(), "help chair desk"),
        ("price_min=10&price_max=20.5".into(), "chair desk"),
        ("price_min=10.01".into(), "flat chair"),
        ("price_max=1e400".replace("1e400", "1e300"), "flat chair desk"),
        (format!("createdAt={}", day(4)), "desk"),
        (format!("createdAt_min={}&createdAt_max={}", day(3), day(2)), "flat chair"),
        (format!("createdAt=$gte-{}", day(1)), "help"),
        ("unknown=1".into(), "help flat chair desk"),
    ];
    for (query, expected) in cases {
        assert_eq!(stage.titles(&stage.ben, &query).await.join(" "), expected, "{query}");
    }
}

#[tokio::test]
async fn by_local_day() {
    let stage = shelf().await;
    let zone = |query: &str, zone: &str| {
        let ask = stage.app.get(&format!("/v1/listings?{query}")).by(&stage.ben);
        let ask = ask.header("X-Timezone", zone);
        async move { ask.await }
    };
    let all = zone("createdAt=$ltoday&createdAt=$lt-$", "Europe/Vienna").await;
    all.refused(400, "errMsg_createdAtIsNotAValidDate");
    assert_eq!(zone("createdAt=$ltoday", "Pacific/Kiritimati").await.status, 200);
    zone("", "Mars/Olympus").await.refused(400, "errMsg_xTimezoneIsNotValid");
}

#[tokio::test]
async fn page_by_page() {
    let stage = shelf().await;
    let page =
        stage.list(&stage.ben, "pageNumber=2&pageRowCount=3&status=active&search=%20&price_min=0").await;
    let paging = json!({ "pageNumber": 2, "pageRowCount": 3, "totalRowCount": 3, "pageCount": 1 });
    assert_eq!((&page["paging"], &page["listings"]), (&paging, &json!([])));
    let filters =
        json!([{ "name": "status", "values": ["active"] }, { "name": "price_min", "values": ["0"] }]);
    assert_eq!(page["filters"], filters);
    assert_eq!(stage.titles(&stage.ben, "pageRowCount=3").await, ["help", "flat", "chair"]);
    assert_eq!(stage.titles(&stage.ben, "pageRowCount=3&pageNumber=2").await, ["desk"]);
    assert_eq!(stage.titles(&stage.ben, "pageNumber=0").await.len(), 4);
    assert!(stage.titles(&stage.ben, &format!("pageNumber={}", i64::MAX)).await.is_empty());
}

#[tokio::test]
async fn no_list_counts_or_shows_more_than_ten_thousand() {
    let stage = Stage::set().await;
    stage.sql(&format!(
        "INSERT INTO listing (id, user_id, title, attributes, listing_type, status, is_active, record_version,
             created_at, updated_at, terms)
         SELECT gen_random_uuid(), '{}', 'Desk ' || n, '{{}}', 'sale', 'active', true, 1,
             now() - n * interval '1 s', now(), 'desk' FROM generate_series(1, 10050) AS n",
        stage.ada.id
    ));
    let first = stage.list(&stage.ben, "search=desk").await;
    assert_eq!(
        (&first["paging"]["totalRowCount"], &first["listings"][0]["title"]),
        (&json!(10_000), &json!("Desk 1"))
    );
    let last = stage.list(&stage.ben, "pageNumber=50&pageRowCount=200").await;
    assert_eq!((&last["rowCount"], &last["listings"][199]["title"]), (&json!(200), &json!("Desk 10000")));
    assert_eq!(stage.list(&stage.ben, "pageNumber=51&pageRowCount=200").await["rowCount"], 0);
    let uneven = stage.list(&stage.ben, "pageNumber=53&pageRowCount=190").await;
    assert_eq!(uneven["rowCount"], 10_000 - 52 * 190);
    stage.app.get("/v1/listings?pageNumber=0").by(&stage.ben).await.refused(400, "errMsg_tooManyRows");
    let rows = first["listings"].as_array().unwrap().iter();
    assert!(rows.map(|row: &Value| row["createdAt"].as_str().unwrap()).is_sorted_by(|a, b| a >= b));
}
