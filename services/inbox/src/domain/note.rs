//! Notes: what agents say among themselves.

use chrono::{DateTime, Utc};
use kit::UserId;
use timeline::Seq;

use crate::Refusal;
use crate::domain::ids::{ChatbotId, ConversationId, NoteId};

/// A note as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Whose.
    pub chatbot_id: ChatbotId,
    /// Where.
    pub conversation_id: ConversationId,
    /// The newest message when it was written: where it belongs.
    pub after_seq: Seq,
    /// Who wrote it.
    pub author_id: UserId,
    /// What.
    pub content: String,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Decides whether somebody may take a note away: who wrote it may.
///
/// # Errors
/// It is another's.
pub fn may_delete(note: &Note, user: UserId) -> Result<(), Refusal> {
    if note.author_id == user { Ok(()) } else { Err(Refusal::NoteIsAnothers) }
}
