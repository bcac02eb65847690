//! Messages in a row.

use crate::Seq;

/// Messages in a row, both ends included and never empty: an empty page is a `None` of this, for which no
/// store needs to be asked. What a store turns into `seq BETWEEN first AND last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeqRange {
    first: Seq,
    last: Seq,
}

impl SeqRange {
    /// From `first` to `last`, both included; `None` when that is empty. [`Seq::START`] is no message.
    #[must_use]
    pub fn new(first: Seq, last: Seq) -> Option<Self> {
        let first = first.max(Seq::FIRST);
        (first <= last).then_some(Self { first, last })
    }

    /// The oldest message.
    #[must_use]
    pub const fn first(self) -> Seq {
        self.first
    }

    /// The newest message.
    #[must_use]
    pub const fn last(self) -> Seq {
        self.last
    }

    /// How many messages, at least 1.
    #[must_use]
    pub const fn count(self) -> i64 {
        self.last.since(self.first.prev())
    }

    /// Whether `seq` is among them.
    #[must_use]
    pub fn contains(self, seq: Seq) -> bool {
        self.first <= seq && seq <= self.last
    }

    /// Every one of them, ascending.
    pub fn seqs(self) -> impl DoubleEndedIterator<Item = Seq> {
        (self.first.get()..=self.last.get()).map(Seq::saturating)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: i64, last: i64) -> Option<SeqRange> {
        SeqRange::new(Seq::saturating(first), Seq::saturating(last))
    }

    #[test]
    fn is_never_empty() {
        assert_eq!(range(4, 3), None);
        assert_eq!(range(0, 0), None);
        assert_eq!(range(1, i64::MAX).unwrap().count(), i64::MAX);
    }

    #[test]
    fn holds_both_ends_and_no_more() {
        let three = range(2, 4).unwrap();
        let inside: Vec<_> = (0..6).filter(|seq| three.contains(Seq::saturating(*seq))).collect();
        assert_eq!(inside, [2, 3, 4]);
        assert_eq!(three.seqs().map(Seq::get).collect::<Vec<_>>(), inside);
        assert_eq!(three.count(), 3);
    }

    #[test]
    fn starts_at_the_first_message() {
        assert_eq!(range(0, 2), range(1, 2));
    }
}
