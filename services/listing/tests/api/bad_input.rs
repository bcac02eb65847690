//! Whatever comes in, a clear 4xx goes out that names the field.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, id};

/// A field, a value that it does not take, and the complaint.
fn bad_fields(past: &str) -> Vec<(&'static str, Value, &'static str)> {
    let long = |size| json!("x".repeat(size));
    vec![
        ("title", json!(null), "errMsg_titleIsRequired"),
        ("title", json!(" \n"), "errMsg_titleIsRequired"),
        ("title", json!(7), "errMsg_titleIsNotAValidText"),
        ("title", json!("a\0"), "errMsg_titleIsNotAValidText"),
        ("title", long(201), "errMsg_titleIsTooLong"),
        ("description", json!(["x"]), "errMsg_descriptionIsNotAValidText"),
        ("description", json!("\0"), "errMsg_descriptionIsNotAValidText"),
        ("description", long(10_001), "errMsg_descriptionIsTooLong"),
        ("price", json!("12"), "errMsg_priceIsNotValid"),
        ("price", json!(-0.01), "errMsg_priceIsNotValid"),
        ("price", json!(1.000_001e15), "errMsg_priceIsNotValid"),
        ("price", json!(true), "errMsg_priceIsNotValid"),
        ("currency", json!("eur"), "errMsg_currencyIsNotValid"),
        ("currency", json!("EU"), "errMsg_currencyIsNotValid"),
        ("currency", json!("EURO"), "errMsg_currencyIsTooLong"),
        ("currency", json!(978), "errMsg_currencyIsNotAValidText"),
        ("attributes", json!([]), "errMsg_attributesIsNotValid"),
        ("attributes", json!({ "a": [f64::MAX] }), "errMsg_attributesIsNotValid"),
        ("attributes", json!("{}"), "errMsg_attributesIsNotValid"),
        ("attributes", json!({ "a": ["\0"] }), "errMsg_attributesIsNotAValidText"),
        ("attributes", json!({ "\0": 1 }), "errMsg_attributesIsNotAValidText"),
        ("attributes", json!({ "a": "x".repeat(32_768) }), "errMsg_attributesIsTooLong"),
        ("categoryId", json!("1"), "errMsg_categoryIdIsNotAValidID"),
        ("subcategoryId", json!(1), "errMsg_subcategoryIdIsNotAValidID"),
        ("locationId", json!([]), "errMsg_locationIdIsNotAValidID"),
        ("condition", json!("New"), "errMsg_conditionIsNotValid"),
        ("condition", json!(0), "errMsg_conditionIsNotAValidText"),
        ("listingType", json!("gift"), "errMsg_listingTypeIsNotValid"),
        ("status", json!("published"), "errMsg_statusIsNotValid"),
        ("status", json!("expired"), "errMsg_statusIsNotValid"),
        ("status", long(1 << 20), "errMsg_statusIsTooLong"),
        ("contactEmail", json!("ada"), "errMsg_contactEmailIsNotValid"),
        ("contactEmail", json!("a@example.com\r\nBcc: b@example.com"), "errMsg_contactEmailIsNotValid"),
        ("contactEmail", long(255), "errMsg_contactEmailIsTooLong"),
        ("contactPhone", json!("call me"), "errMsg_contactPhoneIsNotValid"),
        ("contactPhone", json!(112), "errMsg_contactPhoneIsNotAValidText"),
        ("expiresAt", json!("2024-02-30T00:00:00Z"), "errMsg_expiresAtIsNotAValidDate"),
        ("expiresAt", json!(0), "errMsg_expiresAtIsNotAValidDate"),
        ("expiresAt", json!(past), "errMsg_expiresAtIsInThePast"),
        ("expiresAt", json!("0000-01-01T00:00:00Z"), "errMsg_expiresAtIsInThePast"),
        ("isPremium", json!("yes"), "errMsg_isPremiumIsNotAValidBoolean"),
        ("premiumType", json!("platinum"), "errMsg_premiumTypeIsNotValid"),
        ("premiumExpiry", json!("soon"), "errMsg_premiumExpiryIsNotAValidDate"),
        ("_paymentConfirmation", json!({}), "errMsg__paymentConfirmationIsNotAValidText"),
        ("viewsCount", json!("9"), "errMsg_viewsCountIsNotValid"),
        ("favoriteCount", json!(1.5), "errMsg_favoriteCountIsNotValid"),
        ("status_idx", json!("1"), "errMsg_status_idxIsNotValid"),
        ("userId", json!("me"), "errMsg_userIdIsNotAValidID"),
    ]
}

