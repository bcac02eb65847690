//! Histories, as proptest makes and shrinks them.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Operation, Operations, PEOPLE, User};

/// How many actions a history has at most; what goes wrong mostly takes fewer than ten.
const ACTIONS: usize = 30;

/// One conversation from its beginning.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) members: usize,
    pub(super) actions: Vec<Action>,
}

/// Somebody wants to do something; the model makes a step of it, if that is allowed at the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Action {
    pub(super) operation: Operation,
    pub(super) by: User,
    /// Which message: taken round the number of those there are, from 1. To read up to 0 is to read all.
    pub(super) pick: i64,
}

pub(super) fn histories(
    operations: Operations,
    sizes: RangeInclusive<usize>,
) -> impl Strategy<Value = History> {
    let weighted: Vec<_> =
        operations.into_iter().flat_map(|operation| vec![operation; weight(operation)]).collect();
    let action = (select(weighted), 0..PEOPLE, 0..16_i64).prop_map(|(operation, by, pick)| Action {
        operation,
        by,
        pick,
    });
    // the actions first: what comes first is shrunk first, and fewer of them may do with fewer members
    (prop::collection::vec(action, 0..=ACTIONS), sizes)
        .prop_map(|(actions, members)| History { members, actions })
}

/// Without messages there is nothing to read, and who clears or leaves too often has nothing left to get wrong.
fn weight(operation: Operation) -> usize {
    match operation {
        Operation::Send => 8,
        Operation::ReadUpTo | Operation::ReadOne | Operation::Hide => 4,
        Operation::DeleteForAll | Operation::Restore | Operation::Join => 2,
        Operation::Clear | Operation::Leave => 1,
    }
}
