//! The two of a thread, and what they have read.

use kit::UserId;
use timeline::{Exception, Watermark};

use crate::domain::message::Message;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub user_id: UserId,
    /// What they have read. They see a thread from its beginning.
    pub watermark: Watermark,
}

/// Why a message does not count as unread for one of the two; what tells whether they read it goes first.
#[must_use]
pub fn exception(message: &Message, user: UserId) -> Option<Exception> {
    if message.receiver_id != Some(user) {
        Some(Exception::Own)
    } else if message.read_at.is_some() {
        Some(Exception::Read)
    } else {
        (!message.is_active).then_some(Exception::Deleted)
    }
}
