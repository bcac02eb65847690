//! Inboxes: where contacts write in, by one channel.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{ChannelId, ChatbotId, ContactId, ContactInboxId, InboxId};

/// How many conversations a contact has in an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ConversationPolicy {
    /// One, which goes on whenever they come back.
    Single,
    /// One for each session.
    PerSession,
}

impl ConversationPolicy {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::PerSession => "perSession",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Single, Self::PerSession].into_iter().find(|policy| policy.name() == name)
    }
}

/// An inbox as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// Its id.
    pub id: InboxId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// The kind of its channel, as `channels` names it: `ChannelWebWidget`, `ChannelApi` …
    pub channel_type: String,
    /// Its channel.
    pub channel_id: ChannelId,
    /// What it is called.
    pub name: String,
    /// How many conversations a contact has.
    pub conversation_policy: ConversationPolicy,
    /// What signs visitors' identities.
    pub identity_secret: String,
    /// Whether nobody is let in without one.
    pub identity_required: bool,
    /// False once it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A contact in an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactInbox {
    /// Its id.
    pub id: ContactInboxId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// Who.
    pub contact_id: ContactId,
    /// Where.
    pub inbox_id: InboxId,
    /// What the channel calls the contact.
    pub source_id: String,
    /// When they first came.
    pub created_at: DateTime<Utc>,
}
