//! Messages: what somebody says, and when it counts for whom.

use chrono::{DateTime, Utc};
use files::FileId;
use kit::UserId;
use serde_json::Value;
use timeline::Seq;

use crate::Refusal;
use crate::domain::content::{MessageType, picked};
use crate::domain::conversation::Conversation;
use crate::domain::ids::{AttachmentId, ChatbotId, ContactId, ConversationId, InboxId, MessageId};

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The contact.
    Contact(ContactId),
    /// An agent.
    User(UserId),
    /// The chatbot, by a program of the company's.
    Bot(ChatbotId),
    /// Nobody.
    System,
}

impl Sender {
    /// The name of its kind.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Contact(_) => "contact",
            Self::User(_) => "user",
            Self::Bot(_) => "bot",
            Self::System => "system",
        }
    }

    /// Its id, where it is somebody.
    #[must_use]
    pub fn id(self) -> Option<String> {
        match self {
            Self::Contact(id) => Some(id.to_string()),
            Self::User(id) => Some(id.to_string()),
            Self::Bot(id) => Some(id.to_string()),
            Self::System => None,
        }
    }

    /// The sender of that kind and id.
    #[must_use]
    pub fn parse(kind: &str, id: Option<&str>) -> Option<Self> {
        match (kind, id) {
            ("contact", Some(id)) => id.parse().map(Self::Contact).ok(),
            ("user", Some(id)) => id.parse().map(Self::User).ok(),
            ("bot", Some(id)) => id.parse().map(Self::Bot).ok(),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }

    /// Whether it is the contact's side that speaks, and not the company's.
    #[must_use]
    pub fn is_contact(self) -> bool {
        matches!(self, Self::Contact(_))
    }
}

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// `image`, `audio`, `video` or `file`.
    pub attachment_type: String,
    /// The file.
    pub file_id: FileId,
}

/// Which of a message's offers another picks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// The message that offers.
    pub message_id: MessageId,
    /// The values.
    pub values: Vec<String>,
}

/// What is to be said, before it is known where that will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: MessageId,
    /// Whose conversation.
    pub chatbot_id: ChatbotId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Who.
    pub sender: Sender,
    /// Of what type.
    pub message_type: MessageType,
    /// What.
    pub content: Option<String>,
    /// What else, as its type has it.
    pub body: Option<Value>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// What the client calls it.
    pub client_message_id: Option<String>,
    /// What the channel calls it.
    pub source_id: Option<String>,
    /// What it answers.
    pub answer: Option<Picked>,
    /// When.
    pub now: DateTime<Utc>,
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// Where.
    pub conversation_id: ConversationId,
    /// By which inbox.
    pub inbox_id: InboxId,
    /// Its place there.
    pub seq: Seq,
    /// Who said it.
    pub sender: Sender,
    /// Of what type.
    pub message_type: MessageType,
    /// What was said.
    pub content: Option<String>,
    /// What else, as its type has it.
    pub body: Option<Value>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// What the client calls it.
    pub client_message_id: Option<String>,
    /// What the channel calls it.
    pub source_id: Option<String>,
    /// What it answers.
    pub answer: Option<Picked>,
    /// False once it is deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was said.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Draft {
    /// The message that it becomes in a locked conversation: the next number, and a time that does not go back.
    #[must_use]
    pub fn into_message(self, of: &Conversation) -> Message {
        let at = self.now.max(of.last_message_at);
        Message {
            id: self.id,
            chatbot_id: of.chatbot_id,
            conversation_id: of.id,
            inbox_id: of.inbox_id,
            seq: of.last_seq.next(),
            sender: self.sender,
            message_type: self.message_type,
            content: self.content,
            body: self.body,
            attachments: self.attachments,
            client_message_id: self.client_message_id,
            source_id: self.source_id,
            answer: self.answer,
            is_active: true,
            record_version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The draft with its answer checked against the message that it answers; where it says nothing itself, it says what
    /// was picked.
    ///
    /// # Errors
    /// There is no such message here, it offers nothing, or not that.
    pub fn answering(self, asked: Option<&Message>) -> Result<Self, Refusal> {
        let Some(answer) = &self.answer else { return Ok(self) };
        let asked =
            asked.filter(|it| it.is_active && !it.sender.is_contact()).ok_or(Refusal::NothingToAnswer)?;
        let body = asked.body.as_ref().ok_or(Refusal::NothingToAnswer)?;
        let titles = picked(asked.message_type, body, &answer.values).map_err(Refusal::AnswerNotOffered)?;
        let content = self.content.or_else(|| Some(titles.join(", ")));
        Ok(Self { content, ..self })
    }
}

impl Message {
    /// The message after its deletion: nothing of what was said stays.
    #[must_use]
    pub fn erased(self, now: DateTime<Utc>) -> Self {
        Self {
            content: None,
            body: None,
            answer: None,
            is_active: false,
            record_version: self.record_version + 1,
            updated_at: now,
            ..self
        }
    }
}

/// Decides whether somebody may delete a message: its sender may, and who manages the chatbot.
///
/// # Errors
/// They may not.
pub fn may_delete(message: &Message, user: UserId, manages: bool) -> Result<(), Refusal> {
    if message.sender == Sender::User(user) || manages { Ok(()) } else { Err(Refusal::MessageIsAnothers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_read_as_they_are_written() {
        let user = UserId::from(uuid::Uuid::from_u128(7));
        for sender in [
            Sender::Contact(ContactId::draw()),
            Sender::User(user),
            Sender::Bot(ChatbotId::draw()),
            Sender::System,
        ] {
            assert_eq!(Sender::parse(sender.kind(), sender.id().as_deref()), Some(sender));
        }
        assert_eq!(Sender::parse("user", None), None);
        assert_eq!(Sender::parse("system", Some("x")), None);
    }
}
