//! What messaging tells: conversations, messages, and how far each member has read.

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Member;
use crate::event::payloads;

payloads! { "messaging":
    ConversationCreated = "conversation-created", version 1;
    MessageCreated = "message-created", version 1;
    ConversationRead = "conversation-read", version 1;
    ConversationUpdated = "conversation-updated", version 1;
    ConversationDeleted = "conversation-deleted", version 1;
    ConversationHidden = "conversation-hidden", version 1;
    MessageUpdated = "message-updated", version 1;
    MessageDeleted = "message-deleted", version 1;
    MessageHidden = "message-hidden", version 1;
    MessageRead = "message-read", version 1;
    MessageReacted = "message-reacted", version 1;
}

/// A conversation after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Which it is.
    pub id: Uuid,
    /// False between two people.
    pub is_group: bool,
    /// What a group is called.
    pub name: Option<String>,
    /// Its picture: an http(s) address, or the id of a file.
    pub icon: Option<String>,
    /// What it is about.
    pub desc: Option<String>,
    /// The members, at most 1,000.
    pub participant_ids: Vec<UserId>,
    /// When its newest message was sent; its creation while there is none. Never goes back.
    #[serde(with = "kit::date")]
    pub last_message_at: DateTime<Utc>,
    /// False once it was deleted for all.
    pub is_active: bool,
    /// Goes up by one with each change of the conversation itself.
    pub record_version: i32,
    /// When it began.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
    /// Its creator.
    #[serde(rename = "_owner")]
    pub owner: UserId,
}

/// A message after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Which it is.
    pub id: Uuid,
    /// Where it was said.
    pub conversation_id: Uuid,
    /// Its place there: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// Who said it; nobody for a system message.
    pub sender_user_id: Option<UserId>,
    /// What was said; of a `location`, JSON as text.
    pub content: String,
    /// `text`, `docId`, `link`, `location`, `profileId`, or `system` for what nobody said.
    #[serde(rename = "type")]
    pub kind: String,
    /// The sender's own name for it.
    pub client_message_id: Option<String>,
    /// The message of this conversation that it answers.
    pub reply_to: Option<Uuid>,
    /// The files that it carries, at most ten.
    #[serde(default)]
    pub file_ids: Vec<Uuid>,
    /// When it was said.
    #[serde(with = "kit::date")]
    pub sent_at: DateTime<Utc>,
    /// False once it was deleted for all.
    pub is_active: bool,
    /// Goes up by one with each change of the message itself.
    pub record_version: i32,
    /// When it was stored.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
}

/// A conversation began, or was revived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCreated {
    /// The conversation.
    pub conversation: Conversation,
    /// Where each member stands.
    pub members: Vec<Member>,
}

/// Somebody said something, or the system did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCreated {
    /// The message.
    pub message: Message,
    /// Where its sender stands after it; after a system message, where all members do.
    pub members: Vec<Member>,
}

/// A member read further.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationRead {
    /// Where.
    pub conversation_id: Uuid,
    /// Where the reader stands now.
    pub member: Member,
}

/// A conversation's members, owner, name, icon or description changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationUpdated {
    /// The conversation after the change.
    pub conversation: Conversation,
    /// Where those stand who came or went.
    pub members: Vec<Member>,
}

/// A conversation was deleted for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationDeleted {
    /// The conversation, no longer active.
    pub conversation: Conversation,
    /// Where each of those stands who were members.
    pub members: Vec<Member>,
}

/// A member hid a conversation until something new is said, or shows it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationHidden {
    /// Where.
    pub conversation_id: Uuid,
    /// Where the member stands now: `hiddenSeq` tells whether it is hidden.
    pub member: Member,
}

/// Which message is the newest that a member sees who deleted others for themselves. For those of whom no sight was
/// told it is the newest that is active, unless it comes before their `visibleFrom`.
///
/// Consumers keep the sight with the highest (`visibleFrom`, `absent`), and read it so: the newest active message, if it
/// comes after `upToSeq`; else `lastMessage`, while it is active; else, unless it is null, the newest active one again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sight {
    /// Who.
    pub user_id: UserId,
    /// The first seq that they can see.
    pub visible_from: i64,
    /// How many messages since then they cannot see: goes up by one with each.
    pub absent: i64,
    /// The newest seq when this was so.
    pub up_to_seq: i64,
    /// The newest message that they can see, cut to 200 characters; null when there is none.
    pub last_message: Option<Message>,
}

/// A conversation with some of the people who are or were in it, as a service that asks is told: what all events about it
/// come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversationState {
    /// The conversation.
    pub conversation: Conversation,
    /// The newest number; 0 while there is none.
    pub last_seq: i64,
    /// The newest message that is not deleted for all, cut to 200 characters.
    pub last_message: Option<Message>,
    /// Where these people stand.
    pub members: Vec<Member>,
    /// What those of them see who deleted that message for themselves.
    pub sights: Vec<Sight>,
}

/// A message was edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageUpdated {
    /// The message after the edit.
    pub message: Message,
    /// The conversation's newest message after it.
    #[serde(default)]
    pub last_message: Option<Message>,
    /// The newest number then.
    #[serde(default)]
    pub last_seq: i64,
    /// What those see who deleted the newest message for themselves.
    #[serde(default)]
    pub sights: Vec<Sight>,
}

/// A message was deleted for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageDeleted {
    /// The message, no longer active, its content erased.
    pub message: Message,
    /// Where those stand for whom it had counted as unread.
    pub members: Vec<Member>,
    /// The conversation's newest message after it.
    pub last_message: Option<Message>,
    /// The newest number then.
    #[serde(default)]
    pub last_seq: i64,
    /// What those see who deleted that one for themselves.
    #[serde(default)]
    pub sights: Vec<Sight>,
}

/// A member deleted a message for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageHidden {
    /// Where.
    pub conversation_id: Uuid,
    /// Which.
    pub message_id: Uuid,
    /// Its place there.
    pub seq: i64,
    /// Where the member stands now.
    pub member: Member,
    /// What they see now.
    pub sight: Sight,
}

/// A member read one message, perhaps before others that lie before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageRead {
    /// Where.
    pub conversation_id: Uuid,
    /// Which.
    pub message_id: Uuid,
    /// Its place there.
    pub seq: i64,
    /// Where the reader stands now.
    pub member: Member,
}

/// A reaction to a message came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageReacted {
    /// Where.
    pub conversation_id: Uuid,
    /// Which.
    pub message_id: Uuid,
    /// Its place there.
    pub seq: i64,
    /// Goes up by one with each reaction that comes or goes: consumers keep the highest.
    pub reaction_rev: i64,
    /// All reactions to it now, the emoji that was there first before the others.
    pub reactions: Vec<Reaction>,
}

/// What an emoji came to on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many put it there.
    pub count: usize,
    /// At most 100 of them, in the order in which they did.
    pub user_ids: Vec<UserId>,
}
