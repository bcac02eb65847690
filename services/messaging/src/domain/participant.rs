//! Participants: who is in a conversation, what they have read, and who has read a message.

use chrono::{DateTime, Utc};
use kit::UserId;
use timeline::{Exception, Seq, Watermark};

use crate::domain::message::Message;

/// How many readers an answer names; it always counts all.
pub const NAMED_READERS: usize = 100;

/// Somebody who is in a conversation, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub user_id: UserId,
    /// False once they left or were removed, and for everybody in a deleted conversation.
    pub is_member: bool,
    /// When they came, the last time.
    pub joined_at: DateTime<Utc>,
    /// What they have read.
    pub watermark: Watermark,
    /// How many messages since `visible_from` they cannot see: deleted for all, or by them for themselves.
    pub absent: i64,
    /// While nothing newer than this was said, they do not want to see the conversation.
    pub hidden_seq: Option<Seq>,
}

impl Participant {
    /// Somebody who comes for the first time.
    #[must_use]
    pub fn joining(user_id: UserId, last_seq: Seq, now: DateTime<Utc>) -> Self {
        let watermark = Watermark::joined(last_seq);
        Self { user_id, is_member: true, joined_at: now, watermark, absent: 0, hidden_seq: None }
    }

    /// Somebody who was there before comes again: they see what is said from now on.
    #[must_use]
    pub fn rejoining(self, last_seq: Seq, now: DateTime<Utc>) -> Self {
        let watermark = self.watermark.rejoined(last_seq);
        Self { is_member: true, joined_at: now, watermark, absent: 0, hidden_seq: None, ..self }
    }

    /// They are in it no longer.
    #[must_use]
    pub fn leaving(self) -> Self {
        Self { is_member: false, watermark: self.watermark.left(), ..self }
    }

    /// They do not want to see it until something new is said.
    #[must_use]
    pub fn hiding(self, last_seq: Seq) -> Self {
        Self { hidden_seq: Some(last_seq), watermark: self.watermark.touched(), ..self }
    }

    /// They want to see it again; nothing where they do anyway.
    #[must_use]
    pub fn showing(self) -> Option<Self> {
        self.hidden_seq.map(|_| Self { hidden_seq: None, watermark: self.watermark.touched(), ..self })
    }

    /// Whether they see the conversation whose newest number is `last_seq`.
    #[must_use]
    pub fn sees(&self, last_seq: Seq) -> bool {
        self.is_member && self.hidden_seq.is_none_or(|hidden| last_seq > hidden)
    }

    /// How many messages they can see.
    #[must_use]
    pub fn visible_count(&self, last_seq: Seq) -> i64 {
        (self.watermark.visible(last_seq).total() - self.absent).max(0)
    }

    /// A message was deleted for all; `exception` is why it did not count for them, if it did not.
    #[must_use]
    pub fn without(self, seq: Seq, exception: Option<Exception>, hidden: bool) -> Self {
        let watermark = self.watermark.deleted_for_all(seq, exception).unwrap_or(self.watermark);
        let saw_it = seq >= self.watermark.visible_from && !hidden;
        Self { watermark, absent: self.absent + i64::from(saw_it), ..self }
    }
}

/// What a member did with one message besides passing over it: what answers show beside the watermarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Which message.
    pub seq: Seq,
    /// Who.
    pub user_id: UserId,
    /// They deleted it for themselves.
    pub hidden: bool,
    /// They read it; of a hidden one: before they hid it.
    pub read: bool,
}

/// Whether somebody deleted a message of these marks for themselves.
#[must_use]
pub fn has_hidden(marks: &[Mark], user: UserId, seq: Seq) -> bool {
    marks.iter().any(|mark| mark.hidden && mark.seq == seq && mark.user_id == user)
}

/// A member and what they have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The member.
    pub user_id: UserId,
    /// What they have read.
    pub watermark: Watermark,
}

/// Who has read a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBy {
    /// At most [`NAMED_READERS`] of them, the sender first.
    pub named: Vec<UserId>,
    /// How many they are.
    pub count: usize,
}

/// Who has read a message: its sender, and the members whose watermark has passed it or who read it out of order. A
/// member who hid it unread has not, though their watermark may pass it later. What the system says is nobody's to read.
#[must_use]
pub fn read_by(message: &Message, readers: &[Reader], marks: &[Mark]) -> ReadBy {
    let mut all = all_who_read(message, readers, marks);
    let count = all.len();
    all.truncate(NAMED_READERS);
    ReadBy { named: all, count }
}

/// All who have read a message, the sender first.
#[must_use]
pub fn all_who_read(message: &Message, readers: &[Reader], marks: &[Mark]) -> Vec<UserId> {
    let Some(sender) = message.sender_id else { return Vec::new() };
    let marked =
        |user: UserId| marks.iter().filter(move |mark| mark.seq == message.seq && mark.user_id == user);
    let has_read = |reader: &&Reader| {
        let hidden = marked(reader.user_id).find(|mark| mark.hidden);
        let visible = message.seq >= reader.watermark.visible_from;
        visible
            && hidden.map_or_else(
                || reader.watermark.has_passed(message.seq) || marked(reader.user_id).any(|mark| mark.read),
                |hidden| hidden.read,
            )
    };
    let others = readers.iter().filter(|reader| reader.user_id != sender);
    let have_read = others.filter(has_read).map(|reader| reader.user_id);
    std::iter::once(sender).chain(have_read).collect()
}

/// Why a message does not count as unread for a member; of several reasons the one that tells whether they read it.
#[must_use]
pub fn exception(message: &Message, user: UserId, marks: &[Mark]) -> Option<Exception> {
    let mine = || marks.iter().filter(|mark| mark.seq == message.seq && mark.user_id == user);
    // What nobody sent counts for nobody, as if it were their own.
    if message.sender_id.is_none_or(|sender| sender == user) {
        Some(Exception::Own)
    } else if mine().any(|mark| mark.hidden) {
        Some(Exception::Hidden)
    } else if !message.is_active {
        Some(Exception::Deleted)
    } else {
        mine().any(|mark| mark.read).then_some(Exception::Read)
    }
}
