//! The tables: one file each, functions on a connection, no rules. What changes something takes a transaction.

pub mod login_failures;
pub mod refresh_tokens;
pub(crate) mod schema;
pub mod sessions;
pub mod users;
