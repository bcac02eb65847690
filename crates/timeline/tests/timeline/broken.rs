//! Stores that get one thing wrong each, as real ones do.

use std::convert::Infallible;

use timeline::conformance::{Operation, Operations, Store, User};
use timeline::{Seq, Watermark};

use crate::memory::Memory;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Whoever sends has read all before.
    SendReads,
    /// A number is lost, as by a sequence when a transaction fails.
    SeqGap,
    /// Reading sets the watermark to what was asked for, even when that is behind it.
    ReadGoesBack,
    /// Reading forgets that exceptions above the target still do not count.
    ReadForgetsExceptions,
    /// Reading leaves the exceptions it passes in `uncounted`.
    ReadKeepsExceptions,
    /// Reading one message reads all before it.
    ReadOneReadsAll,
    /// What is deleted for oneself shows as read.
    HideReads,
    /// What is deleted for oneself stays in the list.
    HideShows,
    /// What is deleted for oneself still counts.
    HideCounts,
    /// What is deleted for all still counts for those who had not read it.
    DeleteCounts,
    /// Clearing changes the state under an old `rev`.
    ClearKeepsRev,
    /// `rev` goes up although nothing has changed.
    ReadRaisesRev,
    /// New members see all that was ever said.
    JoinSeesAll,
    /// New members count as readers of what was said before them.
    JoinReads,
    /// The state of former members is thrown away, and `rev` begins anew.
    LeaveForgets,
    /// Former members still stand among the readers.
    LeaverReads,
}

impl Fault {
    pub(crate) const ALL: [Self; 16] = [
        Self::SendReads,
        Self::SeqGap,
        Self::ReadGoesBack,
        Self::ReadForgetsExceptions,
        Self::ReadKeepsExceptions,
        Self::ReadOneReadsAll,
        Self::HideReads,
        Self::HideShows,
        Self::HideCounts,
        Self::DeleteCounts,
        Self::ClearKeepsRev,
        Self::ReadRaisesRev,
        Self::JoinSeesAll,
        Self::JoinReads,
        Self::LeaveForgets,
        Self::LeaverReads,
    ];

    /// What the suite must hold against it.
    pub(crate) fn complaint(self) -> &'static str {
        match self {
            Self::SeqGap => "the message should be number",
            Self::HideReads | Self::JoinReads | Self::LeaverReads => "who has read message",
            Self::HideShows | Self::JoinSeesAll => "can see",
            Self::ClearKeepsRev => "rev went up by 0 where the state changed once",
            Self::ReadRaisesRev => "rev went up by 1 where the state did not change",
            Self::LeaveForgets => "rev did not go on",
            // of unread messages, or of uncounted ones where too many of these make no difference yet
            _ => "the number of un",
        }
    }
}

/// A sound store with one fault.
pub(crate) struct Broken {
    sound: Memory,
    fault: Fault,
}

impl Broken {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { sound: Memory::new(Operation::ALL), fault }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn alter(&mut self, user: User, change: impl FnOnce(&mut Watermark)) {
        change(&mut self.sound.member(user).watermark);
    }
}

impl Store for Broken {
    type Error = Infallible;

    fn operations(&self) -> Operations {
        self.sound.operations()
    }

    fn create(&mut self, members: usize) -> Result<(), Infallible> {
        self.sound.create(members)
    }

    fn send(&mut self, by: User) -> Result<Seq, Infallible> {
        let before = self.sound.watermark(by)?;
        let seq = self.sound.send(by)?;
        if self.has(Fault::SendReads) {
            self.alter(by, |w| *w = Watermark { read_seq: seq, rev: before.rev + 1, ..before });
        }
        Ok(if self.has(Fault::SeqGap) && seq.get() > 3 { seq.next() } else { seq })
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> Result<(), Infallible> {
        let before = self.sound.watermark(by)?;
        self.sound.read_up_to(by, target)?;
        let now = self.sound.watermark(by)?;
        match self.fault {
            Fault::ReadGoesBack => {
                self.alter(by, |w| w.read_seq = target.unwrap_or(w.read_seq).min(w.read_seq));
            }
            Fault::ReadForgetsExceptions => self.alter(by, |w| w.uncounted = 0),
            Fault::ReadKeepsExceptions => self.alter(by, |w| w.uncounted = before.uncounted),
            Fault::ReadRaisesRev if before == now => self.alter(by, |w| w.rev += 1),
            _ => {}
        }
        Ok(())
    }

    fn read_one(&mut self, by: User, seq: Seq) -> Result<(), Infallible> {
        match self.fault {
            Fault::ReadOneReadsAll => self.sound.read_up_to(by, Some(seq)),
            _ => self.sound.read_one(by, seq),
        }
    }

    fn hide(&mut self, by: User, seq: Seq) -> Result<(), Infallible> {
        let before = self.sound.watermark(by)?;
        match self.fault {
            Fault::HideShows => return Ok(()),
            Fault::HideReads => self.sound.read_one(by, seq)?,
            _ => {}
        }
        let read = self.sound.watermark(by)?;
        self.sound.hide(by, seq)?;
        match self.fault {
            Fault::HideCounts => self.alter(by, |w| *w = before),
            Fault::HideReads => self.alter(by, |w| *w = read),
            _ => {}
        }
        Ok(())
    }

    fn delete_for_all(&mut self, seq: Seq) -> Result<(), Infallible> {
        let before = self.sound.members.clone();
        self.sound.delete_for_all(seq)?;
        if self.has(Fault::DeleteCounts) {
            self.sound.members = before;
        }
        Ok(())
    }

    fn restore(&mut self, seq: Seq) -> Result<(), Infallible> {
        self.sound.restore(seq)
    }

    fn clear(&mut self, by: User) -> Result<(), Infallible> {
        let before = self.sound.watermark(by)?;
        self.sound.clear(by)?;
        if self.has(Fault::ClearKeepsRev) {
            self.alter(by, |w| w.rev = before.rev);
        }
        Ok(())
    }

    fn join(&mut self, user: User) -> Result<(), Infallible> {
        self.sound.join(user)?;
        let last_seq = self.sound.last_seq();
        match self.fault {
            Fault::JoinSeesAll => self.alter(user, |w| w.visible_from = Seq::FIRST),
            Fault::JoinReads => self.alter(user, |w| w.read_seq = last_seq),
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, user: User) -> Result<(), Infallible> {
        self.sound.leave(user)?;
        if self.has(Fault::LeaveForgets) {
            self.sound.members.remove(&user);
        }
        Ok(())
    }

    fn unread(&mut self, user: User) -> Result<i64, Infallible> {
        self.sound.unread(user)
    }

    fn watermark(&mut self, user: User) -> Result<Watermark, Infallible> {
        self.sound.watermark(user)
    }

    fn visible(&mut self, user: User) -> Result<Vec<Seq>, Infallible> {
        self.sound.visible(user)
    }

    fn read_by(&mut self, seq: Seq) -> Result<Vec<User>, Infallible> {
        let mut readers = self.sound.read_by(seq)?;
        match self.fault {
            Fault::LeaverReads => {
                let gone = self.sound.members.iter().filter(|(_, member)| !member.present);
                readers
                    .extend(gone.filter(|(_, gone)| gone.watermark.has_passed(seq)).map(|(user, _)| *user));
            }
            Fault::JoinReads => {
                let passed = |user: &User| self.sound.members[user].watermark.read_seq >= seq;
                readers.extend(self.sound.members.keys().filter(|user| passed(user)));
                readers.sort_unstable();
                readers.dedup();
            }
            _ => {}
        }
        Ok(readers)
    }
}
