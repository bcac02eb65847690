//! The rules, over values only: no SQL, no HTTP, no clock.

pub mod conversation;
pub mod message;
pub mod participant;