#[tokio::test]
async fn fields_of_a_new_listing_and_of_a_change() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    for (field, value, message) in bad_fields(&stage.in_minutes(-1)) {
        let mut body = json!({ "title": "A desk" });
        body[field] = value.clone();
        stage.post(&stage.ada, body).await.refused(400, message);
        stage.patch(&stage.ada, &listing, json!({ field: value })).await.refused(400, message);
    }
    stage
        .post(&stage.ada, json!({ "title": "x", "status": "removed" }))
        .await
        .refused(403, "errMsg_notAllowed");
    assert_eq!(stage.told().len(), 1, "nothing came of it");
}

#[tokio::test]
async fn bounds_are_in() {
    let stage = Stage::set().await;
    let attributes = json!({ "a": "x".repeat(32_768 - r#"{"a":""}"#.len()) });
    let body = json!({
        "title": "😀".repeat(200), "description": "é".repeat(10_000), "price": 1e15, "attributes": attributes,
        "contactPhone": "1".repeat(32), "expiresAt": "9999-12-31T23:59:59.999Z",
    });
    let made = stage.post(&stage.ada, body).await.expect(201)["listing"].clone();
    assert_eq!((&made["price"], &made["attributes"]), (&json!(1e15), &attributes));
    assert_eq!(stage.get(&stage.ada, &id(&made)).await.expect(200)["listing"], made);
    let told: events::Event<events::listing::ListingCreated> =
        serde_json::from_value(stage.told().remove(0)).unwrap();
    let told = told.data.listing;
    assert_eq!(told.price, Some(1e15), "the event can be read");
}

#[tokio::test]
async fn bodies_that_are_no_json_objects() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    for (method, path) in
        [(Method::POST, "/v1/listings".into()), (Method::PATCH, format!("/v1/listings/{listing}"))]
    {
        let send = async |body: Vec<u8>| stage.app.ask(method.clone(), &path).by(&stage.ada).raw(body).await;
        for broken in ["{", "{\"title\":}", "{\"price\":1e400}", "{\"price\":NaN}", "{\"title\":\"\\ud800\"}"]
        {
            send(broken.into()).await.refused(400, "errMsg_bodyIsNotValidJson");
        }
        send(b"{\"title\":\"\xff\"}".to_vec()).await.refused(400, "errMsg_bodyIsNotValidJson");
        send("[".repeat(100_000).into()).await.refused(400, "errMsg_bodyIsNotValidJson");
        send(b"[]".to_vec()).await.refused(400, "errMsg_bodyIsNotAnObject");
        send(vec![b' '; 3 << 20]).await.refused(413, "errMsg_bodyIsTooLarge");
        let form = stage.app.ask(method.clone(), &path).by(&stage.ada).header("Content-Type", "text/plain");
        testing::Ask(form.0.body("title=x")).await.refused(415, "errMsg_contentTypeIsNotJson");
    }
    stage.app.post("/v1/listings").by(&stage.ada).await.refused(400, "errMsg_titleIsRequired");
}

#[tokio::test]
async fn paths_queries_and_methods() {
    let stage = Stage::set().await;
    let unknown = uuid::Uuid::from_u128(1);
    let cases = [
        ("/v1/listings/1".into(), 400, "errMsg_listingIdIsNotAValidID"),
        ("/v1/listings/%00".into(), 400, "errMsg_listingIdIsNotAValidID"),
        ("/v1/listings/%ff".into(), 400, "errMsg_listingIdIsNotAValidID"),
        (format!("/v1/listings/{unknown}"), 404, "errMsg_listingIsNotFound"),
        (
            format!("/v1/listings/{unknown}?includeInactive=1"),
            400,
            "errMsg_includeInactiveIsNotAValidBoolean",
        ),
        ("/v1/listings?includeInactive=x".into(), 400, "errMsg_includeInactiveIsNotAValidBoolean"),
        ("/v1/listings?pageNumber=-1".into(), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/listings?pageNumber=100000000000000000000".into(), 400, "errMsg_pageNumberIsNotValid"),
        ("/v1/listings?pageRowCount=201".into(), 400, "errMsg_pageRowCountIsNotValid"),
        ("/v1/listings?search=a&search=b".into(), 400, "errMsg_searchIsNotValid"),
        ("/v1/listings?search=%00".into(), 400, "errMsg_searchIsNotAValidText"),
        (format!("/v1/listings?search={}", "x".repeat(101)), 400, "errMsg_searchIsTooLong"),
        ("/v1/listings?id=x".into(), 400, "errMsg_idIsNotAValidID"),
        (format!("/v1/listings?{}", format!("id={unknown}&").repeat(201)), 400, "errMsg_idIsNotValid"),
        ("/v1/listings?status=gone".into(), 400, "errMsg_statusIsNotValid"),
        ("/v1/listings?status=".into(), 400, "errMsg_statusIsNotValid"),
        ("/v1/listings?condition=0".into(), 400, "errMsg_conditionIsNotValid"),
        ("/v1/listings?listingType=%00".into(), 400, "errMsg_listingTypeIsNotValid"),
        ("/v1/listings?isPremium=1".into(), 400, "errMsg_isPremiumIsNotAValidBoolean"),
        ("/v1/listings?price_min=cheap".into(), 400, "errMsg_price_minIsNotValid"),
        ("/v1/listings?price_max=inf".into(), 400, "errMsg_price_maxIsNotValid"),
        ("/v1/listings?categoryId=desks".into(), 400, "errMsg_categoryIdIsNotAValidID"),
        ("/v1/listings?userId=me".into(), 400, "errMsg_userIdIsNotAValidID"),
        ("/v1/listings?createdAt=yesterday".into(), 400, "errMsg_createdAtIsNotAValidDate"),
        ("/v1/listings?createdAt_min=2024-02-30".into(), 400, "errMsg_createdAt_minIsNotAValidDate"),
        ("/v1/nothing".into(), 404, "errMsg_notFound"),
    ];
    for (path, status, message) in cases {
        stage.app.get(&path).by(&stage.ada).await.refused(status, message);
    }
    for (method, path, allow) in [
        (Method::PUT, "/v1/listings".into(), "GET, POST"),
        (Method::POST, format!("/v1/listings/{unknown}"), "DELETE, GET, PATCH"),
        (Method::GET, format!("/v1/listings/{unknown}/favorite"), "DELETE, PUT"),
    ] {
        let reply = stage.app.ask(method, &path).by(&stage.ada).await;
        reply.refused(405, "errMsg_methodNotAllowed");
        assert_eq!(reply.header("allow"), allow);
    }
    let body = stage.app.get("/v1/listings").by(&stage.ada).json(json!({ "data": {} })).await;
    assert_eq!(body.status, 200, "a body on a GET is ignored");
}

#[tokio::test]
async fn tokens_that_are_not_good_here() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    for (what, token) in stage.app.issuer.forgeries(&stage.ada) {
        for path in ["/v1/listings", &format!("/v1/listings/{listing}")] {
            let reply = stage.app.get(path).token(&token).await;
            let found = (reply.status, &reply.json["message"]);
            assert_eq!(found, (401, &json!("errMsg_userNotAuthenticated")), "{what} at {path}");
        }
    }
}
