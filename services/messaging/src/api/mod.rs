//! Over HTTP: wire types and handlers, a file per resource.

pub mod changes;
mod conversation_view;
pub mod conversations;
mod filters;
pub mod membership;
mod message_view;
pub mod messages;
pub mod participants;
