//! Over HTTP: wire types and handlers, a file per resource.

pub mod fetch;
mod filters;
pub mod history;
mod listing_view;
mod message_view;
pub mod messages;
pub mod moderation;
mod people;
pub mod reading;
pub mod states;
mod thread_view;
pub mod threads;
