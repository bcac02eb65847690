//! Random histories against a naive model: does a store keep the rules of this crate?
//!
//! A service implements [`Store`] over its real store (in its tests, on a real database) and calls [`check`].
//! Each history creates one conversation and lets its members send, read, delete, leave and come back. After
//! every step everything that can be observed is compared, for every member and every message, with a model that
//! keeps no counters at all but remembers what happened and counts by hand:
//!
//! - messages are numbered 1, 2, 3 … without a gap;
//! - the unread count, as answered and as [`Watermark::unread`](crate::Watermark::unread) works it out;
//! - which messages the member sees, and who has read each message;
//! - `rev` goes up by one exactly when the member's watermark changes, and neither ever goes back.
//!
//! Histories hold only what the store says it supports, and only what is allowed: nobody acts who is not a member
//! or on a message that they cannot see, and user 0, the founder, does not leave. Refusals are the service's own to
//! test. What fails is shrunk to the shortest history that does.

mod compare;
mod history;
mod model;
mod step;
mod store;

use std::cell::RefCell;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

pub use store::{Operation, Operations, PEOPLE, Store, User};

use compare::Observed;
use history::History;
use model::Model;

/// Plays `cases` random histories, each on a store of its own.
///
/// # Panics
/// When the store differs from the model: with the shortest history found that does, step by step.
pub fn check<S: Store>(cases: u32, mut make_store: impl FnMut() -> S) {
    let sample = make_store();
    let histories = history::histories(sample.operations(), sample.sizes());
    drop(sample);
    let make_store = RefCell::new(make_store);
    let outcome = TestRunner::new(config(cases)).run(&histories, |history| {
        let mut store = (make_store.borrow_mut())();
        play(&mut store, &history).map_err(TestCaseError::fail)
    });
    outcome.unwrap_or_else(|error| fail(&error));
}

/// The history that failed is in the message, so no file is kept of it; a slow store is not shrunk for ever.
fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        max_shrink_time: 60_000,
        ..Config::default()
    }
}

#[expect(clippy::panic, reason = "a test suite reports by panicking")]
fn fail(error: &TestError<History>) {
    match error {
        TestError::Fail(reason, history) => {
            panic!("the store breaks a rule of the timeline:\n{reason}\n{history:?}")
        }
        TestError::Abort(reason) => panic!("the suite could not run: {reason}"),
    }
}

/// What is wrong, after the steps that led there.
fn play<S: Store>(store: &mut S, history: &History) -> Result<(), String> {
    let mut told = vec![format!("  {} members", history.members)];
    play_on(store, history, &mut told).map_err(|wrong| format!("{}\n{wrong}", told.join("\n  ")))
}

fn play_on<S: Store>(store: &mut S, history: &History, told: &mut Vec<String>) -> Result<(), String> {
    store.create(history.members).map_err(|error| format!("the store failed: {error:?}"))?;
    let mut model = Model::new(history.members);
    let mut observed = Observed::default();
    observed.compare(store, &model, None)?;
    for action in &history.actions {
        let Some(step) = model.allow(*action) else { continue };
        told.push(step.to_string());
        step.perform(store, &model)?;
        model.apply(step);
        observed.compare(store, &model, Some(step))?;
    }
    Ok(())
}
