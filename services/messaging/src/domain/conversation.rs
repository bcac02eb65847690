//! Conversations: who may open one, and what it is.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{KeyedIds, UserId, typed_id};
use timeline::Seq;

use crate::Refusal;
use crate::domain::message::{Kind, MessageId};
use crate::domain::participant::Participant;

typed_id!(
    /// A conversation. Of a 1:1 it follows from the pair, so that there can be only one.
    ConversationId
);

/// How many people a group has.
pub const GROUP: std::ops::RangeInclusive<usize> = 3..=1_000;

/// How many participants an answer names; it always counts all.
pub const NAMED_PARTICIPANTS: u8 = 20;

/// A conversation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// A group, or a 1:1.
    pub is_group: bool,
    /// What a group is called and how it looks; nothing of a 1:1.
    pub profile: Profile,
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
    /// The newest message that is not deleted for all.
    pub last_message: Option<LastMessage>,
}

impl Conversation {
    /// The bucket that its members' files lie in.
    #[must_use]
    pub fn bucket(id: ConversationId) -> String {
        format!("conversation-{id}")
    }
}

/// What a group is called and how it looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What it is called.
    pub name: Option<String>,
    /// Its picture: an http(s) address, or the id of a file.
    pub icon: Option<String>,
    /// What it is about.
    pub description: Option<String>,
}

/// The newest message, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMessage {
    /// Its id.
    pub id: MessageId,
    /// Its number.
    pub seq: Seq,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// Who sent it; nobody, if the system did.
    pub sender_id: Option<UserId>,
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
    /// The member.
    pub member: Participant,
    /// The newest message, if the member can see it.
    pub last_message: Option<LastMessage>,
}

impl Seen {
    /// How many messages the member has not read.
    #[must_use]
    pub fn unread(&self) -> i64 {
        self.member.watermark.unread(self.conversation.last_seq)
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
            profile: Profile::default(),
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
/// There is no such conversation for them, or it is one of others.
pub fn may_see(seen: Option<Seen>, exists: bool) -> Result<Seen, Refusal> {
    let seen = seen.ok_or(if exists { Refusal::NotAParticipant } else { Refusal::ConversationNotFound })?;
    let visible = seen.member.sees(seen.conversation.last_seq);
    if visible { Ok(seen) } else { Err(Refusal::ConversationNotFound) }
}

/// What a client wants to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Who is to be in it.
    pub participant_ids: Option<Vec<UserId>>,
    /// Whether it is to be a group.
    pub is_group: Option<bool>,
}

/// Who comes and who goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who is in it afterwards: those who stay in their order, then those who come.
    pub member_ids: Vec<UserId>,
    /// Those who come.
    pub joining: Vec<UserId>,
    /// Those who go.
    pub leaving: Vec<UserId>,
    /// Who owns it afterwards.
    pub creator_id: UserId,
}

/// Decides on a change by one of the members: of groups only, which stay groups of at least three.
///
/// # Errors
/// It is no group or is to be none, the number is wrong, or somebody else would remove the creator.
pub fn change(of: &Conversation, caller: UserId, wish: Change) -> Result<Membership, Refusal> {
    if !of.is_group || wish.is_group == Some(false) {
        return Err(Refusal::GroupsOnly);
    }
    let wanted = wish.participant_ids.unwrap_or_else(|| of.member_ids.clone());
    let membership = membership(of, &wanted);
    if !GROUP.contains(&membership.member_ids.len()) {
        return Err(Refusal::GroupSize);
    }
    if caller != of.creator_id && membership.leaving.contains(&of.creator_id) {
        return Err(Refusal::CreatorStays);
    }
    Ok(membership)
}

pub(super) fn membership(of: &Conversation, wanted: &[UserId]) -> Membership {
    let (before, after): (HashSet<_>, HashSet<_>) = (of.member_ids.iter().collect(), wanted.iter().collect());
    let mut known = HashSet::new();
    let joining: Vec<UserId> =
        wanted.iter().filter(|id| !before.contains(id) && known.insert(**id)).copied().collect();
    let (staying, leaving): (Vec<UserId>, Vec<UserId>) =
        of.member_ids.iter().partition(|id| after.contains(id));
    Membership {
        creator_id: owner(of, &staying),
        member_ids: [staying, joining.clone()].concat(),
        joining,
        leaving,
    }
}

