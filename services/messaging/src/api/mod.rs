//! Over HTTP: wire types and handlers, a file per resource.

pub mod changes;
pub mod chats;
pub mod chats_groups;
pub mod chats_history;
pub mod chats_members;
pub mod chats_reactions;
pub mod chats_send;
mod content;
mod conversation_view;
pub mod conversations;
mod filters;
pub mod membership;
mod message_view;
pub mod messages;
pub mod participants;
pub mod sending;
pub mod states;
