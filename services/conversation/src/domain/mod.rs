//! The rules: pure functions on values.

pub mod chain;
pub mod content;
