//! A thread while it grows: what is said in it, read and deleted.

use chrono::{DateTime, Utc};
use timeline::{Exception, ReadOne, Seq, Watermark};
use uuid::Uuid;

use super::vocabulary::Language;

/// A message.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) thread: Uuid,
    pub(super) id: Uuid,
    pub(super) seq: Seq,
    /// Who says it to whom; nobody to nobody, if the system does.
    pub(super) between: Option<(Uuid, Uuid)>,
    pub(super) text: String,
    pub(super) at: DateTime<Utc>,
    pub(super) read_at: Option<DateTime<Utc>>,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

impl Said {
    /// Why it does not count as unread for one of the two; that they read it goes before its being deleted.
    fn exception(&self, user: Uuid) -> Option<Exception> {
        if self.between.is_none_or(|(_, receiver)| receiver != user) {
            Some(Exception::Own)
        } else if self.read_at.is_some() {
            Some(Exception::Read)
        } else {
            self.deleted_at.map(|_| Exception::Deleted)
        }
    }

    fn counts(&self, user: Uuid) -> bool {
        self.exception(user).is_none()
    }

    /// Whether nothing more can happen to it: it is not waiting to be read.
    fn is_settled(&self) -> bool {
        self.between.is_none_or(|(_, receiver)| !self.counts(receiver))
    }
}

/// One of the two, and what they have read.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) user: Uuid,
    pub(super) watermark: Watermark,
}

/// A thread.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) id: Uuid,
    pub(super) listing: Uuid,
    pub(super) language: Language,
    /// Who began it, and the owner of the listing.
    pub(super) two: [Reader; 2],
    pub(super) created_at: DateTime<Utc>,
    pub(super) last_seq: Seq,
    pub(super) last_message_at: DateTime<Utc>,
    pub(super) deleted: i64,
    /// The newest message that is not deleted.
    pub(super) last: Option<Said>,
    /// Those that may still be read: all that count as unread are among them.
    waiting: Vec<Said>,
}

impl Thread {
    pub(super) fn new(
        id: Uuid,
        listing: Uuid,
        two: [Uuid; 2],
        language: Language,
        now: DateTime<Utc>,
    ) -> Self {
        let two = two.map(|user| Reader { user, watermark: Watermark::joined(Seq::START) });
        Self {
            id,
            listing,
            language,
            two,
            created_at: now,
            last_seq: Seq::START,
            last_message_at: now,
            deleted: 0,
            last: None,
            waiting: Vec::new(),
        }
    }

    /// One of the two, and the other.
    pub(super) fn between(&self, owner_speaks: bool) -> (Uuid, Uuid) {
        let [buyer, owner] = &self.two;
        if owner_speaks { (owner.user, buyer.user) } else { (buyer.user, owner.user) }
    }

    /// The next message is sent.
    pub(super) fn say(&mut self, id: Uuid, between: Option<(Uuid, Uuid)>, text: String, at: DateTime<Utc>) {
        (self.last_seq, self.last_message_at) = (self.last_seq.next(), at);
        let (thread, seq) = (self.id, self.last_seq);
        let said = Said { thread, id, seq, between, text, at, read_at: None, deleted_at: None };
        for reader in &mut self.two {
            if !said.counts(reader.user) {
                reader.watermark = reader.watermark.sent();
            }
        }
        self.last = Some(said.clone());
        self.waiting.push(said);
    }

    /// One of the two reads everything.
    pub(super) fn read_all(&mut self, user: Uuid, now: DateTime<Utc>) {
        for said in self.waiting.iter_mut().filter(|said| said.counts(user)) {
            said.read_at = Some(now);
        }
        let last = self.last_seq;
        for reader in self.two.iter_mut().filter(|reader| reader.user == user) {
            let none = |_| Ok::<_, std::convert::Infallible>(0);
            let Ok(moved) = reader.watermark.read_up_to(last, last, none);
            reader.watermark = moved.unwrap_or(reader.watermark);
        }
    }

    /// The newest message is read alone by one of the two, if it is to them.
    pub(super) fn read_newest(&mut self, user: Uuid, now: DateTime<Utc>) {
        let (last, [.., newest]) = (self.last_seq, self.waiting.as_mut_slice()) else { return };
        let exception = newest.exception(user);
        if newest.seq == last && exception.is_none() {
            newest.read_at = Some(now);
        }
        let first = self.waiting.iter().find(|said| said.counts(user)).map(|said| said.seq);
        for reader in self.two.iter_mut().filter(|reader| reader.user == user) {
            let first = |_| Ok::<_, std::convert::Infallible>(first);
            let Ok(read) = reader.watermark.read_one(last, last, exception, first);
            if let ReadOne::Passed(moved) | ReadOne::Excepted(moved) = read {
                reader.watermark = moved;
            }
        }
    }

    /// The staff delete the newest message; `before` is what lists show then.
    pub(super) fn delete_newest(&mut self, before: Option<Said>, now: DateTime<Utc>) {
        let Some(newest) = self.waiting.last_mut() else { return };
        for reader in &mut self.two {
            let moved = reader.watermark.deleted_for_all(newest.seq, newest.exception(reader.user));
            reader.watermark = moved.unwrap_or(reader.watermark);
        }
        newest.deleted_at = Some(now);
        self.deleted = self.deleted.saturating_add(1);
        self.last = before;
    }

    /// Takes the messages to which nothing more can happen.
    pub(super) fn settled(&mut self) -> Vec<Said> {
        let (settled, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(Said::is_settled);
        self.waiting = waiting;
        settled
    }

    /// Takes the messages that nobody reads any more.
    pub(super) fn rest(&mut self) -> Vec<Said> {
        std::mem::take(&mut self.waiting)
    }
}
