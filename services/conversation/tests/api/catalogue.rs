//! The schema as it is migrated, and the OpenAPI.

use conversation::Conversation;

use crate::stage::{NOWHERE, boot};

#[tokio::test]
async fn schema_rs_says_what_the_migrations_made() {
    let app = boot(NOWHERE, NOWHERE).await;
    let printed = testing::printed_schema(&mut app.database.connect());
    let written = include_str!("../../src/store/schema.rs");
    assert!(written == printed, "src/store/schema.rs should be:\n{printed}");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let app = boot(NOWHERE, NOWHERE).await;
    let mut conn = app.database.connect();
    kit::service::revert::<Conversation>(&mut conn).unwrap();
    let left = testing::printed_schema(&mut conn);
    assert!(!left.contains("table!"), "{left}");
    kit::service::migrate::<Conversation>(&app.database.url).unwrap();
}

#[tokio::test]
async fn eight_replicas_migrate_at_once() {
    let database = testing::Database::create();
    let replicas: Vec<_> = (0..8)
        .map(|_| {
            let url = database.url.clone();
            std::thread::spawn(move || {
                kit::service::migrate::<Conversation>(&url).map_err(|error| error.to_string())
            })
        })
        .collect();
    for replica in replicas {
        replica.join().unwrap().unwrap();
    }
}

#[test]
fn codes_are_documented() {
    testing::documented(conversation::CODES);
}
