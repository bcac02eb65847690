//! The catalogue through the gateway.

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{System, User, eventually};

const LISTINGS: &str = "/listing-api/v1/listings";

/// The ids that a list has.
async fn found(system: &System, by: &User, query: &str) -> Vec<String> {
    let json = system.get(&format!("{LISTINGS}?{query}")).token(&by.token).await.expect(200);
    let rows = json["listings"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_seller_offers_a_buyer_finds_and_the_seller_sells() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Seller").await, system.user("Buyer").await);
    let of_seller = format!("userId={}", seller.id);
    let body =
        json!({ "title": "Yazı masası", "description": "上海交货", "price": 120.5, "currency": "EUR" });
    let desk = system.offer(&seller, body).await;
    assert!(found(&system, &buyer, &of_seller).await.is_empty(), "a draft is its owner's");

    let path = format!("{LISTINGS}/{desk}");
    let change = async |body: Value| {
        let reply = system.ask(Method::PATCH, &path).token(&seller.token).json(body).await;
        reply.expect(200)["listing"].clone()
    };
    assert_eq!(change(json!({ "status": "active" })).await["status_idx"], 1);
    for query in ["search=YAZI", "search=%E4%B8%8A%E6%B5%B7", "price_min=100&price_max=121"] {
        assert_eq!(found(&system, &buyer, &format!("{of_seller}&{query}")).await, [&desk[..]], "{query}");
    }
    let seen = system.get(&path).token(&buyer.token).await.expect(200)["listing"].clone();
    assert_eq!((&seen["viewsCount"], &seen["price"]), (&json!(1), &json!(120.5)));
    let liked = system.ask(Method::PUT, &format!("{path}/favorite")).token(&buyer.token).await.expect(200);
    assert_eq!(liked["listing"]["favoriteCount"], 1);
    system.ask(Method::DELETE, &path).token(&buyer.token).await.refused(403, "errMsg_notAllowed");

    assert_eq!(change(json!({ "status": "sold" })).await["recordVersion"], 3);
    assert_eq!(found(&system, &buyer, &format!("{of_seller}&status=sold")).await, [desk]);
}

#[tokio::test]
async fn the_listings_of_a_deleted_user_go_with_them() {
    let system = System::take().await;
    let (seller, buyer) = (system.user("Seller").await, system.user("Buyer").await);
    for title in ["A desk", "A chair"] {
        system.offer(&seller, json!({ "title": title, "status": "active" })).await;
    }
    let of_seller = format!("userId={}", seller.id);
    assert_eq!(found(&system, &buyer, &of_seller).await.len(), 2);
    let user = format!("/auth-api/v1/users/{}", seller.id);
    let _ = system.ask(Method::DELETE, &user).token(&seller.token).await.expect(200);
    eventually("the listings are gone", async || found(&system, &buyer, &of_seller).await.is_empty()).await;
}

#[tokio::test]
async fn a_listing_expires_by_itself() {
    let system = System::take().await;
    let seller = system.user("Seller").await;
    // The machine's own clock: the system under test has no other.
    let soon = kit::Clock::now(&kit::SystemClock) + std::time::Duration::from_millis(500);
    let body = json!({ "title": "Ice", "status": "active", "expiresAt": soon.to_rfc3339() });
    let ice = system.offer(&seller, body).await;
    eventually("it is expired", async || {
        let json = system.get(&format!("{LISTINGS}/{ice}")).token(&seller.token).await.expect(200);
        json["listing"]["status"] == "expired"
    })
    .await;
}
