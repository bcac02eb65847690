//! Over HTTP: wire types and handlers, a file per resource.

pub mod conversations;
pub mod messages;
pub mod participants;
