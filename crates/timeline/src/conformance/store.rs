//! What the suite asks of a store.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::RangeInclusive;

use crate::{Seq, Watermark};

/// One of the people of a history, numbered from 0 to [`PEOPLE`] − 1. User 0 is the founder.
pub type User = usize;

/// How many people a history knows; those who are no members at first may join.
pub const PEOPLE: usize = 5;

/// What can happen in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// [`Store::send`]
    Send,
    /// [`Store::read_up_to`]
    ReadUpTo,
    /// [`Store::read_one`]
    ReadOne,
    /// [`Store::hide`]
    Hide,
    /// [`Store::delete_for_all`]
    DeleteForAll,
    /// [`Store::restore`]
    Restore,
    /// [`Store::clear`]
    Clear,
    /// [`Store::join`]
    Join,
    /// [`Store::leave`]
    Leave,
}

impl Operation {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Send,
        Self::ReadUpTo,
        Self::ReadOne,
        Self::Hide,
        Self::DeleteForAll,
        Self::Restore,
        Self::Clear,
        Self::Join,
        Self::Leave,
    ];
}

/// What a store supports.
pub type Operations = BTreeSet<Operation>;

/// A store with one conversation, which [`create`](Store::create) makes: what services implement over theirs.
///
/// What a store does not name in [`operations`](Store::operations) it need not implement.
pub trait Store {
    /// What goes wrong in the store; the suite shows it and fails.
    type Error: Debug;

    /// What histories may hold. [`Operation::Send`] should be among them, or nothing much happens.
    fn operations(&self) -> Operations;

    /// With how many members conversations begin, at most [`PEOPLE`].
    fn sizes(&self) -> RangeInclusive<usize> {
        2..=4
    }

    /// Creates the conversation, with the users 0 to `members` − 1; called once, first.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn create(&mut self, members: usize) -> Result<(), Self::Error>;

    /// A member sends a message; answers its number.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn send(&mut self, by: User) -> Result<Seq, Self::Error> {
        unsupported(Operation::Send, by)
    }

    /// A member reads up to a message, that one included; `None` reads all.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> Result<(), Self::Error> {
        unsupported(Operation::ReadUpTo, (by, target))
    }

    /// A member reads one message that they can see: perhaps their own, or one they have read.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn read_one(&mut self, by: User, seq: Seq) -> Result<(), Self::Error> {
        unsupported(Operation::ReadOne, (by, seq))
    }

    /// A member deletes a message that they can see for themselves: perhaps their own.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn hide(&mut self, by: User, seq: Seq) -> Result<(), Self::Error> {
        unsupported(Operation::Hide, (by, seq))
    }

    /// The sender of a message, a member who still sees it, deletes it for all.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn delete_for_all(&mut self, seq: Seq) -> Result<(), Self::Error> {
        unsupported(Operation::DeleteForAll, seq)
    }

    /// A message that was deleted for all comes back, with who had read it.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn restore(&mut self, seq: Seq) -> Result<(), Self::Error> {
        unsupported(Operation::Restore, seq)
    }

    /// The history up to now is gone for a member.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn clear(&mut self, by: User) -> Result<(), Self::Error> {
        unsupported(Operation::Clear, by)
    }

    /// Someone who is not a member becomes one: for the first time, or again.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn join(&mut self, user: User) -> Result<(), Self::Error> {
        unsupported(Operation::Join, user)
    }

    /// A member who is not the founder leaves or is removed.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn leave(&mut self, user: User) -> Result<(), Self::Error> {
        unsupported(Operation::Leave, user)
    }

    /// How many messages are unread for a member, as the service answers it.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn unread(&mut self, user: User) -> Result<i64, Self::Error>;

    /// The watermark of a member, as the service stores it.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn watermark(&mut self, user: User) -> Result<Watermark, Self::Error>;

    /// The messages that a member can list, ascending.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn visible(&mut self, user: User) -> Result<Vec<Seq>, Self::Error>;

    /// Who of the present members has read a message, in any order; not asked about messages deleted for all.
    ///
    /// # Errors
    /// What goes wrong in the store.
    fn read_by(&mut self, seq: Seq) -> Result<Vec<User>, Self::Error>;
}

#[expect(
    clippy::panic,
    reason = "a store that names an operation without implementing it is a mistake in a test"
)]
fn unsupported<T>(operation: Operation, arguments: impl Debug) -> T {
    panic!("the store names {operation:?} among its operations but does not implement it (for {arguments:?})")
}
