//! The rules: values in, decisions or refusals out; no database, no HTTP, no clock.

pub mod contact;
pub mod listing;
