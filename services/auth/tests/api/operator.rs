//! `auth user-role EMAIL ROLE`

use kit::Role;
use serde_json::json;

use crate::stage::{Stage, email};

#[tokio::test]
async fn an_operator_gives_any_role() {
    let stage = Stage::set().await;
    let ada = stage.account("Ada").await;
    for (version, role) in (2..).zip([Role::SaasAdmin, Role::User, Role::Moderator]) {
        let said = stage.operate(&["user-role", " ADA@example.com", role.name()]).await.unwrap();
        assert!(said.contains("ada@example.com") && said.contains(role.name()), "{said}");
        let user = stage.user(&ada.person).await.expect(200)["user"].clone();
        assert_eq!((&user["role"], &user["recordVersion"]), (&json!(role), &json!(version)));
    }
    let said = stage.operate(&["user-role", &email("Ada"), "moderator"]).await.unwrap();
    assert!(said.contains("already"), "{said}");
    assert_eq!(stage.told_types().iter().filter(|kind| *kind == "user-updated").count(), 3);
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let stage = Stage::set().await;
    let unknown = stage.operate(&["user-role", "bob@example.com", "admin"]).await;
    assert_eq!(unknown.unwrap_err(), "errMsg_userIsNotFound");
    for words in
        [&["user-role"][..], &["user-role", "a@b.c", "king"], &["user-rule", "a@b.c", "admin"], &["x"]]
    {
        assert!(stage.operate(words).await.unwrap_err().contains("user-role EMAIL ROLE"), "{words:?}");
    }
}
