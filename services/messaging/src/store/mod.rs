//! The tables, one file each: diesel functions on a connection, no rules.

pub mod conversations;
pub mod history;
pub mod marks;
pub mod messages;
pub mod newest_seen;
pub mod overview;
pub mod participants;
pub mod reactions;
#[rustfmt::skip]
#[expect(missing_docs, reason = "printed from the catalogue")]
pub mod schema;
pub mod send;
pub mod states;
pub mod stretch;
