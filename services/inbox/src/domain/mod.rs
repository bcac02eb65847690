//! The rules, over values: no SQL, no HTTP, no clock.

pub mod channel;
pub mod chatbot;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod css;
pub mod delivery;
pub mod identity;
pub mod ids;
pub mod inbox;
pub mod inbox_entry;
pub mod message;
pub mod networks;
pub mod note;
pub mod site;
pub mod webhook;
