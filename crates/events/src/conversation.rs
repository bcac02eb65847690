//! What conversation tells: threads about listings, their messages, and how far each of the two has read.

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Member;
use crate::event::payloads;

payloads! { "conversation":
    ThreadCreated = "thread-created", version 1;
    MessageCreated = "message-created", version 1;
    MessageRead = "message-read", version 1;
    ThreadRead = "thread-read", version 1;
    MessageDeleted = "message-deleted", version 1;
    MessageRestored = "message-restored", version 1;
}

/// A thread: what two people write to one another about a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thread {
    /// Which it is.
    pub id: Uuid,
    /// What it is about.
    pub listing_id: Uuid,
    /// Who began it.
    pub sender_id: UserId,
    /// The other.
    pub receiver_id: UserId,
    /// When its newest message was sent; its creation while there is none. Never goes back.
    #[serde(with = "kit::date")]
    pub last_message_at: DateTime<Utc>,
    /// When it began.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
}

/// A message after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Which it is.
    pub id: Uuid,
    /// Where it was said.
    pub conversation_thread_id: Uuid,
    /// Its place there: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// `text`, or `system` for what nobody said.
    pub kind: String,
    /// Who said it; nobody for a system message.
    pub sender_id: Option<UserId>,
    /// To whom; to nobody in particular for a system message.
    pub receiver_id: Option<UserId>,
    /// What was said; empty once it was deleted.
    pub content: String,
    /// The sender's own name for it.
    pub client_message_id: Option<String>,
    /// The files that it carries, at most ten.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
    /// When the receiver read it.
    #[serde(with = "kit::date::option")]
    pub read_at: Option<DateTime<Utc>>,
    /// When it was said.
    #[serde(with = "kit::date")]
    pub sent_at: DateTime<Utc>,
    /// False while it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change of the message.
    pub record_version: i32,
    /// When it last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
}

/// A thread as a service that asks is told: what all events about it come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadState {
    /// The thread.
    pub thread: Thread,
    /// The newest number; 0 while there is none.
    pub last_seq: i64,
    /// The newest message that is not deleted, cut to 200 characters.
    pub last_message: Option<Message>,
    /// Where both stand.
    pub members: Vec<Member>,
}

/// Two people began to write to one another about a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadCreated {
    /// The thread.
    pub thread: Thread,
    /// Where both stand.
    pub members: Vec<Member>,
}

/// Somebody said something, or the system did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCreated {
    /// The message.
    pub message: Message,
    /// Where its sender stands after it; after a system message, where both do.
    pub members: Vec<Member>,
}

/// The receiver read one message, perhaps before others that lie before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRead {
    /// The message.
    pub message: Message,
    /// Where the reader stands now.
    pub member: Member,
}

/// One of the two read all up to a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadRead {
    /// Where.
    pub conversation_thread_id: Uuid,
    /// When.
    #[serde(with = "kit::date")]
    pub read_at: DateTime<Utc>,
    /// Where the reader stands now.
    pub member: Member,
}

/// The staff deleted a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageDeleted {
    /// The message, no longer active, its content erased.
    pub message: Message,
    /// Where those stand for whom it had counted as unread.
    pub members: Vec<Member>,
    /// The thread's newest message after it.
    pub last_message: Option<Message>,
    /// The newest number then.
    #[serde(default)]
    pub last_seq: i64,
}

/// The staff brought a message back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRestored {
    /// The message, active again.
    pub message: Message,
    /// Where those stand for whom it counts as unread again.
    pub members: Vec<Member>,
    /// The thread's newest message after it.
    pub last_message: Option<Message>,
    /// The newest number then.
    #[serde(default)]
    pub last_seq: i64,
}
