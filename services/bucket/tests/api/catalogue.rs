//! The schema as it is migrated, and what stands still.

use std::collections::BTreeSet;

use bucket::Bucket;

use crate::stage::Stage;

#[tokio::test]
async fn schema_rs_says_what_the_migrations_made() {
    let stage = Stage::set().await;
    let printed = testing::printed_schema(&mut stage.app.database.connect());
    let written = include_str!("../../src/store/schema.rs");
    assert!(written == printed, "src/store/schema.rs should be:\n{printed}");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let stage = Stage::set().await;
    let mut conn = stage.app.database.connect();
    kit::service::revert::<Bucket>(&mut conn).unwrap();
    let left = testing::printed_schema(&mut conn);
    assert!(!left.contains("table!"), "{left}");
    kit::service::migrate::<Bucket>(&stage.app.database.url).unwrap();
}

#[test]
fn every_code_has_one_name() {
    let names: BTreeSet<_> = bucket::CODES.iter().chain(kit::CODES).map(|code| code.name).collect();
    assert_eq!(names.len(), bucket::CODES.len() + kit::CODES.len());
}

#[test]
fn codes_are_documented() {
    testing::documented(bucket::CODES);
}

#[tokio::test]
async fn the_openapi_is_served_and_every_operation_is_described() {
    testing::described(&Stage::set().await.app).await;
}
