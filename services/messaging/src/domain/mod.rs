//! The rules, over values only: no SQL, no HTTP, no clock.

pub mod content;
pub mod conversation;
pub mod group;
pub mod message;
pub mod notice;
pub mod participant;
pub mod reaction;
