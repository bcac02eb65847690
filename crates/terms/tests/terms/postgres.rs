//! The same on Postgres itself.

use std::cell::RefCell;

use diesel::pg::PgConnection;
use diesel::sql_types::{Array, Bool, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use terms::{of, query};
use testing::Database;

use crate::texts::{texts, texts_and_parts};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    found: bool,
}

fn found(conn: &RefCell<PgConnection>, text: &str, search: &str) -> Result<bool, TestCaseError> {
    let Some(query) = query(search) else { return Ok(true) };
    sql_query("SELECT array_to_tsvector($1) @@ $2::tsquery AS found")
        .bind::<Array<Text>, _>(of(text))
        .bind::<Text, _>(&query)
        .get_result::<Answer>(&mut *conn.borrow_mut())
        .map(|answer| answer.found)
        .map_err(|error| TestCaseError::fail(format!("{query}: {error}")))
}

fn run<S: Strategy>(strategy: &S, case: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) };
    TestRunner::new(config).run(strategy, case).unwrap();
}

#[test]
fn any_text_is_a_valid_query_that_finds_itself() {
    let database = Database::create();
    let conn = RefCell::new(database.connect());
    run(&prop_oneof![texts(), any::<String>()], |text| {
        prop_assert!(found(&conn, &text, &text)?);
        Ok(())
    });
}

#[test]
fn a_text_is_found_by_any_of_its_whole_words() {
    let database = Database::create();
    let conn = RefCell::new(database.connect());
    run(&texts_and_parts(), |(text, part)| {
        prop_assert!(found(&conn, &text, &part)?, "{part:?} in {text:?}");
        Ok(())
    });
}

#[test]
fn another_text_is_not_found() {
    let database = Database::create();
    let conn = RefCell::new(database.connect());
    for (text, search) in [("şarkılar", "arkı"), ("中国人", "人中"), ("o'clock", "o''clock x"), (r"a\b", "c")]
    {
        assert!(!found(&conn, text, search).unwrap(), "{search} in {text}");
    }
    assert!(found(&conn, "o'clock 中国人", "国人 O'CLO").unwrap());
}
