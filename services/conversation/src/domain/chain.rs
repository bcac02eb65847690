//! The moderation log's hash chain: who changes an entry, or takes one out, breaks it.
//!
//! Each entry carries a hash over itself and the hash of the entry before it, and the head, kept apart, has the number
//! and the hash of the last one. That shows every change but one: whoever can rewrite the whole log and its head can
//! make another whole one. Against that it helps to note the head elsewhere from time to time.

mod hash;

use std::fmt;

use chrono::{DateTime, Utc};
use kit::UserId;
use uuid::Uuid;

pub use hash::{Hash, NotAHash, hash};

/// What somebody of the staff did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Deleted a message.
    Delete,
    /// Brought it back.
    Restore,
}

impl Action {
    /// The name as clients and the database write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Restore => "restore",
        }
    }

    /// The action of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Delete, Self::Restore].into_iter().find(|action| action.name() == name)
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number: 1, 2, 3 …
    pub seq: i64,
    /// When; to the microsecond, as Postgres keeps it.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_id: UserId,
    /// What.
    pub action: Action,
    /// To which message.
    pub message_id: Uuid,
    /// Of which thread.
    pub thread_id: Uuid,
    /// Why, if they said so.
    pub reason: Option<String>,
    /// In the course of which request.
    pub request_id: String,
}

/// Where a log is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The first number where something is wrong.
    pub seq: i64,
    /// What is wrong there.
    pub how: How,
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is not there, though later ones are.
    Missing,
    /// It is not what its hash, or the head's, was made of; or the hash was changed.
    Changed,
    /// It and all that followed are not there, though the head knows of them.
    CutOff,
    /// It comes twice, or not after the one before it.
    OutOfOrder,
    /// The head does not know of it.
    BeyondTheHead,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Missing => "is missing",
            How::Changed => "was changed",
            How::CutOff => "and all after it were cut off",
            How::OutOfOrder => "is out of order",
            How::BeyondTheHead => "was added behind the head's back",
        };
        write!(f, "entry {} {how}", self.seq)
    }
}

impl std::error::Error for Broken {}

/// How many entries there are, when they are exactly those that were written: `rows` in ascending order, each with the
/// hash that is stored with it, and the `head`: number and hash of the last one, 0 and [`Hash::GENESIS`] of none.
///
/// # Errors
/// The first entry that is wrong, and how.
pub fn verify(mut rows: impl Iterator<Item = (Link, Hash)>, head: (i64, Hash)) -> Result<u64, Broken> {
    let mut end = (0, Hash::GENESIS);
    while let Some((link, stored)) = rows.next() {
        let next = end.0 + 1;
        if link.seq != next {
            return Err(misplaced(link.seq, next, rows));
        }
        check(&link, stored, end.1, head.0)?;
        end = (next, stored);
    }
    ends_at(end, head)
}

/// An entry with another number than the `expected` one; `rest` are those after it.
fn misplaced(seq: i64, expected: i64, mut rest: impl Iterator<Item = (Link, Hash)>) -> Broken {
    if seq < expected {
        Broken { seq, how: How::OutOfOrder }
    } else if rest.any(|(link, _)| link.seq == expected) {
        Broken { seq: expected, how: How::OutOfOrder }
    } else {
        Broken { seq: expected, how: How::Missing }
    }
}

fn check(link: &Link, stored: Hash, previous: Hash, last: i64) -> Result<(), Broken> {
    let seq = link.seq;
    if seq > last {
        return Err(Broken { seq, how: How::BeyondTheHead });
    }
    if hash(&previous, link) != stored {
        return Err(Broken { seq, how: How::Changed });
    }
    Ok(())
}

fn ends_at(end: (i64, Hash), head: (i64, Hash)) -> Result<u64, Broken> {
    if end.0 < head.0 {
        Err(Broken { seq: end.0 + 1, how: How::CutOff })
    } else if end == head {
        Ok(end.0.unsigned_abs())
    } else {
        Err(Broken { seq: end.0, how: How::Changed })
    }
}

#[cfg(test)]
mod tests;
