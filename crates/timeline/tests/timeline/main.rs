//! The conformance suite, tried: a store made of the crate's own transitions passes it, and broken ones do not.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod memory;

use std::panic::{AssertUnwindSafe, catch_unwind};

use timeline::conformance::{Operation, Operations, check};

use broken::{Broken, Fault};
use memory::Memory;

/// What the suite says of a store with this fault; `None` when it passes.
fn complaint(fault: Fault) -> Option<String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| check(2_000, || Broken::new(fault))));
    outcome.err().map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[test]
fn the_transitions_keep_the_rules() {
    check(10_000, || Memory::new(Operation::ALL));
}

#[test]
fn every_single_operation_can_be_left_out() {
    for missing in Operation::ALL {
        let others: Operations =
            Operation::ALL.into_iter().filter(|operation| *operation != missing).collect();
        check(100, || Memory::new(others.clone()));
    }
}

#[test]
fn sending_and_reading_is_enough() {
    check(200, || Memory::new([Operation::Send, Operation::ReadUpTo]));
}

#[test]
fn every_fault_is_caught() {
    for fault in Fault::ALL {
        let complaint = complaint(fault).unwrap_or_else(|| panic!("{fault:?} goes unnoticed"));
        assert!(complaint.contains(fault.complaint()), "{fault:?} is caught for another reason: {complaint}");
    }
}

#[test]
fn what_fails_is_told_as_a_short_history() {
    let complaint = complaint(Fault::SendReads).unwrap();
    let steps = complaint.lines().skip_while(|line| !line.ends_with(" members")).skip(1);
    let steps: Vec<_> = steps.take_while(|line| line.starts_with("  ")).collect();
    // two would do; shrinking may leave another
    assert!((2..=4).contains(&steps.len()), "{complaint}");
    assert!(steps.iter().filter(|step| step.ends_with(" sends")).count() >= 2, "{complaint}");
}
