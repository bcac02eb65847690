//! The tables. Each has one owner file; every function takes a chatbot's id or a [`Scope`](crate::domain::chatbot::Scope),
//! but for those that a test names with their reason.

pub mod attachments;
pub mod channel_apis;
pub mod channel_web_widgets;
pub mod chatbots;
pub mod contact_inboxes;
pub mod contacts;
pub mod conversations;
pub mod inboxes;
pub mod members;
mod merged;
pub mod messages;
pub mod notes;
pub mod participants;
mod schema;
pub mod search;
pub mod unified;
pub mod web_widget_templates;
pub mod webhook_deliveries;
