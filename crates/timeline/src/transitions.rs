//! What happens to a watermark: pure, and saying what must be stored.
//!
//! Where a transition has to know something of the messages, it asks for exactly that, as an argument or as a
//! closure over one bounded query, which is called only when the answer matters.

use crate::{Seq, SeqRange, Watermark};

/// Why a message above the floor does not count as unread for a member. Several may hold at once; for a message
/// that the member can still see, [`Own`](Exception::Own) or [`Read`](Exception::Read) is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// The member sent it.
    Own,
    /// The member read it one by one: there is a receipt.
    Read,
    /// The member deleted it for themselves.
    Hidden,
    /// It was deleted for all.
    Deleted,
}

/// What reading a single message comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOne {
    /// It did not count: nothing is to be stored.
    Unchanged,
    /// Store this watermark. It has reached the message, so that no receipt is needed, and those at or below
    /// `read_seq` are no longer.
    Passed(Watermark),
    /// Store this watermark, and a receipt for the message: something before it is still unread.
    Excepted(Watermark),
}

/// What deleting a message for oneself comes to: store the hide, with `read`, and the watermark if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hide {
    /// Whether the member had read it before. Hiding isn't reading: without this, the watermark that moves over the
    /// hidden message later would put the member among its readers.
    pub read: bool,
    /// The watermark to store; `None` when the message did not count as unread.
    pub watermark: Option<Watermark>,
}

impl Watermark {
    /// The member sent a message. Sending does not read: what was unread before stays so, and the member's own
    /// message is one more that does not count. (The same goes for everybody when nobody sent it: system messages.)
    #[must_use]
    pub fn sent(self) -> Self {
        self.excepting_one()
    }

    /// The member read all up to `target`, that one included; targets beyond `last_seq` mean all. `None` when
    /// nothing changes, as when the watermark is already there: it never goes back.
    ///
    /// `uncounted_in` answers how many messages in a range do not count for the member (own, receipts, hides,
    /// deleted for all). It is not asked when everything is read.
    ///
    /// # Errors
    /// Those of `uncounted_in`.
    pub fn read_up_to<E>(
        self,
        target: Seq,
        last_seq: Seq,
        uncounted_in: impl FnOnce(SeqRange) -> Result<i64, E>,
    ) -> Result<Option<Self>, E> {
        let Some(passed) = SeqRange::new(self.floor().next(), target.min(last_seq)) else { return Ok(None) };
        let uncounted = if passed.last() < last_seq { self.uncounted - uncounted_in(passed)? } else { 0 };
        Ok(Some(Self { read_seq: passed.last(), uncounted, ..self }.changed()))
    }

    /// The member read the one message `seq`, about which `exception` is known; then the watermark moves over all
    /// that no longer counts, up to the first message that does.
    ///
    /// `first_counting` answers which message of a range is the first, `seq` left aside, that counts for the
    /// member. It is not asked when `seq` itself did not count.
    ///
    /// # Errors
    /// Those of `first_counting`.
    pub fn read_one<E>(
        self,
        seq: Seq,
        last_seq: Seq,
        exception: Option<Exception>,
        first_counting: impl FnOnce(SeqRange) -> Result<Option<Seq>, E>,
    ) -> Result<ReadOne, E> {
        let above = SeqRange::new(self.floor().next(), last_seq).filter(|above| above.contains(seq));
        let Some(above) = above.filter(|_| exception.is_none()) else { return Ok(ReadOne::Unchanged) };
        let reached = first_counting(above)?.map_or(last_seq, Seq::prev);
        let moved = self.excepting_one().moved_over_uncounted(reached);
        Ok(if moved.has_passed(seq) { ReadOne::Passed(moved) } else { ReadOne::Excepted(moved) })
    }

    /// The member deleted the message for themselves. `None` when they could not see it anyhow.
    #[must_use]
    pub fn hidden(self, seq: Seq, exception: Option<Exception>) -> Option<Hide> {
        let gone = matches!(exception, Some(Exception::Hidden | Exception::Deleted));
        (seq >= self.visible_from && !gone).then(|| Hide {
            read: self.has_passed(seq) || exception.is_some(),
            watermark: self.no_longer_counting(seq, exception),
        })
    }

    /// The message was deleted for all: to be asked for each member. `None` for those for whom it did not count,
    /// its sender among them: for them nothing changes.
    #[must_use]
    pub fn deleted_for_all(self, seq: Seq, exception: Option<Exception>) -> Option<Self> {
        self.no_longer_counting(seq, exception)
    }

