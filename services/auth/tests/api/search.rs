//! Finding people.

use kit::Role;
use serde_json::{Value, json};
use testing::Person;

use crate::stage::Stage;

async fn names(stage: &Stage, by: &Person, query: &str) -> Vec<String> {
    let answer = stage.app.get(&format!("/v1/users?{query}")).by(by).await.expect(200);
    let rows = answer["users"].as_array().unwrap().iter();
    rows.map(|user| user["fullname"].as_str().unwrap().to_owned()).collect()
}

async fn crowd() -> (Stage, Person, Person) {
    let stage = Stage::set().await;
    for (n, name) in ["Bob Adams", "ada Byron", "Zoë 100%", "Жёлтый Кот"].into_iter().enumerate() {
        let email = format!("{n}@example.com");
        let body = json!({ "email": email, "password": "correct horse", "fullname": name });
        let _ = stage.app.post("/v1/users").json(body).await.expect(201);
    }
    let (user, staff) = (stage.account("Ursula").await, stage.ranked("Mod Erator", Role::Moderator).await);
    (stage, user.person, staff.person)
}

#[tokio::test]
async fn by_any_part_of_the_name_in_any_case() {
    let (stage, user, _) = crowd().await;
    assert_eq!(names(&stage, &user, "search=ADA").await, ["ada Byron", "Bob Adams"]);
    assert_eq!(names(&stage, &user, "search=dam").await, ["Bob Adams"]);
    assert_eq!(names(&stage, &user, "search=b").await, ["ada Byron", "Bob Adams"], "beginnings of words");
    assert_eq!(names(&stage, &user, "search=zo%C3%AB").await, ["Zoë 100%"]);
    assert_eq!(names(&stage, &user, "search=%D0%B6%D1%91%D0%BB%D1%82").await, ["Жёлтый Кот"]);
    assert!(names(&stage, &user, "search=nobody").await.is_empty());
}

#[tokio::test]
async fn what_like_takes_specially_means_itself() {
    let (stage, user, _) = crowd().await;
    assert_eq!(names(&stage, &user, "search=00%25").await, ["Zoë 100%"]);
    for nothing in ["%25%25%25", "___", "a_a", "ad%25", "%5C%5C%5C", "'';", "%25"] {
        assert!(names(&stage, &user, &format!("search={nothing}")).await.is_empty(), "{nothing}");
    }
}

#[tokio::test]
async fn addresses_are_found_and_seen_by_staff_only() {
    let (stage, user, staff) = crowd().await;
    for search in ["search=ursula@", "search=erator@example", "search=example.com"] {
        assert!(names(&stage, &user, search).await.is_empty(), "{search}");
    }
    assert_eq!(names(&stage, &staff, "search=ursula@").await, ["Ursula"]);
    let ask = |by: &Person| stage.app.get("/v1/users").by(by);
    let (seen_by_user, seen_by_staff) = (ask(&user).await.expect(200), ask(&staff).await.expect(200));
    assert!(!seen_by_user.to_string().contains("@example.com"));
    for row in seen_by_user["users"].as_array().unwrap() {
        assert!(row.get("email").is_none() && row.get("role").is_none(), "{row}");
    }
    for row in seen_by_staff["users"].as_array().unwrap() {
        assert!(row["email"].is_string() && row["role"].is_string(), "{row}");
    }
}

#[tokio::test]
async fn by_page_and_by_id() {
    let (stage, user, _) = crowd().await;
    let ask = |query: &str| {
        let ask = stage.app.get(&format!("/v1/users?{query}")).by(&user);
        async { ask.await.expect(200) }
    };
    let page = ask("pageNumber=2&pageRowCount=4").await;
    let paging = json!({ "pageNumber": 2, "pageRowCount": 4, "totalRowCount": 6, "pageCount": 2 });
    assert_eq!((&page["paging"], &page["rowCount"]), (&paging, &json!(2)));
    assert_eq!(ask("pageNumber=9").await["users"], json!([]));
    assert_eq!(ask("pageNumber=0").await["rowCount"], json!(6));
    let all = ask("").await;
    let id = |row: usize| all["users"][row]["id"].as_str().unwrap();
    let two = ask(&format!("id={}&id[]={}", id(3), id(1))).await;
    let ids: Vec<&Value> = two["users"].as_array().unwrap().iter().map(|user| &user["id"]).collect();
    assert_eq!(ids, [id(1), id(3)], "by name");
    assert_eq!(two["filters"], json!([{ "name": "id", "values": [id(3), id(1)] }]));
    assert_eq!(ask(&format!("id={}&search=nobody", id(1))).await["rowCount"], json!(0));
    assert_eq!(ask(&format!("id={}", kit::clock::uuid_v7(stage.app.app.now()))).await["rowCount"], json!(0));
    assert_eq!(ask("search=%20&unknown=1").await["rowCount"], json!(6), "a blank search is none");
}

#[tokio::test]
async fn who_is_deleted_is_not_found() {
    let (stage, user, staff) = crowd().await;
    let _ = stage.delete(&user, &user).await.expect(200);
    assert!(names(&stage, &staff, "search=ursula").await.is_empty());
    assert!(names(&stage, &staff, &format!("id={}", user.id)).await.is_empty());
    stage.app.get(&format!("/v1/users/{}", user.id)).by(&staff).await.refused(404, "errMsg_userIsNotFound");
}
