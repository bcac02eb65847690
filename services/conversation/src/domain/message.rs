//! Messages: who may send, read and see one, and what it is.

use chrono::{DateTime, Utc};
use files::FileId;
use kit::{UserId, typed_id};
use timeline::Seq;

use crate::Refusal;
use crate::domain::content::sanitize;
use crate::domain::thread::{Thread, ThreadId};

typed_id!(
    /// A message.
    MessageId
);

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain text that somebody wrote.
    Text,
    /// What the system has to say to both.
    System,
}

impl Kind {
    /// The name as clients and the database write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::System => "system",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Text, Self::System].into_iter().find(|kind| kind.name() == name)
    }
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was said.
    pub thread_id: ThreadId,
    /// Its number there: 1, 2, 3 … in the order of the commits.
    pub seq: Seq,
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub kind: Kind,
    /// Who said it; nobody, if the system did.
    pub sender_id: Option<UserId>,
    /// To whom; to nobody in particular, if the system did.
    pub receiver_id: Option<UserId>,
    /// What was said, without markup.
    pub content: String,
    /// What the sender's client calls it.
    pub client_message_id: Option<String>,
    /// When the receiver read it.
    pub read_at: Option<DateTime<Utc>>,
    /// Up by one with every change.
    pub record_version: i32,
    /// False while it is deleted.
    pub is_active: bool,
    /// When it was stored; it never decreases with `seq`.
    pub sent_at: DateTime<Utc>,
    /// When its record version went up last.
    pub updated_at: DateTime<Utc>,
    /// When it was deleted, and by whom of the staff.
    pub deletion: Option<Deletion>,
    /// The files that it carries.
    pub file_ids: Vec<FileId>,
}

/// When something was deleted, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: UserId,
}

/// What a client asks to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Where.
    pub thread_id: ThreadId,
    /// In whose name, where the client says so.
    pub sender_id: Option<UserId>,
    /// To whom, where the client says so.
    pub receiver_id: Option<UserId>,
    /// What is said, perhaps with markup.
    pub content: String,
    /// What the client calls it.
    pub client_message_id: Option<String>,
    /// The files that go with it, checked.
    pub file_ids: Vec<FileId>,
}

/// A message before it has its number and its receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it is to be said.
    pub thread_id: ThreadId,
    /// Its id.
    pub id: MessageId,
    /// Who says it.
    pub sender_id: UserId,
    /// To whom, where the client says so.
    pub receiver_id: Option<UserId>,
    /// What is said, without markup.
    pub content: String,
    /// What the sender's client calls it.
    pub client_message_id: Option<String>,
    /// The files that go with it.
    pub file_ids: Vec<FileId>,
    /// When it is sent, unless something newer was said there already.
    pub now: DateTime<Utc>,
}

/// Decides what needs no state: the message as far as it follows from the request.
///
/// # Errors
/// The message is in another's name, or nothing is left of it without markup.
pub fn compose(wish: Wish, caller: UserId, id: MessageId, now: DateTime<Utc>) -> Result<Draft, Refusal> {
    let Wish { thread_id, sender_id, receiver_id, content, client_message_id, file_ids } = wish;
    if sender_id.is_some_and(|sender| sender != caller) {
        return Err(Refusal::SenderIsAnother);
    }
    let content = sanitize(&content);
    if content.trim().is_empty() {
        return Err(Refusal::NothingIsLeft);
    }
    Ok(Draft { thread_id, id, sender_id: caller, receiver_id, content, client_message_id, file_ids, now })
}

impl Draft {
    /// The message that it becomes in this thread, as the next after its newest.
    ///
    /// # Errors
    /// The sender is not one of the two, or the receiver is not the other.
    pub fn into_message(self, thread: &Thread) -> Result<Message, Refusal> {
        let other = thread.other(self.sender_id).ok_or(Refusal::NotAParticipant)?;
        if self.receiver_id.is_some_and(|receiver| receiver != other) {
            return Err(Refusal::ReceiverIsNotTheOther);
        }
        let mut message = following(thread, self.id, self.content, self.now);
        message.kind = Kind::Text;
        (message.sender_id, message.receiver_id) = (Some(self.sender_id), Some(other));
        (message.client_message_id, message.file_ids) = (self.client_message_id, self.file_ids);
        Ok(message)
    }
}

