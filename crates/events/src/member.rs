//! Where somebody stands in a conversation, as events carry it.

use kit::UserId;
use serde::{Deserialize, Serialize};

/// Where a member stands, in absolute figures: consumers keep the one with the highest `rev`, so that repetition and
/// reordering do no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Whose state it is.
    pub user_id: UserId,
    /// All up to this seq is read.
    pub read_seq: i64,
    /// How many messages after `read_seq` do not count as unread, the member's own among them.
    pub uncounted: i64,
    /// The first seq that the member can see.
    pub visible_from: i64,
    /// False once they left or were removed, and for everybody in a deleted conversation.
    #[serde(default = "is_member")]
    pub is_member: bool,
    /// While no message after this one was said, they do not want to see the conversation.
    #[serde(default)]
    pub hidden_seq: Option<i64>,
    /// Goes up by one with each change of this state.
    pub rev: i64,
}

/// What is meant where an older event does not say it.
fn is_member() -> bool {
    true
}
