//! Conversations: between a contact and all agents of a chatbot.

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::Serialize;
use timeline::{Seq, SeqRange, Watermark};
use utoipa::ToSchema;

use crate::Refusal;
use crate::domain::content::MessageType;
use crate::domain::ids::{ChatbotId, ContactId, ContactInboxId, ConversationId, InboxId, MessageId};
use crate::domain::message::{Message, Sender};

/// Where a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Somebody should answer.
    Open,
    /// It waits for something.
    Pending,
    /// It is done, until the contact writes again.
    Resolved,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Pending, Self::Resolved];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Resolved => "resolved",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// One of the two that talk; each has one reading state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// All agents together.
    Agents,
    /// The contact.
    Contact,
}

impl Side {
    /// On which side a sender speaks.
    #[must_use]
    pub fn of(sender: Sender) -> Self {
        if sender.is_contact() { Self::Contact } else { Self::Agents }
    }
}

/// The newest message, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Its id.
    pub id: MessageId,
    /// Its number.
    pub seq: Seq,
    /// Its type.
    pub message_type: MessageType,
    /// Who sent it.
    pub sender: Sender,
    /// The first 200 characters of its text.
    pub preview: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
}

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// With whom.
    pub contact_id: ContactId,
    /// By which of their names.
    pub contact_inbox_id: ContactInboxId,
    /// In which inbox.
    pub inbox_id: InboxId,
    /// What the channel calls it.
    pub source_id: String,
    /// Where it stands.
    pub status: Status,
    /// Who takes care of it.
    pub assignee_id: Option<UserId>,
    /// When an agent last looked.
    pub agent_last_seen_at: Option<DateTime<Utc>>,
    /// What the agents have read.
    pub agents: Watermark,
    /// When the contact last looked.
    pub contact_last_seen_at: Option<DateTime<Utc>>,
    /// What the contact has read.
    pub contact: Watermark,
    /// The newest message's number; 0 while there is none.
    pub last_seq: Seq,
    /// How many messages are deleted.
    pub deleted: i64,
    /// When the newest message was sent; before that, when the conversation began. It never goes back.
    pub last_message_at: DateTime<Utc>,
    /// The newest message that is not deleted.
    pub last_message: Option<LastMessage>,
    /// False once it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change of its own.
    pub record_version: i32,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a new conversation is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Its id.
    pub id: ConversationId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// With whom.
    pub contact_id: ContactId,
    /// By which of their names.
    pub contact_inbox_id: ContactInboxId,
    /// In which inbox.
    pub inbox_id: InboxId,
    /// What the channel calls it.
    pub source_id: String,
    /// When.
    pub now: DateTime<Utc>,
}

impl Conversation {
    /// A new one.
    #[must_use]
    pub fn new(of: Opening) -> Self {
        Self {
            id: of.id,
            chatbot_id: of.chatbot_id,
            contact_id: of.contact_id,
            contact_inbox_id: of.contact_inbox_id,
            inbox_id: of.inbox_id,
            source_id: of.source_id,
            status: Status::Open,
            assignee_id: None,
            agent_last_seen_at: None,
            agents: Watermark::joined(Seq::START),
            contact_last_seen_at: None,
            contact: Watermark::joined(Seq::START),
            last_seq: Seq::START,
            deleted: 0,
            last_message_at: of.now,
            last_message: None,
            is_active: true,
            record_version: 1,
            created_at: of.now,
            updated_at: of.now,
        }
    }

    /// The bucket of its files.
    #[must_use]
    pub fn bucket(id: ConversationId) -> String {
        format!("inbox-{id}")
    }

    /// What a side has read.
    #[must_use]
    pub fn watermark(&self, side: Side) -> Watermark {
        match side {
            Side::Agents => self.agents,
            Side::Contact => self.contact,
        }
    }

    fn with(self, side: Side, watermark: Watermark) -> Self {
        match side {
            Side::Agents => Self { agents: watermark, ..self },
            Side::Contact => Self { contact: watermark, ..self },
        }
    }

    /// How many messages a side has not read.
    #[must_use]
    pub fn unread(&self, side: Side) -> i64 {
        self.watermark(side).unread(self.last_seq)
    }

    /// The conversation after its next message. What the contact says opens a conversation that was done.
    #[must_use]
    pub fn said(self, message: &Message, last: LastMessage) -> Self {
        let side = Side::of(message.sender);
        let reopened = side == Side::Contact && self.status == Status::Resolved;
        let sent = self.watermark(side).sent();
        let said = Self {
            last_seq: message.seq,
            last_message_at: message.created_at,
            last_message: Some(last),
            ..self.with(side, sent)
        };
        if reopened {
            said.changed(Change { status: Some(Status::Open), assignee: None }, message.created_at)
        } else {
            said
        }
    }

    /// The conversation after a side has read up to a message; none where nothing changes.
    ///
    /// # Errors
    /// Those of `uncounted_in`: how many messages of a range do not count for that side.
    pub fn read<E>(
        &self,
        side: Side,
        up_to: Seq,
        now: DateTime<Utc>,
        uncounted_in: impl FnOnce(SeqRange) -> Result<i64, E>,
    ) -> Result<Option<Self>, E> {
        let moved = self.watermark(side).read_up_to(up_to, self.last_seq, uncounted_in)?;
        Ok(moved.map(|watermark| {
            let read = self.clone().with(side, watermark);
            match side {
                Side::Agents => Self { agent_last_seen_at: Some(now), ..read },
                Side::Contact => Self { contact_last_seen_at: Some(now), ..read },
            }
        }))
    }

    /// The conversation after one of its messages is deleted: for the side to which it was said, it may no longer count.
    #[must_use]
    pub fn without(self, message: &Message) -> Self {
        let to = if Side::of(message.sender) == Side::Contact { Side::Agents } else { Side::Contact };
        let counted = self.watermark(to).deleted_for_all(message.seq, None);
        let after = Self { deleted: self.deleted + 1, ..self };
        match counted {
            Some(watermark) => after.with(to, watermark),
            None => after,
        }
    }

    /// The conversation after a change of its own; the same where nothing is different.
    #[must_use]
    pub fn changed(self, change: Change, now: DateTime<Utc>) -> Self {
        let status = change.status.unwrap_or(self.status);
        let assignee_id = change.assignee.unwrap_or(self.assignee_id);
        if (status, assignee_id) == (self.status, self.assignee_id) {
            return self;
        }
        Self { status, assignee_id, record_version: self.record_version + 1, updated_at: now, ..self }
    }
}

/// A change of a conversation: what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Its status.
    pub status: Option<Status>,
    /// Its assignee, or nobody.
    pub assignee: Option<Option<UserId>>,
}

/// A conversation that is there.
///
/// # Errors
/// It is not.
pub fn there(found: Option<Conversation>) -> Result<Conversation, Refusal> {
    found.filter(|it| it.is_active).ok_or(Refusal::ConversationNotFound)
}
