//! Every route of the OpenAPI, by everybody: a route without a row here fails.

use std::collections::BTreeSet;

use kit::openapi::document;
use listing::Catalogue;
use serde_json::{Value, json};

use crate::stage::{Stage, id};

#[derive(Debug, Clone, Copy)]
enum By {
    Owner,
    Other,
    Staff,
    Nobody,
    Service,
}

const EVERYBODY: [By; 5] = [By::Owner, By::Other, By::Staff, By::Nobody, By::Service];

/// A route, the status of the listing that it is about, a body, and what each of [`EVERYBODY`] may expect.
type Row = (&'static str, &'static str, Value, [u16; 5]);

const ONE: &str = "/v1/listings/{listingId}";

fn rows() -> Vec<(&'static str, String, &'static str, Value, [u16; 5])> {
    let (none, title) = (json!(null), json!({ "title": "New" }));
    let to = |status: &str| json!({ "status": status });
    let all = [201, 201, 201, 401, 401];
    let own: Vec<Row> = vec![
        ("GET", "active", none.clone(), [200, 200, 200, 401, 200]),
        ("GET", "sold", none.clone(), [200, 200, 200, 401, 200]),
        ("GET", "expired", none.clone(), [200, 200, 200, 401, 200]),
        ("GET", "draft", none.clone(), [200, 403, 200, 401, 200]),
        ("GET", "removed", none.clone(), [200, 404, 200, 401, 200]),
        ("GET", "deleted", none.clone(), [404, 404, 404, 401, 200]),
        ("PATCH", "active", title.clone(), [200, 403, 403, 401, 401]),
        ("PATCH", "draft", title.clone(), [200, 403, 403, 401, 401]),
        ("PATCH", "removed", title.clone(), [200, 404, 403, 401, 401]),
        ("PATCH", "deleted", title, [404, 404, 404, 401, 401]),
        ("PATCH", "active", json!({}), [200, 403, 200, 401, 401]),
        ("PATCH", "active", to("sold"), [200, 403, 200, 401, 401]),
        ("PATCH", "active", to("removed"), [403, 403, 200, 401, 401]),
        ("PATCH", "removed", to("active"), [403, 404, 200, 401, 401]),
        ("PATCH", "active", to("expired"), [400, 403, 400, 401, 401]),
        ("DELETE", "active", none.clone(), [200, 403, 200, 401, 401]),
        ("DELETE", "draft", none.clone(), [200, 403, 200, 401, 401]),
        ("DELETE", "removed", none.clone(), [200, 404, 200, 401, 401]),
        ("DELETE", "deleted", none.clone(), [404, 404, 404, 401, 401]),
    ];
    let mut rows: Vec<_> = own
        .into_iter()
        .map(|(method, status, body, expected)| (method, ONE.into(), status, body, expected))
        .collect();
    rows.push(("POST", "/v1/listings".into(), "active", json!({ "title": "A desk" }), all));
    rows.push(("GET", "/v1/listings".into(), "active", none.clone(), [200, 200, 200, 401, 400]));
    for method in ["PUT", "DELETE"] {
        let favorite = format!("{ONE}/favorite");
        rows.push((method, favorite.clone(), "active", none.clone(), [200, 200, 200, 401, 401]));
        rows.push((method, favorite.clone(), "draft", none.clone(), [200, 403, 200, 401, 401]));
        rows.push((method, favorite.clone(), "removed", none.clone(), [200, 404, 200, 401, 401]));
        rows.push((method, favorite, "deleted", none.clone(), [404, 404, 404, 401, 401]));
    }
    rows
}

/// A listing of its own for each try, since some tries end it.
async fn arrange(stage: &Stage, status: &str) -> String {
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    match status {
        "deleted" => drop(stage.delete(&stage.ada, &listing).await.expect(200)),
        "expired" => stage.sql(&format!("UPDATE listing SET status = 'expired' WHERE id = '{listing}'")),
        _ => drop(stage.patch(&stage.staff, &listing, json!({ "status": status })).await.expect(200)),
    }
    listing
}

#[tokio::test]
async fn every_route_by_everybody() {
    let stage = Stage::set().await;
    for (method, route, status, body, expected) in rows() {
        for (by, expected) in EVERYBODY.into_iter().zip(expected) {
            let path = route.replace("{listingId}", &arrange(&stage, status).await);
            let ask = stage.app.ask(method.parse().unwrap(), &path);
            let ask = if body.is_null() { ask } else { ask.json(body.clone()) };
            let reply = match by {
                By::Owner => ask.by(&stage.ada).await,
                By::Other => ask.by(&stage.ben).await,
                By::Staff => ask.by(&stage.staff).await,
                By::Nobody => ask.await,
                By::Service => ask.token(&stage.app.issuer.service("conversation")).await,
            };
            assert_eq!(reply.status, expected, "{method} {route} ({status}) by {by:?}: {}", reply.text);
        }
    }
}

#[test]
fn every_route_has_a_row() {
    let tried: BTreeSet<String> =
        rows().into_iter().map(|(method, route, ..)| format!("{method} {route}")).collect();
    let json = serde_json::to_value(document::<Catalogue>()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        routes.extend(
            item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())),
        );
    }
    assert_eq!(tried, routes);
}

#[tokio::test]
async fn deleted_ones_are_there_for_the_staff_where_they_ask() {
    let stage = Stage::set().await;
    let listing = arrange(&stage, "deleted").await;
    let path = format!("/v1/listings/{listing}?includeInactive=true");
    let seen = stage.app.get(&path).by(&stage.staff).await.expect(200);
    assert_eq!(seen["listing"]["isActive"], false);
    for person in [&stage.ada, &stage.ben] {
        stage.app.get(&path).by(person).await.refused(404, "errMsg_listingIsNotFound");
        assert_eq!(stage.list(person, "includeInactive=true").await["rowCount"], 0);
    }
    assert_eq!(stage.list(&stage.staff, "includeInactive=true").await["rowCount"], 1);
    assert_eq!(stage.list(&stage.staff, "includeInactive=false").await["rowCount"], 0);
}

#[tokio::test]
async fn the_confirmation_of_a_payment_is_for_owner_and_staff() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    stage.sql(
        "UPDATE listing SET payment_confirmation = 'paid 4711', is_premium = true, premium_type = 'gold'",
    );
    for (by, expected) in
        [(&stage.ada, json!("paid 4711")), (&stage.staff, json!("paid 4711")), (&stage.ben, json!(null))]
    {
        let one = stage.get(by, &listing).await.expect(200)["listing"].clone();
        assert_eq!((&one["_paymentConfirmation"], &one["premiumType_idx"]), (&expected, &json!(3)));
        assert_eq!(stage.list(by, "").await["listings"][0]["_paymentConfirmation"], expected);
        let liked =
            stage.app.ask(reqwest::Method::PUT, &format!("/v1/listings/{listing}/favorite")).by(by).await;
        assert_eq!(liked.expect(200)["listing"]["_paymentConfirmation"], expected);
    }
    let service = stage.app.issuer.service("conversation");
    for path in [format!("/v1/listings/{listing}"), format!("/v1/listings?id={listing}")] {
        let reply = stage.app.get(&path).token(&service).await;
        assert!(reply.status == 200 && !reply.text.contains("4711"), "{}", reply.text);
    }
    let sold = stage.patch(&stage.ada, &listing, json!({ "status": "sold" })).await.expect(200);
    assert_eq!(sold["listing"]["_paymentConfirmation"], "paid 4711");
    assert!(!json!(stage.told()).to_string().contains("4711"), "no event tells it");
}