/// What the system says to both, as the next message after a thread's newest.
#[must_use]
pub fn following(thread: &Thread, id: MessageId, content: String, now: DateTime<Utc>) -> Message {
    let sent_at = now.max(thread.last_message_at);
    Message {
        thread_id: thread.id,
        seq: thread.last_seq.next(),
        id,
        kind: Kind::System,
        sender_id: None,
        receiver_id: None,
        content,
        client_message_id: None,
        read_at: None,
        record_version: 1,
        is_active: true,
        sent_at,
        updated_at: sent_at,
        deletion: None,
        file_ids: Vec::new(),
    }
}

impl Message {
    /// The message after a change.
    fn changed(self, now: DateTime<Utc>) -> Self {
        Self { record_version: self.record_version.saturating_add(1), updated_at: now, ..self }
    }

    /// The message after its receiver read it; nothing when they had: the first time stays.
    ///
    /// # Errors
    /// The reader is not the receiver.
    pub fn read(self, reader: UserId, now: DateTime<Utc>) -> Result<Option<Self>, Refusal> {
        if self.receiver_id != Some(reader) {
            return Err(Refusal::NotTheReceiver);
        }
        let unread = self.read_at.is_none();
        Ok(unread.then(|| Self { read_at: Some(now), ..self.changed(now) }))
    }

    /// The message after the staff deleted it; nothing when they had.
    #[must_use]
    pub fn deleted(self, by: UserId, now: DateTime<Utc>) -> Option<Self> {
        let deletion = Some(Deletion { at: now, by });
        self.is_active.then(|| Self { is_active: false, deletion, ..self.changed(now) })
    }

    /// The message after the staff brought it back; nothing when it is there.
    #[must_use]
    pub fn restored(self, now: DateTime<Utc>) -> Option<Self> {
        (!self.is_active).then(|| Self { is_active: true, deletion: None, ..self.changed(now) })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        Uuid::from_u128(number).into()
    }

    fn wish(content: &str) -> Wish {
        Wish {
            thread_id: Uuid::nil().into(),
            sender_id: None,
            receiver_id: None,
            content: content.into(),
            client_message_id: None,
            file_ids: Vec::new(),
        }
    }

    fn draft(receiver: Option<u128>) -> Draft {
        let wish = Wish { receiver_id: receiver.map(user), ..wish("hello") };
        compose(wish, user(1), Uuid::nil().into(), DateTime::UNIX_EPOCH).unwrap()
    }

    fn thread() -> Thread {
        Thread {
            id: Uuid::nil().into(),
            listing_id: Uuid::nil().into(),
            sender_id: user(1),
            receiver_id: user(2),
            created_at: DateTime::UNIX_EPOCH,
            last_seq: Seq::saturating(7),
            deleted: 0,
            last_message_at: DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1),
            last_message: None,
        }
    }

    #[test]
    fn nobody_speaks_for_another_and_markup_alone_says_nothing() {
        let compose = |wish| compose(wish, user(1), Uuid::nil().into(), DateTime::UNIX_EPOCH);
        let foreign = Wish { sender_id: Some(user(2)), ..wish("hello") };
        assert_eq!(compose(foreign), Err(Refusal::SenderIsAnother));
        assert_eq!(compose(wish("<b> </b>")), Err(Refusal::NothingIsLeft));
    }

    #[test]
    fn the_receiver_is_the_other() {
        let message = draft(None).into_message(&thread()).unwrap();
        assert_eq!((message.receiver_id, message.seq.get()), (Some(user(2)), 8));
        assert_eq!(message.sent_at, thread().last_message_at, "time never goes back");
        assert_eq!(draft(Some(1)).into_message(&thread()), Err(Refusal::ReceiverIsNotTheOther));
        let others = Thread { sender_id: user(3), ..thread() };
        assert_eq!(draft(None).into_message(&others), Err(Refusal::NotAParticipant));
    }

    #[test]
    fn the_first_reading_stays() {
        let message = draft(None).into_message(&thread()).unwrap();
        let (early, late) = (message.sent_at, message.sent_at + chrono::TimeDelta::hours(1));
        assert_eq!(message.clone().read(user(1), early), Err(Refusal::NotTheReceiver));
        let read = message.read(user(2), early).unwrap().unwrap();
        assert_eq!((read.read_at, read.record_version), (Some(early), 2));
        assert_eq!(read.read(user(2), late), Ok(None));
    }

    #[test]
    fn deleting_and_restoring_take_turns() {
        let message = draft(None).into_message(&thread()).unwrap();
        assert_eq!(message.clone().restored(message.sent_at), None);
        let deleted = message.clone().deleted(user(9), message.sent_at).unwrap();
        assert_eq!(deleted.clone().deleted(user(9), message.sent_at), None);
        assert_eq!(deleted.restored(message.sent_at).unwrap(), Message { record_version: 3, ..message });
    }
}
