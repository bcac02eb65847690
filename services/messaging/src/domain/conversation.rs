//! Conversations: who may open one, and what it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{KeyedIds, UserId, typed_id};
use timeline::{Seq, Watermark};

use crate::Refusal;
use crate::domain::message::{Kind, MessageId};

typed_id!(
    /// A conversation. Of a 1:1 it follows from the pair, so that there can be only one.
    ConversationId
);

/// How many people a group has.
pub const GROUP: std::ops::RangeInclusive<usize> = 3..=1_000;

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// A group, or a 1:1.
    pub is_group: bool,
    /// Who opened it.
    pub creator_id: UserId,
    /// Who is in it, in the order in which they came.
    pub member_ids: Vec<UserId>,
    /// False once it is deleted for all.
    pub is_active: bool,
    /// Up by one with every change of members or flags.
    pub record_version: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When its record version went up last.
    pub updated_at: DateTime<Utc>,
    /// The newest message's number; 0 while there is none.
    pub last_seq: Seq,
    /// When the newest message was sent; before that, when the conversation was opened. It never goes back.
    pub last_message_at: DateTime<Utc>,
    /// The newest message.
    pub last_message: Option<LastMessage>,
}

/// The newest message, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Its id.
    pub id: MessageId,
    /// Who sent it.
    pub sender_id: UserId,
    /// What it is.
    pub kind: Kind,
    /// Its first 200 characters.
    pub preview: String,
}

/// A conversation as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The conversation.
    pub conversation: Conversation,
    /// What the member has read of it.
    pub watermark: Watermark,
}

impl Seen {
    /// How many messages the member has not read.
    #[must_use]
    pub fn unread(&self) -> i64 {
        self.watermark.unread(self.conversation.last_seq)
    }

    /// The newest message, if the member can see it.
    #[must_use]
    pub fn last_message(&self) -> Option<&LastMessage> {
        let visible = self.watermark.visible_from <= self.conversation.last_seq;
        self.conversation.last_message.as_ref().filter(|_| visible)
    }
}

/// A conversation that somebody wants to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// A group, or a 1:1.
    pub is_group: bool,
    /// Who is to be in it, nobody twice.
    pub member_ids: Vec<UserId>,
}

/// Decides whether `caller` may open this conversation, as far as that follows from the request alone.
///
/// # Errors
/// The caller is not among the participants, or their number is wrong.
pub fn open(caller: UserId, is_group: bool, participant_ids: Vec<UserId>) -> Result<Opening, Refusal> {
    let mut known = HashSet::with_capacity(participant_ids.len());
    let member_ids: Vec<UserId> = participant_ids.into_iter().filter(|id| known.insert(*id)).collect();
    if !known.contains(&caller) {
        return Err(Refusal::NotAmongParticipants);
    }
    match (is_group, member_ids.len()) {
        (false, 2) => Ok(Opening { is_group, member_ids }),
        (false, _) => Err(Refusal::PairNeedsTwo),
        (true, size) if GROUP.contains(&size) => Ok(Opening { is_group, member_ids }),
        (true, _) => Err(Refusal::GroupSize),
    }
}

impl Opening {
    /// The conversation that it becomes. A 1:1 gets its pair's id, a group the `fresh` one.
    #[must_use]
    pub fn start(
        self,
        caller: UserId,
        pairs: &KeyedIds,
        fresh: ConversationId,
        now: DateTime<Utc>,
    ) -> Conversation {
        let uuids: Vec<_> = self.member_ids.iter().map(|id| id.uuid()).collect();
        Conversation {
            id: if self.is_group { fresh } else { pairs.of_set(&uuids) },
            is_group: self.is_group,
            creator_id: caller,
            member_ids: self.member_ids,
            is_active: true,
            record_version: 1,
            created_at: now,
            updated_at: now,
            last_seq: Seq::START,
            last_message_at: now,
            last_message: None,
        }
    }
}

/// Decides whether somebody may look at a conversation, given whether it is there and what they are in it.
///
/// # Errors
/// There is no such conversation, or it is one of others.
pub fn may_see(seen: Option<Seen>, exists: bool) -> Result<Seen, Refusal> {
    seen.ok_or(if exists { Refusal::NotAParticipant } else { Refusal::ConversationNotFound })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn people(count: u128) -> Vec<UserId> {
        (1..=count).map(|n| Uuid::from_u128(n).into()).collect()
    }

    #[test]
    fn a_pair_is_two_and_a_group_three_to_a_thousand() {
        let size = |is_group, count| {
            open(people(1)[0], is_group, people(count)).map(|opening| opening.member_ids.len())
        };
        assert_eq!(size(false, 2), Ok(2));
        assert_eq!(size(false, 1), Err(Refusal::PairNeedsTwo));
        assert_eq!(size(false, 3), Err(Refusal::PairNeedsTwo));
        assert_eq!(size(true, 2), Err(Refusal::GroupSize));
        assert_eq!(size(true, 3), Ok(3));
        assert_eq!(size(true, 1_000), Ok(1_000));
        assert_eq!(size(true, 1_001), Err(Refusal::GroupSize));
    }

    #[test]
    fn nobody_counts_twice() {
        let twice = [people(2), people(2)].concat();
        assert_eq!(open(people(1)[0], false, twice.clone()).unwrap().member_ids, people(2));
        assert_eq!(open(people(1)[0], true, twice), Err(Refusal::GroupSize));
    }

    #[test]
    fn the_caller_must_be_in_it() {
        let stranger = people(9)[8];
        assert_eq!(open(stranger, false, people(2)), Err(Refusal::NotAmongParticipants));
    }
}