    /// A message that was deleted for all comes back; `exception` is why it does not count for the member now: also
    /// that they had read it before it was deleted, however they did, which the store has to know. `None` when nothing
    /// changes for them.
    ///
    /// A watermark that passed the message while it was deleted goes back before it: the one case in which it does.
    /// What the member has read above it must be known one by one then, by receipts or by the messages themselves.
    /// `uncounted_in` answers how many messages in a range do not count for the member, the restored one counting; it
    /// is asked in that case only.
    ///
    /// # Errors
    /// Those of `uncounted_in`.
    pub fn restored<E>(
        self,
        seq: Seq,
        last_seq: Seq,
        exception: Option<Exception>,
        uncounted_in: impl FnOnce(SeqRange) -> Result<i64, E>,
    ) -> Result<Option<Self>, E> {
        let Some(above) = SeqRange::new(seq, last_seq).filter(|_| exception.is_none()) else {
            return Ok(None);
        };
        if seq < self.visible_from {
            return Ok(None);
        }
        if seq > self.floor() {
            return Ok(Some(Self { uncounted: self.uncounted.saturating_sub(1), ..self }.changed()));
        }
        Ok(Some(Self { read_seq: seq.prev(), uncounted: uncounted_in(above)?, ..self }.changed()))
    }

    /// The history up to now is gone for the member: they see what is said from now on, and no longer stand among
    /// the readers of what was before. `None` when they see nothing as it is.
    #[must_use]
    pub fn cleared(self, last_seq: Seq) -> Option<Self> {
        (self.visible_from <= last_seq).then(|| self.rejoined(last_seq))
    }

    /// The member left. What they had read stays as it was; the new `rev` puts leaving and a later return in order.
    #[must_use]
    pub fn left(self) -> Self {
        self.changed()
    }

    /// Something else of the member's state changed that travels with these numbers, as whether they want to see the
    /// conversation: the new `rev` tells it from what was before.
    #[must_use]
    pub fn touched(self) -> Self {
        self.changed()
    }

    /// A former member is back: as one who [joins](Watermark::joined), but `rev` goes on from the `left` state.
    #[must_use]
    pub fn rejoined(self, last_seq: Seq) -> Self {
        Self { uncounted: 0, visible_from: last_seq.next(), ..self }.changed()
    }

    fn no_longer_counting(self, seq: Seq, exception: Option<Exception>) -> Option<Self> {
        (seq > self.floor() && exception.is_none()).then(|| self.excepting_one())
    }

    fn excepting_one(self) -> Self {
        Self { uncounted: self.uncounted.saturating_add(1), ..self }.changed()
    }

    /// Nothing in `(floor, reached]` counts, so that all of it leaves `uncounted`.
    fn moved_over_uncounted(self, reached: Seq) -> Self {
        let passed = reached.since(self.floor());
        if passed > 0 { Self { read_seq: reached, uncounted: self.uncounted - passed, ..self } } else { self }
    }

