//! The rules: pure functions on values.

pub mod chain;
pub mod content;
pub mod listing;
pub mod message;
pub mod participant;
pub mod thread;
