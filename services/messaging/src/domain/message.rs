//! Messages: who may send one, and what it is.

use chrono::{DateTime, Utc};
use kit::{UserId, typed_id};
use timeline::{Seq, Watermark};

use crate::Refusal;
use crate::domain::conversation::ConversationId;

typed_id!(
    /// A message.
    MessageId
);

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain text.
    Text,
}

impl Kind {
    /// The name as clients and the database write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        (name == "text").then_some(Self::Text)
    }
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was said.
    pub conversation_id: ConversationId,
    /// Its number there: 1, 2, 3 … in the order of the commits.
    pub seq: Seq,
    /// Its id.
    pub id: MessageId,
    /// Who said it.
    pub sender_id: UserId,
    /// What it is.
    pub kind: Kind,
    /// What was said, as it came.
    pub content: String,
    /// What the sender's client calls it.
    pub client_message_id: Option<String>,
    /// False once it is deleted for all.
    pub is_active: bool,
    /// Up by one with every edit.
    pub record_version: i32,
    /// When it was stored; it never decreases with `seq`.
    pub sent_at: DateTime<Utc>,
    /// When its record version went up last.
    pub updated_at: DateTime<Utc>,
}

/// A message before it has its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it is to be said.
    pub conversation_id: ConversationId,
    /// Its id.
    pub id: MessageId,
    /// Who says it.
    pub sender_id: UserId,
    /// What it is.
    pub kind: Kind,
    /// What is said.
    pub content: String,
    /// What the sender's client calls it.
    pub client_message_id: Option<String>,
    /// When it is sent, unless something newer was said there already.
    pub now: DateTime<Utc>,
}

/// What a client asks to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Where.
    pub conversation_id: ConversationId,
    /// In whose name, where the client says so.
    pub sender_id: Option<UserId>,
    /// What is said.
    pub content: String,
    /// What the client calls it.
    pub client_message_id: Option<String>,
}

/// Decides what needs no state: the message as far as it follows from the request.
///
/// # Errors
/// The message is in another's name.
pub fn compose(wish: Wish, caller: UserId, id: MessageId, now: DateTime<Utc>) -> Result<Draft, Refusal> {
    let Wish { conversation_id, sender_id, content, client_message_id } = wish;
    if sender_id.is_some_and(|sender| sender != caller) {
        return Err(Refusal::SenderIsAnother);
    }
    Ok(Draft { conversation_id, id, sender_id: caller, kind: Kind::Text, content, client_message_id, now })
}

/// What a send depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// The conversation: its newest message's number and time; nothing when it is not there, or not any more.
    pub conversation: Option<(Seq, DateTime<Utc>)>,
    /// The sender's state in it; nothing when they are not in it, or not any more.
    pub sender: Option<Watermark>,
}

/// Decides whether a message may be sent in this scene. The statement that sends decides the same by itself; this
/// names the refusal when it did nothing.
///
/// # Errors
/// There is no such conversation, or the sender is not in it.
pub fn may_send(scene: Scene) -> Result<(Seq, DateTime<Utc>, Watermark), Refusal> {
    let (last_seq, last_at) = scene.conversation.ok_or(Refusal::ConversationNotFound)?;
    let sender = scene.sender.ok_or(Refusal::NotAParticipant)?;
    Ok((last_seq, last_at, sender))
}

/// What a send comes to: the message with its number, and the sender's new state.
///
/// # Errors
/// Those of [`may_send`].
pub fn apply(draft: Draft, scene: Scene) -> Result<(Message, Watermark), Refusal> {
    let (last_seq, last_at, sender) = may_send(scene)?;
    Ok((draft.numbered(last_seq.next(), last_at), sender.sent()))
}

impl Draft {
    /// The message that it becomes under this number, after one that was sent at `last_at`.
    #[must_use]
    pub fn numbered(self, seq: Seq, last_at: DateTime<Utc>) -> Message {
        let Self { conversation_id, id, sender_id, kind, content, client_message_id, now } = self;
        let sent_at = now.max(last_at);
        Message {
            conversation_id,
            seq,
            id,
            sender_id,
            kind,
            content,
            client_message_id,
            is_active: true,
            record_version: 1,
            sent_at,
            updated_at: sent_at,
        }
    }
}

/// Decides whether somebody may look at a message, given their state in its conversation.
///
/// # Errors
/// There is no such message for them, or it is one of others.
pub fn may_see(message: Option<Message>, member: Option<Watermark>) -> Result<Message, Refusal> {
    let message = message.filter(|message| message.is_active).ok_or(Refusal::MessageNotFound)?;
    let member = member.ok_or(Refusal::NotAParticipant)?;
    Some(message).filter(|message| message.seq >= member.visible_from).ok_or(Refusal::MessageNotFound)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn wish(sender_id: Option<UserId>) -> Wish {
        Wish {
            conversation_id: Uuid::nil().into(),
            sender_id,
            content: "hello".into(),
            client_message_id: None,
        }
    }

    fn draft() -> Draft {
        compose(wish(None), Uuid::nil().into(), Uuid::nil().into(), DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn nobody_speaks_for_another() {
        let (me, you): (UserId, UserId) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        assert!(compose(wish(Some(me)), me, Uuid::nil().into(), DateTime::UNIX_EPOCH).is_ok());
        let refusal = compose(wish(Some(you)), me, Uuid::nil().into(), DateTime::UNIX_EPOCH);
        assert_eq!(refusal, Err(Refusal::SenderIsAnother));
    }

    #[test]
    fn time_never_goes_back_along_the_numbers() {
        let late = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let scene = Scene {
            conversation: Some((Seq::saturating(7), late)),
            sender: Some(Watermark::joined(Seq::START)),
        };
        let (message, sender) = apply(draft(), scene).unwrap();
        assert_eq!((message.seq.get(), message.sent_at), (8, late));
        assert_eq!(sender.unread(message.seq), 7);
    }

    #[test]
    fn the_refusal_is_named() {
        let nowhere = Scene { conversation: None, sender: None };
        let stranger = Scene { conversation: Some((Seq::START, DateTime::UNIX_EPOCH)), sender: None };
        assert_eq!(may_send(nowhere), Err(Refusal::ConversationNotFound));
        assert_eq!(may_send(stranger), Err(Refusal::NotAParticipant));
    }
}
