//! Participants: what they have read, and who has read a message.

use kit::UserId;
use timeline::Watermark;

use crate::domain::message::Message;

/// How many readers an answer names; it always counts all.
pub const NAMED_READERS: usize = 100;

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

/// Who has read a message: its sender, and the members whose watermark has passed it.
#[must_use]
pub fn read_by<'a>(message: &Message, readers: impl IntoIterator<Item = &'a Reader>) -> ReadBy {
    let others = readers.into_iter().filter(|reader| reader.user_id != message.sender_id);
    let have_read =
        others.filter(|reader| reader.watermark.has_passed(message.seq)).map(|reader| reader.user_id);
    let mut all: Vec<UserId> = std::iter::once(message.sender_id).chain(have_read).collect();
    let count = all.len();
    all.truncate(NAMED_READERS);
    ReadBy { named: all, count }
}
