//! Stretches of time.

use chrono::{DateTime, TimeDelta, Utc};

/// The instants from one until before another: `[from, to)`. Either end may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first instant; the least of all where this end is open.
    from: DateTime<Utc>,
    /// The first instant behind it; the greatest of all where this end is open.
    to: DateTime<Utc>,
}

impl Interval {
    pub(super) fn new(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self { from, to }
    }

    /// The first instant, if there is one.
    #[must_use]
    pub fn from(&self) -> Option<&DateTime<Utc>> {
        (self.from > DateTime::<Utc>::MIN_UTC).then_some(&self.from)
    }

    /// The first instant that is later than all of it, if there is one.
    #[must_use]
    pub fn to(&self) -> Option<&DateTime<Utc>> {
        (self.to < DateTime::<Utc>::MAX_UTC).then_some(&self.to)
    }

    /// Whether the instant lies in it.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// All that is before it.
    pub(super) fn before(self) -> Self {
        Self { from: DateTime::<Utc>::MIN_UTC, to: self.from }
    }

    /// Itself and all that is before it.
    pub(super) fn and_before(self) -> Self {
        Self { from: DateTime::<Utc>::MIN_UTC, ..self }
    }

    /// All that is after it.
    pub(super) fn after(self) -> Self {
        Self { from: self.to, to: DateTime::<Utc>::MAX_UTC }
    }

    /// Itself and all that is after it.
    pub(super) fn and_after(self) -> Self {
        Self { to: DateTime::<Utc>::MAX_UTC, ..self }
    }

    /// What lies in both; empty (`to <= from`) when they are apart.
    pub(super) fn meet(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }

    /// The same stretch, so much earlier.
    pub(super) fn earlier(self, by: TimeDelta) -> Self {
        Self { from: self.from - by, to: self.to - by }
    }

    /// From the beginning of the first to the end of the second.
    pub(super) fn hull(first: Self, second: Self) -> Self {
        Self { from: first.from.min(second.from), to: first.to.max(second.to) }
    }

    fn touches(self, next: Self) -> bool {
        next.from <= self.to
    }
}

/// The same instants in as few intervals as can be, ascending, none of them empty.
pub(super) fn union(mut of: Vec<Interval>) -> Vec<Interval> {
    of.retain(|interval| interval.from < interval.to);
    of.sort_unstable();
    let mut merged: Vec<Interval> = Vec::new();
    for next in of {
        match merged.last_mut().filter(|last| last.touches(next)) {
            Some(last) => *last = Interval::hull(*last, next),
            None => merged.push(next),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, to: i64) -> Interval {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        Interval::new(at(from), at(to))
    }

    #[test]
    fn what_touches_is_one() {
        let of = vec![interval(5, 6), interval(1, 3), interval(3, 4), interval(2, 3), interval(9, 9)];
        assert_eq!(union(of), [interval(1, 4), interval(5, 6)]);
    }

    #[test]
    fn what_lies_in_another_is_gone() {
        assert_eq!(union(vec![interval(1, 9), interval(2, 3), interval(8, 9)]), [interval(1, 9)]);
    }

    #[test]
    fn apart_is_empty() {
        assert_eq!(union(vec![interval(1, 3).meet(interval(5, 7))]), []);
        assert_eq!(interval(1, 6).meet(interval(5, 7)), interval(5, 6));
    }

    #[test]
    fn ends_are_open_or_known() {
        let three = interval(3, 4);
        assert_eq!((three.before().from(), three.before().to()), (None, three.from()));
        assert_eq!((three.after().from(), three.after().to()), (three.to(), None));
    }
}
