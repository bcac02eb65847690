//! The tables, one file each: diesel functions on a connection, no rules.

pub mod history;
pub mod listings;
pub mod messages;
pub mod moderation;
pub mod notices;
pub mod participants;
#[rustfmt::skip]
#[expect(missing_docs, reason = "printed from the catalogue")]
pub mod schema;
pub mod search;
pub mod states;
pub mod threads;
