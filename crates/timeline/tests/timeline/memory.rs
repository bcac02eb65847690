//! A store made of the crate's own transitions: how a service is to use them.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use timeline::conformance::{Operations, Store, User};
use timeline::{Exception, ReadOne, Seq, SeqRange, Watermark};

#[derive(Clone, Debug)]
struct Message {
    sender: User,
    deleted: bool,
    /// Who had read it when it was deleted.
    readers: BTreeSet<User>,
}

/// What is stored of a member, present or not.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) present: bool,
    pub(crate) watermark: Watermark,
    receipts: BTreeSet<Seq>,
    /// The messages deleted for themselves, and whether they had been read.
    hides: BTreeMap<Seq, bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Memory {
    operations: Operations,
    messages: BTreeMap<Seq, Message>,
    pub(crate) members: BTreeMap<User, Member>,
}

impl Memory {
    pub(crate) fn new(operations: impl IntoIterator<Item = timeline::conformance::Operation>) -> Self {
        let operations = operations.into_iter().collect();
        Self { operations, messages: BTreeMap::new(), members: BTreeMap::new() }
    }

    pub(crate) fn last_seq(&self) -> Seq {
        self.messages.keys().next_back().copied().unwrap_or(Seq::START)
    }

    pub(crate) fn member(&mut self, user: User) -> &mut Member {
        self.members.get_mut(&user).unwrap()
    }

    fn exception(&self, user: User, seq: Seq) -> Option<Exception> {
        let (message, member) = (&self.messages[&seq], &self.members[&user]);
        let reasons = [
            (message.deleted, Exception::Deleted),
            (member.hides.contains_key(&seq), Exception::Hidden),
            (message.sender == user, Exception::Own),
            (member.receipts.contains(&seq), Exception::Read),
        ];
        reasons.into_iter().find_map(|(holds, exception)| holds.then_some(exception))
    }

    fn uncounted_in(&self, user: User, range: SeqRange) -> i64 {
        i64::try_from(range.seqs().filter(|seq| self.exception(user, *seq).is_some()).count()).unwrap()
    }

    fn first_counting(&self, user: User, range: SeqRange, aside: Seq) -> Option<Seq> {
        range.seqs().find(|seq| *seq != aside && self.exception(user, *seq).is_none())
    }

    fn store(&mut self, user: User, watermark: Option<Watermark>) {
        let member = self.member(user);
        member.watermark = watermark.unwrap_or(member.watermark);
        let read_seq = member.watermark.read_seq;
        member.receipts.retain(|seq| *seq > read_seq);
    }

    fn has_read(&self, user: User, seq: Seq) -> bool {
        let member = &self.members[&user];
        let hidden_unread = member.hides.get(&seq) == Some(&false);
        let read = member.watermark.has_passed(seq) && !hidden_unread;
        let before = member.hides.get(&seq) == Some(&true) || member.receipts.contains(&seq);
        self.messages[&seq].sender == user || read || (before && seq >= member.watermark.visible_from)
    }
}

impl Store for Memory {
    type Error = Infallible;

    fn operations(&self) -> Operations {
        self.operations.clone()
    }

    fn create(&mut self, members: usize) -> Result<(), Infallible> {
        (0..members).try_for_each(|user| self.join(user))
    }

    fn send(&mut self, by: User) -> Result<Seq, Infallible> {
        let seq = self.last_seq().next();
        self.messages.insert(seq, Message { sender: by, deleted: false, readers: BTreeSet::new() });
        self.store(by, Some(self.members[&by].watermark.sent()));
        Ok(seq)
    }

    fn read_up_to(&mut self, by: User, target: Option<Seq>) -> Result<(), Infallible> {
        let (watermark, last) = (self.members[&by].watermark, self.last_seq());
        let uncounted_in = |range| Ok::<_, Infallible>(self.uncounted_in(by, range));
        let read = watermark.read_up_to(target.unwrap_or(last), last, uncounted_in)?;
        self.store(by, read);
        Ok(())
    }

