//! Messages: who may send one, and what it is.

use chrono::{DateTime, Utc};
use files::FileId;
use kit::{UserId, typed_id};
use timeline::{Seq, Watermark};

use crate::Refusal;
use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::participant::{Mark, Participant, has_hidden};

typed_id!(
    /// A message.
    MessageId
);

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain text.
    Text,
    /// A file, by its id.
    DocId,
    /// The address of a page.
    Link,
    /// A place on earth, as JSON text.
    Location,
    /// Somebody, by their id.
    ProfileId,
    /// What the system has to say to all.
    System,
}

impl Kind {
    /// What people can send.
    pub const SENT: [Self; 5] = [Self::Text, Self::DocId, Self::Link, Self::Location, Self::ProfileId];

    /// The name as clients and the database write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::DocId => "docId",
            Self::Link => "link",
            Self::Location => "location",
            Self::ProfileId => "profileId",
            Self::System => "system",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::SENT.into_iter().chain([Self::System]).find(|kind| kind.name() == name)
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
    /// Who said it; nobody, if the system did.
    pub sender_id: Option<UserId>,
    /// What it is.
    pub kind: Kind,
    /// What was said, as it came.
    pub content: String,
    /// What the sender's client calls it.
    pub client_message_id: Option<String>,
    /// The message of this conversation that it answers.
    pub reply_to: Option<MessageId>,
    /// Up by one with every reaction that comes or goes; 0 while there never was one.
    pub reaction_rev: i64,
    /// The files that it carries.
    pub file_ids: Vec<FileId>,
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
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The files that go with it.
    pub file_ids: Vec<FileId>,
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
    /// What it is.
    pub kind: Kind,
    /// What is said.
    pub content: String,
    /// What the client calls it.
    pub client_message_id: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The files that go with it, checked.
    pub file_ids: Vec<FileId>,
}

/// Decides what needs no state: the message as far as it follows from the request.
///
/// # Errors
/// The message is in another's name, or a file with other files.
pub fn compose(wish: Wish, caller: UserId, id: MessageId, now: DateTime<Utc>) -> Result<Draft, Refusal> {
    let Wish { conversation_id, sender_id, kind, content, client_message_id, reply_to, file_ids } = wish;
    if sender_id.is_some_and(|sender| sender != caller) {
        return Err(Refusal::SenderIsAnother);
    }
    let (sender_id, file_ids) = (caller, carried(kind, &content, file_ids)?);
    Ok(Draft { conversation_id, id, sender_id, kind, content, client_message_id, reply_to, file_ids, now })
}

/// The files that go with a message: of a file that is a message of its own, that one.
fn carried(kind: Kind, content: &str, file_ids: Vec<FileId>) -> Result<Vec<FileId>, Refusal> {
    match (kind, file_ids.is_empty()) {
        (Kind::DocId, true) => Ok(content.parse().into_iter().collect()),
        (Kind::DocId, false) => Err(Refusal::DocumentCarriesFiles),
        _ => Ok(file_ids),
    }
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
        let Self {
            conversation_id,
            id,
            sender_id,
            kind,
            content,
            client_message_id,
            reply_to,
            file_ids,
            now,
        } = self;
        let sent_at = now.max(last_at);
        Message {
            conversation_id,
            seq,
            id,
            sender_id: Some(sender_id),
            kind,
            content,
            client_message_id,
            reply_to,
            reaction_rev: 0,
            file_ids,
            is_active: true,
            record_version: 1,
            sent_at,
            updated_at: sent_at,
        }
    }
}

/// What the system says in a conversation, as the next message after its newest.
#[must_use]
pub fn following(of: &Conversation, id: MessageId, content: String, now: DateTime<Utc>) -> Message {
    let sent_at = now.max(of.last_message_at);
    Message {
        conversation_id: of.id,
        seq: of.last_seq.next(),
        id,
        sender_id: None,
        kind: Kind::System,
        content,
        client_message_id: None,
        reply_to: None,
        file_ids: Vec::new(),
        reaction_rev: 0,
        is_active: true,
        record_version: 1,
        sent_at,
        updated_at: sent_at,
    }
}

/// Decides whether a member may look at a message of their conversation.
///
/// # Errors
/// There is no such message for them: it is deleted, hidden, or from before they came.
pub fn may_see(message: Message, member: &Participant, marks: &[Mark]) -> Result<Message, Refusal> {
    let hidden = has_hidden(marks, member.user_id, message.seq);
    let visible = message.is_active && !hidden && message.seq >= member.watermark.visible_from;
    if visible { Ok(message) } else { Err(Refusal::MessageNotFound) }
}

