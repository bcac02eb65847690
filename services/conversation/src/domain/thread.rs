//! Threads: who may begin one, and what it is.

use chrono::{DateTime, Utc};
use kit::{KeyedIds, UserId, typed_id};
use timeline::Seq;

use crate::Refusal;
use crate::domain::message::{Kind, MessageId};
use crate::domain::participant::Participant;

typed_id!(
    /// A thread. It follows from the listing and the two people, so that there can be only one.
    ThreadId
);

typed_id!(
    /// A listing of the catalogue.
    ListingId
);

/// A thread as it is stored. What can change of it are its messages only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// What it is about.
    pub listing_id: ListingId,
    /// Who began it.
    pub sender_id: UserId,
    /// The other.
    pub receiver_id: UserId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// The newest message's number; 0 while there is none.
    pub last_seq: Seq,
    /// How many messages are deleted.
    pub deleted: i64,
    /// When the newest message was sent; before that, when the thread began. It never goes back.
    pub last_message_at: DateTime<Utc>,
    /// The newest message that is not deleted.
    pub last_message: Option<LastMessage>,
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

impl Thread {
    /// The two people.
    #[must_use]
    pub fn pair(&self) -> [UserId; 2] {
        [self.sender_id, self.receiver_id]
    }

    /// The bucket of its files.
    #[must_use]
    pub fn bucket(id: ThreadId) -> String {
        format!("thread-{id}")
    }

    /// The one of the two who is not `user`; nobody when `user` is neither.
    #[must_use]
    pub fn other(&self, user: UserId) -> Option<UserId> {
        match self.pair() {
            [one, other] if user == one => Some(other),
            [other, one] if user == one => Some(other),
            _ => None,
        }
    }
}

/// A thread as somebody sees it: one of the two, or the staff, who have no part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The thread.
    pub thread: Thread,
    /// The viewer's own state, if they are one of the two.
    pub member: Option<Participant>,
}

impl Seen {
    /// How many messages the viewer can list, deleted ones among them or not.
    #[must_use]
    pub fn visible_count(&self, with_deleted: bool) -> i64 {
        let deleted = if with_deleted { 0 } else { self.thread.deleted };
        self.thread.last_seq.get() - deleted
    }
}

/// Two people who are to have a thread about a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// What it is to be about.
    pub listing_id: ListingId,
    /// Who begins it.
    pub sender_id: UserId,
    /// The other.
    pub receiver_id: UserId,
}

/// Decides whether `caller` may have a thread between these two, as far as that follows from the request alone.
///
/// # Errors
/// They are the same person, or the caller is neither.
pub fn open(caller: UserId, wish: Opening) -> Result<Opening, Refusal> {
    if wish.sender_id == wish.receiver_id {
        return Err(Refusal::WithOneself);
    }
    if caller != wish.sender_id && caller != wish.receiver_id {
        return Err(Refusal::NotOneOfThePair);
    }
    Ok(wish)
}

impl Opening {
    /// The id of the thread, whoever of the two began it.
    #[must_use]
    pub fn id(&self, pairs: &KeyedIds) -> ThreadId {
        pairs.of_set(&[self.listing_id.uuid(), self.sender_id.uuid(), self.receiver_id.uuid()])
    }

    /// The thread that it becomes, given who owns the listing.
    ///
    /// # Errors
    /// The listing is neither's.
    pub fn start(&self, owner: UserId, pairs: &KeyedIds, now: DateTime<Utc>) -> Result<Thread, Refusal> {
        if owner != self.sender_id && owner != self.receiver_id {
            return Err(Refusal::ListingIsAnothers);
        }
        Ok(Thread {
            id: self.id(pairs),
            listing_id: self.listing_id,
            sender_id: self.sender_id,
            receiver_id: self.receiver_id,
            created_at: now,
            last_seq: Seq::START,
            deleted: 0,
            last_message_at: now,
            last_message: None,
        })
    }
}

/// Decides whether somebody may look at a thread: the two may, and the staff.
///
/// # Errors
/// There is no such thread, or it is one of others.
pub fn may_see(seen: Option<Seen>, is_staff: bool) -> Result<Seen, Refusal> {
    let seen = seen.ok_or(Refusal::ThreadNotFound)?;
    if seen.member.is_some() || is_staff { Ok(seen) } else { Err(Refusal::NotAParticipant) }
}

#[cfg(test)]
mod tests {
    use kit::settings::Secret;
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        Uuid::from_u128(number).into()
    }

    fn opening(sender: u128, receiver: u128) -> Opening {
        let listing_id = Uuid::from_u128(9).into();
        Opening { listing_id, sender_id: user(sender), receiver_id: user(receiver) }
    }

    fn pairs() -> KeyedIds {
        KeyedIds::new(&Secret::new("a secret of at least 32 characters"), "pairs.secret").unwrap()
    }

    #[test]
    fn the_caller_is_one_of_two_different_people() {
        assert!(open(user(1), opening(1, 2)).is_ok());
        assert!(open(user(2), opening(1, 2)).is_ok());
        assert_eq!(open(user(1), opening(1, 1)), Err(Refusal::WithOneself));
        assert_eq!(open(user(3), opening(1, 2)), Err(Refusal::NotOneOfThePair));
    }

    #[test]
    fn one_of_them_owns_the_listing() {
        let start = |owner| opening(1, 2).start(user(owner), &pairs(), DateTime::UNIX_EPOCH);
        assert!(start(1).is_ok() && start(2).is_ok());
        assert_eq!(start(3), Err(Refusal::ListingIsAnothers));
    }

    #[test]
    fn there_is_one_thread_whoever_begins() {
        assert_eq!(opening(1, 2).id(&pairs()), opening(2, 1).id(&pairs()));
        assert_ne!(opening(1, 2).id(&pairs()), opening(1, 3).id(&pairs()));
    }

    #[test]
    fn each_has_the_other() {
        let thread = opening(1, 2).start(user(1), &pairs(), DateTime::UNIX_EPOCH).unwrap();
        let others = [1, 2, 3].map(|number| thread.other(user(number)));
        assert_eq!(others, [Some(user(2)), Some(user(1)), None]);
    }
}
