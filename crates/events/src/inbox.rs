//! What inbox tells: the conversations of a company with its contacts, their messages, and how far each side has read.
//!
//! Ids are cuid2 here, but for users' and files'. All agents of a chatbot share one reading state, the contact has the other.

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::payloads;

payloads! { "inbox":
    ChatbotUpdated = "chatbot-updated", version 1;
    MemberUpdated = "member-updated", version 1;
    ContactUpdated = "contact-updated", version 1;
    ConversationCreated = "conversation-created", version 1;
    ConversationUpdated = "conversation-updated", version 1;
    ConversationSeen = "conversation-seen", version 1;
    MessageCreated = "message-created", version 1;
    MessageDeleted = "message-deleted", version 1;
}

/// A chatbot, the tenant of everything here, after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chatbot {
    /// Which it is.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// False once it was deleted, and with it all that is its.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
}

/// Somebody who answers for a chatbot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatbotMember {
    /// For which.
    pub chatbot_id: String,
    /// Who.
    pub user_id: UserId,
    /// `owner`, `admin` or `agent`.
    pub role: String,
    /// False once they are a member no longer.
    pub is_active: bool,
    /// Goes up by one with each change, also through leaving and coming back.
    pub record_version: i32,
}

/// Somebody who writes in. What they can be reached by stays in inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Which it is.
    pub id: String,
    /// To which chatbot.
    pub chatbot_id: String,
    /// What to call them.
    pub name: Option<String>,
    /// The URL of their picture.
    pub avatar: Option<String>,
    /// False once they were deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
}

/// A conversation after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Which it is.
    pub id: String,
    /// Whose.
    pub chatbot_id: String,
    /// With whom.
    pub contact_id: String,
    /// Where they write in.
    pub inbox_id: String,
    /// `open`, `pending` or `resolved`.
    pub status: String,
    /// The agent who takes care of it.
    pub assignee_id: Option<UserId>,
    /// The newest message's number; 0 while there is none.
    pub last_seq: i64,
    /// When its newest message was sent; its creation while there is none. Never goes back.
    #[serde(with = "kit::date")]
    pub last_message_at: DateTime<Utc>,
    /// False once it was deleted.
    pub is_active: bool,
    /// Goes up by one with each change of the conversation itself.
    pub record_version: i32,
    /// When it began.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
}

/// How far one of the two sides has read: unread = the newest `seq` - `read_seq` - `uncounted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// All up to this seq is read.
    pub read_seq: i64,
    /// How many messages after `read_seq` do not count as unread, the side's own among them.
    pub uncounted: i64,
    /// Goes up by one with each change of this state.
    pub rev: i64,
}

/// How far both have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// All agents together.
    pub agents: Side,
    /// The contact.
    pub contact: Side,
}

/// A message after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Which it is.
    pub id: String,
    /// Whose.
    pub chatbot_id: String,
    /// Where it was said.
    pub conversation_id: String,
    /// By which inbox it came or went.
    pub inbox_id: String,
    /// Its place in the conversation: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// One of the eleven types: `text`, `image`, `markdown` …
    pub message_type: String,
    /// What was said, or what stands above the rest of it.
    pub content: Option<String>,
    /// `contact`, `user`, `bot` or `system`.
    pub sender_type: String,
    /// Who said it; nobody for the system.
    pub sender_id: Option<String>,
    /// The sender's own name for it.
    pub client_message_id: Option<String>,
    /// The files that it carries, at most ten.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
    /// When it was said.
    #[serde(with = "kit::date")]
    pub sent_at: DateTime<Utc>,
    /// False once it was deleted.
    pub is_active: bool,
    /// Goes up by one with each change of the message itself.
    pub record_version: i32,
}

/// A chatbot was made, renamed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatbotUpdated {
    /// The chatbot.
    pub chatbot: Chatbot,
}

/// Somebody became a member of a chatbot, got another role or is a member no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberUpdated {
    /// The member.
    pub member: ChatbotMember,
}

/// A contact changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactUpdated {
    /// The contact.
    pub contact: Contact,
}

/// A conversation with a contact began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCreated {
    /// The conversation.
    pub conversation: Conversation,
    /// With whom.
    pub contact: Contact,
    /// How far both have read.
    pub sides: Sides,
}

/// A conversation's status, assignee or being changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationUpdated {
    /// The conversation after the change.
    pub conversation: Conversation,
}

/// The agents or the contact read further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSeen {
    /// Whose.
    pub chatbot_id: String,
    /// Where.
    pub conversation_id: String,
    /// How far both have read.
    pub sides: Sides,
}

/// Somebody said something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCreated {
    /// The message.
    pub message: Message,
    /// How far both have read after it.
    pub sides: Sides,
}

/// A message was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageDeleted {
    /// The message, no longer active, its content erased.
    pub message: Message,
    /// How far both have read after it.
    pub sides: Sides,
    /// The conversation's newest message after it.
    pub last_message: Option<Message>,
    /// The newest number then.
    #[serde(default)]
    pub last_seq: i64,
}