    fn read_one(&mut self, by: User, seq: Seq) -> Result<(), Infallible> {
        let (watermark, exception) = (self.members[&by].watermark, self.exception(by, seq));
        let first_counting = |range| Ok::<_, Infallible>(self.first_counting(by, range, seq));
        match watermark.read_one(seq, self.last_seq(), exception, first_counting)? {
            ReadOne::Unchanged => {}
            ReadOne::Passed(watermark) => self.store(by, Some(watermark)),
            ReadOne::Excepted(watermark) => {
                self.member(by).receipts.insert(seq);
                self.store(by, Some(watermark));
            }
        }
        Ok(())
    }

    fn hide(&mut self, by: User, seq: Seq) -> Result<(), Infallible> {
        if let Some(hide) = self.members[&by].watermark.hidden(seq, self.exception(by, seq)) {
            self.member(by).hides.insert(seq, hide.read);
            self.store(by, hide.watermark);
        }
        Ok(())
    }

    fn delete_for_all(&mut self, seq: Seq) -> Result<(), Infallible> {
        let present: Vec<User> =
            self.members.keys().copied().filter(|user| self.members[user].present).collect();
        for user in present {
            let deleted = self.members[&user].watermark.deleted_for_all(seq, self.exception(user, seq));
            self.store(user, deleted);
        }
        let readers = self.members.keys().copied().filter(|user| self.has_read(*user, seq)).collect();
        let message = self.messages.get_mut(&seq).unwrap();
        (message.deleted, message.readers) = (true, readers);
        Ok(())
    }

    fn restore(&mut self, seq: Seq) -> Result<(), Infallible> {
        let people: Vec<User> = self.members.keys().copied().collect();
        for user in people {
            let floor = self.members[&user].watermark.floor();
            let passed = SeqRange::new(seq.next(), floor).into_iter().flat_map(SeqRange::seqs);
            let read: Vec<Seq> = passed.filter(|seq| self.has_read(user, *seq)).collect();
            let mut back = self.clone();
            back.member(user).receipts.extend(read);
            back.messages.get_mut(&seq).unwrap().deleted = false;
            let was_read = self.messages[&seq].readers.contains(&user).then_some(Exception::Read);
            let exception = back.exception(user, seq).or(was_read);
            let uncounted_in = |range| Ok::<_, Infallible>(back.uncounted_in(user, range));
            let watermark = self.members[&user].watermark;
            let restored = watermark.restored(seq, self.last_seq(), exception, uncounted_in)?;
            if restored.is_some_and(|after| after.read_seq < watermark.read_seq) {
                self.member(user).receipts = back.member(user).receipts.clone();
            }
            if self.messages[&seq].readers.contains(&user) {
                self.member(user).receipts.insert(seq);
            }
            self.store(user, restored);
        }
        self.messages.get_mut(&seq).unwrap().deleted = false;
        Ok(())
    }

    fn clear(&mut self, by: User) -> Result<(), Infallible> {
        self.store(by, self.members[&by].watermark.cleared(self.last_seq()));
        Ok(())
    }

    fn join(&mut self, user: User) -> Result<(), Infallible> {
        let last = self.last_seq();
        let watermark = match self.members.get(&user) {
            Some(former) => former.watermark.rejoined(last),
            None => Watermark::joined(last),
        };
        let member = Member { present: true, watermark, receipts: BTreeSet::new(), hides: BTreeMap::new() };
        self.members.insert(user, member);
        Ok(())
    }

    fn leave(&mut self, user: User) -> Result<(), Infallible> {
        let member = self.member(user);
        member.present = false;
        member.watermark = member.watermark.left();
        Ok(())
    }

    fn unread(&mut self, user: User) -> Result<i64, Infallible> {
        Ok(self.members[&user].watermark.unread(self.last_seq()))
    }

    fn watermark(&mut self, user: User) -> Result<Watermark, Infallible> {
        Ok(self.members[&user].watermark)
    }

    fn visible(&mut self, user: User) -> Result<Vec<Seq>, Infallible> {
        let all = self.members[&user].watermark.visible(self.last_seq()).all();
        let gone =
            |seq: &Seq| matches!(self.exception(user, *seq), Some(Exception::Hidden | Exception::Deleted));
        Ok(all.into_iter().flat_map(SeqRange::seqs).filter(|seq| !gone(seq)).collect())
    }

    fn read_by(&mut self, seq: Seq) -> Result<Vec<User>, Infallible> {
        let present = self.members.iter().filter(|(_, member)| member.present).map(|(user, _)| *user);
        Ok(present.filter(|user| self.has_read(*user, seq)).collect())
    }
}
