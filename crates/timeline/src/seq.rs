//! The number of a message within its conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a message within its conversation: 1, 2, 3 … in commit order, without gaps.
///
/// [`Seq::START`] (0) stands before the first message: nothing sent, nothing read.
/// There is no negative `Seq`, so the difference of two never overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Seq(i64);

impl Seq {
    /// Before the first message.
    pub const START: Self = Self(0);
    /// The first message.
    pub const FIRST: Self = Self(1);

    /// The `Seq` of this number; `None` when it is negative.
    #[must_use]
    pub const fn new(number: i64) -> Option<Self> {
        if number < 0 { None } else { Some(Self(number)) }
    }

    /// The `Seq` of a number that is known not to be negative, such as a column under a CHECK;
    /// should it be negative all the same, it is [`Seq::START`].
    #[must_use]
    pub const fn saturating(number: i64) -> Self {
        if number < 0 { Self::START } else { Self(number) }
    }

    /// The bare number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The one after this; the last possible one is its own successor.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The one before this; [`Seq::START`] is its own predecessor.
    #[must_use]
    pub const fn prev(self) -> Self {
        Self::saturating(self.0 - 1)
    }

    /// This many further on (back, when negative); `None` outside of what a `Seq` can be.
    #[must_use]
    pub const fn checked_add(self, count: i64) -> Option<Self> {
        match self.0.checked_add(count) {
            Some(number) => Self::new(number),
            None => None,
        }
    }

    /// As [`Seq::checked_add`], but stopping at [`Seq::START`] and at the last possible one.
    #[must_use]
    pub const fn saturating_add(self, count: i64) -> Self {
        Self::saturating(self.0.saturating_add(count))
    }

    /// How many messages lie in `(earlier, self]`; negative when `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A negative number was to become a [`Seq`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegativeSeq(i64);

impl fmt::Display for NegativeSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not the number of a message: it is negative", self.0)
    }
}

impl std::error::Error for NegativeSeq {}

impl TryFrom<i64> for Seq {
    type Error = NegativeSeq;

    fn try_from(number: i64) -> Result<Self, NegativeSeq> {
        Self::new(number).ok_or(NegativeSeq(number))
    }
}

impl From<Seq> for i64 {
    fn from(seq: Seq) -> Self {
        seq.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Seq = Seq(i64::MAX);

    #[test]
    fn negative_numbers_are_refused() {
        assert_eq!(Seq::new(-1), None);
        assert_eq!(Seq::try_from(-7), Err(NegativeSeq(-7)));
        assert_eq!(Seq::saturating(-7), Seq::START);
        assert!(serde_json::from_str::<Seq>("-1").is_err());
    }

    #[test]
    fn travels_as_a_bare_number() {
        assert_eq!(serde_json::to_string(&Seq(7)).unwrap(), "7");
        assert_eq!(serde_json::from_str::<Seq>("7").unwrap(), Seq(7));
    }

    #[test]
    fn arithmetic_stops_at_both_ends() {
        assert_eq!((Seq::START.prev(), Seq::FIRST.prev()), (Seq::START, Seq::START));
        assert_eq!((LAST.next(), Seq::FIRST.next()), (LAST, Seq(2)));
        assert_eq!((LAST.checked_add(1), Seq::FIRST.checked_add(-2)), (None, None));
        assert_eq!((LAST.saturating_add(i64::MAX), LAST.saturating_add(i64::MIN)), (LAST, Seq::START));
        assert_eq!(Seq(3).checked_add(-2), Some(Seq(1)));
    }

    #[test]
    fn since_counts_the_messages_between() {
        assert_eq!(Seq(5).since(Seq(2)), 3);
        assert_eq!(Seq::START.since(LAST), -i64::MAX);
    }
}
