//! Registering.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use futures_util::future::join_all;
use serde_json::json;

use crate::stage::{PASSWORD, Stage, email};

#[tokio::test]
async fn a_new_user_is_of_the_lowest_rank_whatever_they_ask_for() {
    let stage = Stage::set().await;
    let body = json!({
        "email": " Ada@Example.COM ", "password": PASSWORD, "fullname": "Ada Lovelace", "role": "saasAdmin",
        "avatar": "https://example.com/ada.png", "timezone": "Europe/Vienna", "isActive": false, "id": "x",
    });
    let reply = stage.app.post("/v1/users").json(body).await;
    assert_eq!(reply.header("etag"), "\"1\"");
    let answer = reply.expect(201);
    let user = &answer["user"];
    assert_eq!((&answer["statusCode"], &answer["action"]), (&json!(201), &json!("create")));
    assert_eq!((&user["email"], &user["role"]), (&json!("ada@example.com"), &json!("user")));
    assert_eq!((&user["isActive"], &user["recordVersion"]), (&json!(true), &json!(1)));
    assert_eq!((&user["_owner"], &user["createdAt"]), (&user["id"], &user["updatedAt"]));
    assert_eq!((&user["fullname"], &user["timezone"]), (&json!("Ada Lovelace"), &json!("Europe/Vienna")));
    assert!(stage.app.app.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true) == user["createdAt"]);
    let _ = stage.login("ada@example.com", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_is_one_account_however_it_is_written() {
    let stage = Stage::set().await;
    let _ = stage.register("Ada").await.expect(201);
    for email in ["ada@example.com", "ADA@EXAMPLE.COM", "\tada@example.com "] {
        let body = json!({ "email": email, "password": PASSWORD, "fullname": "Eve" });
        stage.app.post("/v1/users").json(body).await.refused(409, "errMsg_emailIsTaken");
    }
}

#[tokio::test]
async fn of_twenty_who_want_one_address_at_once_one_gets_it() {
    let stage = Stage::set().await;
    let replies = join_all((0..20).map(|_| stage.register("Ada"))).await;
    let count = |status| replies.iter().filter(|reply| reply.status == status).count();
    assert_eq!((count(201), count(409)), (1, 19));
    assert_eq!(stage.told_types(), ["user-created"]);
}

#[derive(QueryableByName)]
struct Dump {
    #[diesel(sql_type = Text)]
    text: String,
}

#[tokio::test]
async fn no_password_and_no_token_is_stored_or_told() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    let mut conn = stage.app.database.connect();
    let mut dump = String::new();
    for table in ["users", "session", "refresh_token", "login_failure", "outbox"] {
        let rows: Vec<Dump> =
            sql_query(format!("SELECT t::text AS text FROM {table} t")).load(&mut conn).unwrap();
        dump.extend(rows.into_iter().map(|row| row.text));
    }
    assert!(dump.contains("$argon2id$") && dump.contains(&email("Ada")), "the dump holds what is stored");
    for secret in [PASSWORD, &ada.refresh, &ada.person.token] {
        assert!(!dump.contains(secret));
    }
}