/// What a client wants to change of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What it is to say.
    pub content: Option<String>,
    /// Who has read it: the caller may add themselves.
    pub read_by: Option<Vec<UserId>>,
    /// Who deleted it for themselves: the caller may add themselves.
    pub deleted_for: Option<Vec<UserId>>,
}

/// What is to be done of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The new content; nothing where it says the same as before.
    pub content: Option<String>,
    /// The caller reads it.
    pub read: bool,
    /// The caller hides it.
    pub hide: bool,
}

/// Decides on a change of a message that the caller can see, given who read and who hid it so far.
///
/// # Errors
/// The content is another's or no text, or somebody else is to be added to the readers or hiders.
pub fn change(
    of: &Message,
    caller: UserId,
    wish: Change,
    readers: &[UserId],
    hiders: &[UserId],
) -> Result<Changes, Refusal> {
    if wish.content.is_some() && of.sender_id != Some(caller) {
        return Err(Refusal::ContentIsAnothers);
    }
    let content = wish.content.filter(|content| *content != of.content);
    if content.is_some() && of.kind != Kind::Text {
        return Err(Refusal::OnlyTextIsEdited);
    }
    let read = adds_caller(wish.read_by, caller, readers, "readBy")?;
    let hide = adds_caller(wish.deleted_for, caller, hiders, "deletedFor")?;
    Ok(Changes { content, read, hide })
}

/// Whether the list names the caller; whom it names besides must have been there.
fn adds_caller(
    named: Option<Vec<UserId>>,
    caller: UserId,
    there: &[UserId],
    field: &'static str,
) -> Result<bool, Refusal> {
    let named = named.unwrap_or_default();
    let foreign = |id: &UserId| *id != caller && !there.contains(id);
    if named.iter().any(foreign) { Err(Refusal::MarkIsAnothers(field)) } else { Ok(named.contains(&caller)) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn wish(sender_id: Option<UserId>) -> Wish {
        Wish {
            conversation_id: Uuid::nil().into(),
            sender_id,
            kind: Kind::Text,
            content: "hello".into(),
            client_message_id: None,
            reply_to: None,
            file_ids: Vec::new(),
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

    fn message() -> Message {
        draft().numbered(Seq::FIRST, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn only_the_sender_edits_and_the_same_is_no_edit() {
        let (of, other) = (message(), Uuid::from_u128(9).into());
        let sender = of.sender_id.unwrap();
        let says = |content: &str| Change { content: Some(content.into()), ..Change::default() };
        assert_eq!(change(&of, sender, says("new"), &[], &[]).unwrap().content, Some("new".into()));
        assert_eq!(change(&of, sender, says("hello"), &[], &[]).unwrap().content, None);
        assert_eq!(change(&of, other, says("hello"), &[], &[]), Err(Refusal::ContentIsAnothers));
        let link = Message { kind: Kind::Link, ..of };
        assert_eq!(change(&link, sender, says("new"), &[], &[]), Err(Refusal::OnlyTextIsEdited));
    }

    #[test]
    fn readers_and_hiders_add_themselves_only() {
        let of = message();
        let (me, there, foreign): (UserId, UserId, UserId) =
            (Uuid::from_u128(1).into(), Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
        let by = |ids: Vec<UserId>| Change { read_by: Some(ids), ..Change::default() };
        assert!(change(&of, me, by(vec![there, me]), &[there], &[]).unwrap().read);
        assert!(!change(&of, me, by(vec![there]), &[there], &[]).unwrap().read);
        assert_eq!(
            change(&of, me, by(vec![me, foreign]), &[there], &[]),
            Err(Refusal::MarkIsAnothers("readBy"))
        );
        let hide = Change { deleted_for: Some(vec![foreign]), ..Change::default() };
        assert_eq!(change(&of, me, hide, &[foreign], &[]), Err(Refusal::MarkIsAnothers("deletedFor")));
    }

    #[test]
    fn the_refusal_is_named() {
        let nowhere = Scene { conversation: None, sender: None };
        let stranger = Scene { conversation: Some((Seq::START, DateTime::UNIX_EPOCH)), sender: None };
        assert_eq!(may_send(nowhere), Err(Refusal::ConversationNotFound));
        assert_eq!(may_send(stranger), Err(Refusal::NotAParticipant));
    }
}