/// The creator, or the longest-standing member once the creator is gone.
fn owner(of: &Conversation, staying: &[UserId]) -> UserId {
    let creator = staying.iter().find(|id| **id == of.creator_id);
    creator.or_else(|| staying.first()).copied().unwrap_or(of.creator_id)
}

/// What deleting a conversation comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is gone for all.
    Deleted,
    /// The caller leaves.
    Left(Membership),
}

/// Decides what a member's delete means: a 1:1 and a creator's group end for all, others leave. Nobody stays behind in
/// an empty group.
#[must_use]
pub fn end(of: &Conversation, caller: UserId) -> Ending {
    let staying: Vec<UserId> = of.member_ids.iter().filter(|id| **id != caller).copied().collect();
    if !of.is_group || of.creator_id == caller || staying.is_empty() {
        return Ending::Deleted;
    }
    Ending::Left(membership(of, &staying))
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

    fn group(size: u128) -> Conversation {
        let secret = kit::settings::Secret::new("a secret of at least 32 characters");
        let pairs = KeyedIds::new(&secret, "pairs.secret").unwrap();
        let opening = Opening { is_group: true, member_ids: people(size) };
        opening.start(people(1)[0], &pairs, Uuid::nil().into(), DateTime::UNIX_EPOCH)
    }

    fn wish(participant_ids: Vec<UserId>) -> Change {
        Change { participant_ids: Some(participant_ids), is_group: None }
    }

    #[test]
    fn who_stays_keeps_the_order_and_who_comes_follows() {
        let (of, all) = (group(4), people(6));
        let wanted = vec![all[5], all[3], all[0], all[5], all[2]];
        let after = change(&of, all[0], wish(wanted)).unwrap();
        assert_eq!(after.member_ids, [all[0], all[2], all[3], all[5]]);
        assert_eq!((after.joining, after.leaving), (vec![all[5]], vec![all[1]]));
    }

    #[test]
    fn only_the_creator_removes_the_creator_and_the_longest_standing_follows() {
        let (of, all) = (group(4), people(4));
        assert_eq!(change(&of, all[1], wish(all[1..].to_vec())), Err(Refusal::CreatorStays));
        assert_eq!(change(&of, all[0], wish(all[1..].to_vec())).unwrap().creator_id, all[1]);
        assert_eq!(change(&of, all[1], wish(all[..3].to_vec())).unwrap().creator_id, all[0]);
    }

    #[test]
    fn a_group_stays_a_group_of_three() {
        let (of, all) = (group(3), people(3));
        assert_eq!(change(&of, all[0], wish(all[..2].to_vec())), Err(Refusal::GroupSize));
        assert_eq!(
            change(&of, all[0], Change { is_group: Some(false), ..Change::default() }),
            Err(Refusal::GroupsOnly)
        );
        let pair = Conversation { is_group: false, member_ids: people(2), ..of };
        assert_eq!(change(&pair, all[0], wish(all)), Err(Refusal::GroupsOnly));
    }

    #[test]
    fn a_member_leaves_and_a_creator_ends() {
        let (of, all) = (group(3), people(3));
        assert_eq!(end(&of, all[0]), Ending::Deleted);
        let Ending::Left(after) = end(&of, all[2]) else { panic!("a member leaves") };
        assert_eq!((after.member_ids, after.leaving), (all[..2].to_vec(), vec![all[2]]));
        let pair = Conversation { is_group: false, member_ids: people(2), ..of };
        assert_eq!(end(&pair, all[1]), Ending::Deleted);
    }

    #[test]
    fn the_caller_must_be_in_it() {
        let stranger = people(9)[8];
        assert_eq!(open(stranger, false, people(2)), Err(Refusal::NotAmongParticipants));
    }
}
