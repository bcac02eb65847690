//! The naive model: it remembers what happened and counts by hand. No watermark, no counter.

use std::collections::{BTreeMap, BTreeSet};

use super::history::Action;
use super::step::Step;
use super::{Operation, User};
use crate::Seq;

#[derive(Clone, Debug)]
struct Message {
    sender: User,
    deleted: bool,
    /// Who read it during the stay they are in; the sender apart.
    read: BTreeSet<User>,
    hidden: BTreeSet<User>,
}

impl Message {
    fn delete(&mut self) -> bool {
        std::mem::replace(&mut self.deleted, true)
    }

    fn restore(&mut self) -> bool {
        std::mem::replace(&mut self.deleted, false)
    }
}

/// The conversation as it should be.
#[derive(Clone, Debug)]
pub(super) struct Model {
    messages: BTreeMap<Seq, Message>,
    /// The present members, and the first message each can see.
    visible_from: BTreeMap<User, Seq>,
}

impl Model {
    pub(super) fn new(members: usize) -> Self {
        let visible_from = (0..members).map(|user| (user, Seq::FIRST)).collect();
        Self { messages: BTreeMap::new(), visible_from }
    }

    pub(super) fn last_seq(&self) -> Seq {
        self.messages.keys().next_back().copied().unwrap_or(Seq::START)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = User> {
        self.visible_from.keys().copied()
    }

    /// The first message that a member can see or will.
    pub(super) fn visible_from(&self, user: User) -> Option<Seq> {
        self.visible_from.get(&user).copied()
    }

    pub(super) fn visible(&self, user: User) -> Vec<Seq> {
        self.messages.keys().copied().filter(|seq| self.sees(user, *seq)).collect()
    }

    /// The messages that count as unread.
    pub(super) fn unread(&self, user: User) -> Vec<Seq> {
        let mut visible = self.visible(user);
        visible.retain(|seq| !self.has_read(user, *seq));
        visible
    }

    /// Who of the members has read a message; `None` when it is deleted for all.
    pub(super) fn read_by(&self, seq: Seq) -> Option<Vec<User>> {
        self.messages.get(&seq).filter(|message| !message.deleted)?;
        Some(self.members().filter(|user| self.has_read(*user, seq)).collect())
    }

    /// What comes of an action now; `None` when it is not allowed.
    pub(super) fn allow(&self, Action { operation, by, pick }: Action) -> Option<Step> {
        let member = self.visible_from.contains_key(&by);
        let seq = self.pick(pick);
        let seen = seq.filter(|seq| self.sees(by, *seq));
        match operation {
            Operation::Join => (!member).then_some(Step::Join(by)),
            _ if !member => None,
            Operation::Send => Some(Step::Send(by)),
            Operation::ReadUpTo => Some(Step::ReadUpTo(by, seq.filter(|_| pick > 0))),
            Operation::ReadOne => seen.map(|seq| Step::ReadOne(by, seq)),
            Operation::Hide => seen.map(|seq| Step::Hide(by, seq)),
            Operation::DeleteForAll => seen.filter(|seq| self.sent(by, *seq)).map(Step::DeleteForAll),
            Operation::Restore => seq.filter(|seq| self.is_deleted(*seq)).map(Step::Restore),
            Operation::Clear => Some(Step::Clear(by)),
            Operation::Leave => (by > 0).then_some(Step::Leave(by)),
        }
    }

    pub(super) fn apply(&mut self, step: Step) {
        let next = self.last_seq().next();
        match step {
            Step::Send(sender) => self.append(next, sender),
            Step::ReadUpTo(by, target) => self.read(by, target.unwrap_or(next)),
            Step::ReadOne(by, seq) => self.change(seq, |message| message.read.insert(by)),
            Step::Hide(by, seq) => self.change(seq, |message| message.hidden.insert(by)),
            Step::DeleteForAll(seq) => self.change(seq, Message::delete),
            Step::Restore(seq) => self.change(seq, Message::restore),
            Step::Clear(user) | Step::Join(user) => self.begin(user, next),
            Step::Leave(user) => drop(self.visible_from.remove(&user)),
        }
    }

    fn append(&mut self, seq: Seq, sender: User) {
        let message = Message { sender, deleted: false, read: BTreeSet::new(), hidden: BTreeSet::new() };
        self.messages.insert(seq, message);
    }

    fn read(&mut self, by: User, target: Seq) {
        for seq in self.visible(by).into_iter().filter(|seq| *seq <= target) {
            self.change(seq, |message| message.read.insert(by));
        }
    }

    /// A new beginning: nothing of before is seen, nor counted as read.
    fn begin(&mut self, user: User, visible_from: Seq) {
        self.visible_from.insert(user, visible_from);
        for message in self.messages.values_mut() {
            message.read.remove(&user);
        }
    }

    fn change(&mut self, seq: Seq, change: impl FnOnce(&mut Message) -> bool) {
        self.messages.get_mut(&seq).map(change);
    }

    fn pick(&self, pick: i64) -> Option<Seq> {
        let turn = pick.checked_sub(1)?.checked_rem_euclid(self.last_seq().get())?;
        Some(Seq::FIRST.saturating_add(turn))
    }

    fn sees(&self, user: User, seq: Seq) -> bool {
        self.visible_from(user).is_some_and(|first| first <= seq)
            && self
                .messages
                .get(&seq)
                .is_some_and(|message| !message.deleted && !message.hidden.contains(&user))
    }

    fn is_deleted(&self, seq: Seq) -> bool {
        self.messages.get(&seq).is_some_and(|message| message.deleted)
    }

    fn sent(&self, user: User, seq: Seq) -> bool {
        self.messages.get(&seq).is_some_and(|message| message.sender == user)
    }

    fn has_read(&self, user: User, seq: Seq) -> bool {
        self.sent(user, seq) || self.messages.get(&seq).is_some_and(|message| message.read.contains(&user))
    }
}