    fn changed(self) -> Self {
        Self { rev: self.rev.saturating_add(1), ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    const MINE: Option<Exception> = Some(Exception::Own);

    fn seq(number: i64) -> Seq {
        Seq::saturating(number)
    }

    /// Everything is visible, and `rev` is 9.
    fn watermark(read_seq: i64, uncounted: i64) -> Watermark {
        Watermark { read_seq: seq(read_seq), uncounted, visible_from: Seq::FIRST, rev: 9 }
    }

    fn with_rev(rev: i64, watermark: Watermark) -> Watermark {
        Watermark { rev, ..watermark }
    }

    fn read(from: Watermark, target: i64, uncounted: i64) -> Option<Watermark> {
        from.read_up_to(seq(target), seq(10), |_| Ok::<_, Infallible>(uncounted)).unwrap()
    }

    fn read_one(from: Watermark, target: i64, exception: Option<Exception>, first_counting: i64) -> ReadOne {
        let first_counting = seq(first_counting);
        let found = (first_counting > Seq::START).then_some(first_counting);
        from.read_one(seq(target), seq(10), exception, |_| Ok::<_, Infallible>(found)).unwrap()
    }

    #[test]
    fn sending_does_not_read() {
        let sent = watermark(3, 1).sent();
        assert_eq!(sent, with_rev(10, watermark(3, 2)));
        assert_eq!(sent.unread(seq(11)), watermark(3, 1).unread(seq(10)));
    }

    #[test]
    fn reading_takes_what_it_passes_out_of_uncounted() {
        assert_eq!(read(watermark(3, 4), 6, 2), Some(with_rev(10, watermark(6, 2))));
    }

    #[test]
    fn reading_asks_about_what_it_passes_only() {
        let mut asked = None;
        let ask = |range| Ok::<_, Infallible>(*asked.insert(range)).map(|_| 0);
        watermark(3, 0).read_up_to(seq(6), seq(10), ask).unwrap();
        assert_eq!(asked, SeqRange::new(seq(4), seq(6)));
    }

    #[test]
    fn reading_everything_asks_nothing() {
        let all = watermark(3, 4).read_up_to(seq(99), seq(10), |_| Err("asked"));
        assert_eq!(all, Ok(Some(with_rev(10, watermark(10, 0)))));
    }

    #[test]
    fn reading_never_goes_back() {
        assert_eq!(read(watermark(6, 2), 6, 0), None);
        assert_eq!(read(watermark(6, 2), 2, 0), None);
        assert_eq!(read(Watermark { visible_from: seq(9), ..watermark(3, 0) }, 8, 0), None);
    }

    #[test]
    fn a_failed_question_fails_the_transition() {
        assert_eq!(watermark(3, 4).read_up_to(seq(6), seq(10), |_| Err("away")), Err("away"));
        assert_eq!(watermark(3, 4).read_one(seq(6), seq(10), None, |_| Err("away")), Err("away"));
    }

    #[test]
    fn one_read_out_of_order_is_an_exception() {
        assert_eq!(read_one(watermark(3, 0), 6, None, 4), ReadOne::Excepted(with_rev(10, watermark(3, 1))));
    }

    #[test]
    fn one_read_in_order_takes_along_what_has_become_contiguous() {
        // 5 was mine, 6 had been read alone; 4 is read now, and 7 is the next to read
        assert_eq!(read_one(watermark(3, 2), 4, None, 7), ReadOne::Passed(with_rev(10, watermark(6, 0))));
        assert_eq!(read_one(watermark(3, 6), 4, None, 0), ReadOne::Passed(with_rev(10, watermark(10, 0))));
    }

    #[test]
    fn the_watermark_moves_over_what_lies_before_an_exception_too() {
        // 4 was mine, 5 is unread, 7 is read now
        assert_eq!(read_one(watermark(3, 1), 7, None, 5), ReadOne::Excepted(with_rev(10, watermark(4, 1))));
    }

    #[test]
    fn one_that_does_not_count_changes_nothing_when_read() {
        assert_eq!(read_one(watermark(3, 2), 5, MINE, 4), ReadOne::Unchanged);
        assert_eq!(read_one(watermark(3, 2), 3, None, 4), ReadOne::Unchanged);
        assert_eq!(read_one(watermark(3, 2), 11, None, 4), ReadOne::Unchanged);
    }

    #[test]
    fn hiding_is_not_reading() {
        let hide = watermark(3, 0).hidden(seq(5), None).unwrap();
        assert_eq!(hide, Hide { read: false, watermark: Some(with_rev(10, watermark(3, 1))) });
    }

    #[test]
    fn hiding_what_was_read_leaves_the_reader_one() {
        let read = Some(Hide { read: true, watermark: None });
        assert_eq!(watermark(3, 1).hidden(seq(2), None), read);
        assert_eq!(watermark(3, 1).hidden(seq(5), Some(Exception::Read)), read);
        assert_eq!(watermark(3, 1).hidden(seq(5), MINE), read);
    }

    #[test]
    fn what_cannot_be_seen_cannot_be_hidden() {
        assert_eq!(watermark(3, 1).hidden(seq(5), Some(Exception::Hidden)), None);
        assert_eq!(watermark(3, 1).hidden(seq(2), Some(Exception::Deleted)), None);
        assert_eq!(Watermark::joined(seq(9)).hidden(seq(9), None), None);
    }

    #[test]
    fn deleting_for_all_touches_those_for_whom_it_counted() {
        assert_eq!(watermark(3, 1).deleted_for_all(seq(5), None), Some(with_rev(10, watermark(3, 2))));
        assert_eq!(watermark(5, 1).deleted_for_all(seq(5), None), None);
        assert_eq!(watermark(3, 1).deleted_for_all(seq(5), Some(Exception::Hidden)), None);
    }

    #[test]
    fn what_comes_back_counts_again_unless_it_was_read() {
        let back = |from: Watermark, number: i64, why: Option<Exception>| {
            from.restored(seq(number), seq(10), why, |_| Ok::<_, Infallible>(3)).unwrap()
        };
        assert_eq!(back(watermark(3, 2), 5, None), Some(with_rev(10, watermark(3, 1))));
        assert_eq!(back(watermark(7, 1), 5, None), Some(with_rev(10, watermark(4, 3))));
        assert_eq!(back(watermark(7, 1), 5, Some(Exception::Read)), None);
        assert_eq!(back(Watermark { visible_from: seq(6), ..watermark(7, 1) }, 5, None), None);
    }

    #[test]
    fn clearing_twice_changes_once() {
        let cleared = watermark(3, 4).cleared(seq(10)).unwrap();
        assert_eq!(cleared, Watermark { visible_from: seq(11), ..with_rev(10, watermark(3, 0)) });
        assert_eq!((cleared.unread(seq(10)), cleared.cleared(seq(10))), (0, None));
    }

    #[test]
    fn rev_goes_on_through_leaving_and_returning() {
        let back = watermark(3, 4).left().rejoined(seq(10));
        assert_eq!((back.rev, back.unread(seq(10)), back.unread(seq(11))), (11, 0, 1));
        assert!(!back.has_passed(seq(2)));
    }
}
