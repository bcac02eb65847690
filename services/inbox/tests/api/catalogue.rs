//! The schema as it is migrated, the reactions, the codes.

use inbox::Inbox;

use crate::stage::boot;

#[tokio::test]
async fn schema_rs_says_what_the_migrations_made() {
    let app = boot().await;
    let printed = testing::printed_schema(&mut app.database.connect());
    let written = include_str!("../../src/store/schema.rs");
    assert!(written == printed, "src/store/schema.rs should be:\n{printed}");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let app = boot().await;
    let mut conn = app.database.connect();
    kit::service::revert::<Inbox>(&mut conn).unwrap();
    let left = testing::printed_schema(&mut conn);
    assert!(!left.contains("table!"), "{left}");
    kit::service::migrate::<Inbox>(&app.database.url).unwrap();
}

#[test]
fn codes_are_documented() {
    testing::documented(inbox::CODES);
}

#[test]
fn reactions_are_those_that_the_registry_routes_here() {
    let none: Vec<String> = Vec::new();
    assert_eq!(events::registry::disagreements("inbox", inbox::REACTIONS), none);
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    testing::described(&boot().await).await;
}
