//! The rules, over values: no SQL, no HTTP, no clock.

pub mod chatbot;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod ids;
pub mod inbox;
pub mod inbox_entry;
pub mod message;
pub mod note;
