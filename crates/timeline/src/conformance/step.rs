//! What happens, one after the other.

use std::fmt;

use super::model::Model;
use super::{Store, User};
use crate::Seq;

/// An action that is allowed, with the message it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send(User),
    ReadUpTo(User, Option<Seq>),
    ReadOne(User, Seq),
    Hide(User, Seq),
    DeleteForAll(Seq),
    Restore(Seq),
    Clear(User),
    Join(User),
    Leave(User),
}

impl Step {
    /// Lets the store do it; a message must get the number after the last.
    pub(super) fn perform<S: Store>(self, store: &mut S, model: &Model) -> Result<(), String> {
        let done = match self {
            Self::Send(by) => return numbered(&store.send(by), model.last_seq().next()),
            Self::ReadUpTo(by, target) => store.read_up_to(by, target),
            Self::ReadOne(by, seq) => store.read_one(by, seq),
            Self::Hide(by, seq) => store.hide(by, seq),
            Self::DeleteForAll(seq) => store.delete_for_all(seq),
            Self::Restore(seq) => store.restore(seq),
            Self::Clear(by) => store.clear(by),
            Self::Join(user) => store.join(user),
            Self::Leave(user) => store.leave(user),
        };
        done.map_err(|error| format!("the store failed: {error:?}"))
    }
}

fn numbered<E: fmt::Debug>(sent: &Result<Seq, E>, expected: Seq) -> Result<(), String> {
    match sent {
        Ok(seq) if *seq == expected => Ok(()),
        Ok(seq) => Err(format!("the message should be number {expected}, the store says {seq}")),
        Err(error) => Err(format!("the store failed: {error:?}")),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(by) => write!(f, "{by} sends"),
            Self::ReadUpTo(by, Some(seq)) => write!(f, "{by} reads up to message {seq}"),
            Self::ReadUpTo(by, None) => write!(f, "{by} reads all"),
            Self::ReadOne(by, seq) => write!(f, "{by} reads message {seq} alone"),
            Self::Hide(by, seq) => write!(f, "{by} deletes message {seq} for themselves"),
            Self::DeleteForAll(seq) => write!(f, "message {seq} is deleted for all by its sender"),
            Self::Restore(seq) => write!(f, "message {seq} comes back"),
            Self::Clear(by) => write!(f, "{by} clears the history"),
            Self::Join(user) => write!(f, "{user} joins"),
            Self::Leave(user) => write!(f, "{user} leaves"),
        }
    }
}
