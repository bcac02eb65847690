//! Favourites and views.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testing::Person;

use crate::stage::{Stage, id};

async fn favorite(stage: &Stage, method: Method, by: &Person, listing: &str) -> Value {
    let path = format!("/v1/listings/{listing}/favorite");
    stage.app.ask(method, &path).by(by).await.expect(200)["listing"].clone()
}

#[tokio::test]
async fn a_favourite_counts_once_per_user() {
    let stage = Stage::set().await;
    let made = stage.offer(&stage.ada, "A desk").await;
    let listing = id(&made);
    for (method, by, count) in [
        (Method::DELETE, &stage.ben, 0),
        (Method::PUT, &stage.ben, 1),
        (Method::PUT, &stage.ben, 1),
        (Method::PUT, &stage.staff, 2),
        (Method::PUT, &stage.ada, 3),
        (Method::DELETE, &stage.ben, 2),
        (Method::DELETE, &stage.ben, 2),
    ] {
        let after = favorite(&stage, method.clone(), by, &listing).await;
        assert_eq!(after["favoriteCount"], count, "{method}");
        assert_eq!((&after["recordVersion"], &after["updatedAt"]), (&json!(1), &made["updatedAt"]));
    }
    assert_eq!(stage.told().len(), 1, "favourites are not told");
    let sold = stage.patch(&stage.ada, &listing, json!({ "status": "sold" })).await.expect(200);
    assert_eq!(sold["listing"]["favoriteCount"], 2);
    let told = stage.told().into_iter().find(|event| event["type"] == "listing-updated").unwrap();
    assert_eq!(told["data"]["listing"]["favoriteCount"], 2, "as of then");
}

#[tokio::test]
async fn favourites_at_once_are_counted_exactly() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let crowd: Vec<Person> = (0..20).map(|_| stage.app.person()).collect();
    join_all(crowd.iter().cycle().take(60).map(|by| favorite(&stage, Method::PUT, by, &listing))).await;
    let back = |by| favorite(&stage, Method::DELETE, by, &listing);
    join_all(crowd[..5].iter().cycle().take(20).map(back)).await;
    let seen = stage.get(&stage.ada, &listing).await.expect(200);
    assert_eq!(seen["listing"]["favoriteCount"], 15);
    stage.sql("SELECT 1 / (count(*) = 15)::int FROM favorite");
}

#[tokio::test]
async fn a_view_counts_once_per_other_user() {
    let stage = Stage::set().await;
    let made = stage.offer(&stage.ada, "A desk").await;
    let listing = id(&made);
    let views =
        async |by: &Person| stage.get(by, &listing).await.expect(200)["listing"]["viewsCount"].clone();
    assert_eq!(views(&stage.ada).await, 0, "one's own does not count");
    assert_eq!((views(&stage.ben).await, views(&stage.ben).await), (json!(1), json!(1)));
    assert_eq!(views(&stage.staff).await, 2);
    let _ = stage.list(&stage.app.person(), "").await;
    let service = stage.app.issuer.service("conversation");
    let _ = stage.app.get(&format!("/v1/listings/{listing}")).token(&service).await.expect(200);
    assert_eq!(views(&stage.ada).await, 2, "neither lists nor services count");
    let seen = stage.get(&stage.ada, &listing).await.expect(200)["listing"].clone();
    assert_eq!((&seen["recordVersion"], &seen["updatedAt"]), (&json!(1), &made["updatedAt"]));
    assert_eq!(stage.told().len(), 1);
}

#[tokio::test]
async fn views_at_once_are_counted_exactly() {
    let stage = Stage::set().await;
    let listing = id(&stage.offer(&stage.ada, "A desk").await);
    let crowd: Vec<Person> = (0..20).map(|_| stage.app.person()).collect();
    let likes = crowd.iter().take(10).map(|by| favorite(&stage, Method::PUT, by, &listing));
    let views = crowd.iter().cycle().take(80).map(|by| stage.get(by, &listing));
    let titles = (0..5).map(|n| stage.patch(&stage.ada, &listing, json!({ "title": format!("Desk {n}") })));
    let (_, replies, _) = tokio::join!(join_all(likes), join_all(views), join_all(titles));
    assert!(replies.iter().all(|reply| reply.status == 200));
    let seen = stage.get(&stage.ada, &listing).await.expect(200)["listing"].clone();
    assert_eq!((&seen["viewsCount"], &seen["favoriteCount"]), (&json!(20), &json!(10)));
}

#[tokio::test]
async fn who_may_not_see_it_is_not_counted() {
    let stage = Stage::set().await;
    let draft = stage.post(&stage.ada, json!({ "title": "A desk" })).await.expect(201)["listing"].clone();
    stage.get(&stage.ben, &id(&draft)).await.refused(403, "errMsg_notAllowed");
    let path = format!("/v1/listings/{}/favorite", id(&draft));
    stage.app.ask(Method::PUT, &path).by(&stage.ben).await.refused(403, "errMsg_notAllowed");
    let seen = stage.get(&stage.ada, &id(&draft)).await.expect(200)["listing"].clone();
    assert_eq!((&seen["viewsCount"], &seen["favoriteCount"]), (&json!(0), &json!(0)));
}
