//! Over HTTP: wire types and handlers, a file per resource.

pub mod channel_apis;
pub mod channel_web_widgets;
pub mod chatbots;
pub mod contacts;
mod content;
mod conversation_view;
pub mod conversations;
pub mod deliveries;
mod filters;
pub mod inbox_entries;
pub mod inboxes;
pub mod incoming;
pub mod incoming_conversations;
pub mod members;
pub(crate) mod message_view;
pub mod messages;
pub mod notes;
pub mod participants;
pub mod seen;
pub mod simulator;
pub mod web_widget_templates;
pub mod widget;

use diesel::pg::PgConnection;
use kit::error::NOT_AN_ID;
use kit::{Call, Error, Id, Result};

use crate::domain::chatbot::Scope;
use crate::store;

/// What the caller may touch: looked up in the transaction, or on the connection, that then touches it.
pub(crate) fn scope(conn: &mut PgConnection, call: &Call) -> Result<Scope> {
    Ok(store::members::scope(conn, call.caller.user_id)?)
}

/// An id as a path has it.
pub(crate) fn id_in_path<I: Id>(text: &str, name: &'static str) -> Result<I> {
    text.parse().map_err(|_| Error::field(&NOT_AN_ID, name))
}
