//! Channels: the ways by which contacts write in and are answered. A new one is a file here and a line in [`CHANNELS`].

mod api;
mod web_widget;

use diesel::QueryResult;
use diesel::pg::PgConnection;
use kit::{Result, Tx};

use crate::domain::conversation::Conversation;
use crate::domain::ids::{ChannelId, ChatbotId};
use crate::domain::inbox::Inbox;
use crate::domain::message::Message;

/// A kind of channel.
pub trait Channel: Send + Sync {
    /// Its name, as `channelType` has it.
    fn channel_type(&self) -> &'static str;

    /// Whether a chatbot has that channel.
    ///
    /// # Errors
    /// What Postgres says.
    fn exists(&self, conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<bool>;

    /// Something was said in a conversation of an inbox of this channel, in the transaction that stores it: what is to
    /// reach the contact elsewhere is put into an outbox here.
    ///
    /// # Errors
    /// What Postgres says.
    fn said(&self, tx: &mut Tx<'_>, said: &Said<'_>) -> Result<()>;
}

/// What was said, and where.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The inbox.
    pub inbox: &'a Inbox,
    /// The conversation after it.
    pub conversation: &'a Conversation,
    /// The message.
    pub message: &'a Message,
}

/// The names of the two kinds that have routes of their own.
pub(crate) const WEB_WIDGET: &str = "ChannelWebWidget";
pub(crate) const API: &str = "ChannelApi";

/// All kinds of channels.
pub static CHANNELS: &[&dyn Channel] = &[&web_widget::ChannelWebWidget, &api::ChannelApi];

/// The channel of that type.
#[must_use]
pub fn find(channel_type: &str) -> Option<&'static dyn Channel> {
    CHANNELS.iter().copied().find(|channel| channel.channel_type() == channel_type)
}
