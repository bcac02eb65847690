//! The rules: values in, decisions or refusals out; no database, no HTTP, no clock.

pub mod bucket;
pub mod limit;
pub mod profile;
pub mod search;
pub mod session;
pub mod token;
pub mod user;
