//! Pages and windows over the messages that a member can see: arithmetic, so their cost does not depend on depth.

use crate::{Seq, SeqRange};

/// The messages from a member's `visibleFrom` to the newest one, of which pages and windows are cut.
///
/// It knows nothing of messages deleted in between or filtered out. A store answers from it where there are none
/// of these, and walks the index (`seq < ? ORDER BY seq DESC LIMIT ?`) where there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visible(Option<SeqRange>);

/// Which messages of the visible ones a client asks for, besides pages by number (`beforeSeq`, `afterSeq`,
/// `aroundSeq`, or `limit` alone).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// The newest of those before this one, which is left out itself.
    Before(Seq),
    /// The oldest of those after this one, which is left out itself.
    After(Seq),
    /// The nearest to this one, itself among them; of two equally near, the newer first.
    Around(Seq),
}

impl Visible {
    /// What a member sees whose history begins at `visible_from`.
    #[must_use]
    pub fn new(visible_from: Seq, last_seq: Seq) -> Self {
        Self(SeqRange::new(visible_from, last_seq))
    }

    /// All of it; `None` when there is nothing.
    #[must_use]
    pub const fn all(self) -> Option<SeqRange> {
        self.0
    }

    /// How many messages (`totalRowCount`).
    #[must_use]
    pub fn total(self) -> i64 {
        self.0.map_or(0, SeqRange::count)
    }

    /// How many pages of `rows` messages (`pageCount`), the last perhaps not full; 0 when there is no message.
    #[must_use]
    pub fn page_count(self, rows: i64) -> i64 {
        match (self.total().checked_div(rows), self.total().checked_rem(rows)) {
            (Some(full), Some(rest)) if rows > 0 => full + i64::from(rest > 0),
            _ => 0,
        }
    }

    /// Page `number` (`pageNumber`, from 1, the oldest first) of `rows` messages (`pageRowCount`);
    /// `None` beyond the end, and for a number or size below 1.
    #[must_use]
    pub fn page(self, number: i64, rows: i64) -> Option<SeqRange> {
        let all = self.0.filter(|_| number > 0 && rows > 0)?;
        let skipped = (number - 1).checked_mul(rows)?;
        let first = all.first().checked_add(skipped)?;
        SeqRange::new(first, all.last().min(first.saturating_add(rows - 1)))
    }

    /// At most `limit` messages as the window says, to be answered ascending; `None` when there are none,
    /// and for a limit below 1.
    #[must_use]
    pub fn window(self, window: Window, limit: i64) -> Option<SeqRange> {
        let all = self.0.filter(|_| limit > 0)?;
        match window {
            Window::Newest => up_to(all, all.last(), limit),
            Window::Before(seq) => up_to(all, seq.prev(), limit),
            Window::After(seq) => from(all, seq.checked_add(1)?, limit),
            Window::Around(seq) => around(all, seq, limit),
        }
    }
}

/// The `limit` newest of `all` that are not after `last`.
fn up_to(all: SeqRange, last: Seq, limit: i64) -> Option<SeqRange> {
    let last = last.min(all.last());
    SeqRange::new(all.first().max(last.saturating_add(1 - limit)), last)
}

/// The `limit` oldest of `all` that are not before `first`.
fn from(all: SeqRange, first: Seq, limit: i64) -> Option<SeqRange> {
    let first = first.max(all.first());
    SeqRange::new(first, all.last().min(first.saturating_add(limit - 1)))
}

/// The `limit` nearest to `seq`: half of them on each side, unless an end of `all` is nearer than that; then the
/// other side has more.
fn around(all: SeqRange, seq: Seq, limit: i64) -> Option<SeqRange> {
    let centre = seq.clamp(all.first(), all.last());
    let older = (limit - 1) / 2;
    let first = all.first().max(centre.saturating_add(-older));
    let last = all.last().min(first.saturating_add(limit - 1));
    up_to(all, last, limit)
}

/// Of what lies before a place and from it on, both ascending, the nearest `limit`: half of them older, unless one side
/// has fewer. For stores that walk the index where [`Visible`] cannot answer.
#[must_use]
pub fn nearest<T>(older: Vec<T>, newer: Vec<T>, limit: i64) -> Vec<T> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let half = limit.saturating_sub(1) / 2;
    let from_older = half.max(limit.saturating_sub(newer.len())).min(older.len());
    let skipped = older.len() - from_older;
    older.into_iter().skip(skipped).chain(newer.into_iter().take(limit - from_older)).collect()
}

/// The place of the message before which lie so many others, where those that are `gone` (ascending) do not count. For
/// stores that walk the index where [`Visible`] cannot answer: there are few of these.
#[must_use]
pub fn skipping(skipped: i64, gone: &[Seq]) -> Seq {
    let first = Seq::FIRST.saturating_add(skipped);
    gone.iter().fold(first, |seq, gone| if *gone <= seq { seq.next() } else { seq })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seq(number: i64) -> Seq {
        Seq::saturating(number)
    }

    fn numbers(range: Option<SeqRange>) -> Vec<i64> {
        range.into_iter().flat_map(SeqRange::seqs).map(Seq::get).collect()
    }

    #[test]
    fn what_is_gone_is_not_counted_as_skipped() {
        let gone = [1, 3, 4, 8].map(seq);
        let places: Vec<i64> = (0..5).map(|skipped| skipping(skipped, &gone).get()).collect();
        assert_eq!(places, [2, 5, 6, 7, 9]);
        assert_eq!((skipping(0, &[]), skipping(7, &[])), (seq(1), seq(8)));
    }

    fn newest(of: Vec<i64>, limit: usize) -> Vec<i64> {
        let skipped = of.len().saturating_sub(limit);
        of.into_iter().skip(skipped).collect()
    }

    fn nearest(mut of: Vec<i64>, to: i64, limit: usize) -> Vec<i64> {
        of.sort_by_key(|seq| ((seq - to).abs(), -seq));
        of.truncate(limit);
        of.sort_unstable();
        of
    }

    proptest! {
        #[test]
        fn pages_are_slices(visible_from in 0..40_i64, last in 0..40_i64, rows in 1..12_usize) {
            let naive: Vec<i64> = (visible_from.max(1)..=last).collect();
            let visible = Visible::new(seq(visible_from), seq(last));
            let size = i64::try_from(rows).unwrap();
            prop_assert_eq!(usize::try_from(visible.total()).unwrap(), naive.len());
            prop_assert_eq!(usize::try_from(visible.page_count(size)).unwrap(), naive.chunks(rows).count());
            for (page, number) in naive.chunks(rows).zip(1..) {
                prop_assert_eq!(&numbers(visible.page(number, size)), page);
            }
            prop_assert_eq!(visible.page(visible.page_count(size) + 1, size), None);
        }

        #[test]
        fn windows_are_slices(from in 0..40_i64, last in 0..40_i64, at in 0..45_i64, limit in 1..12_usize) {
            let naive: Vec<i64> = (from.max(1)..=last).collect();
            let before = naive.iter().copied().filter(|s| *s < at).collect();
            let after: Vec<i64> = naive.iter().copied().filter(|s| *s > at).take(limit).collect();
            let cut = |window| {
                numbers(Visible::new(seq(from), seq(last)).window(window, i64::try_from(limit).unwrap()))
            };
            prop_assert_eq!(cut(Window::Newest), newest(naive.clone(), limit));
            prop_assert_eq!(cut(Window::Before(seq(at))), newest(before, limit));
            prop_assert_eq!(cut(Window::After(seq(at))), after);
            prop_assert_eq!(cut(Window::Around(seq(at))), nearest(naive, at, limit));
        }

        #[test]
        fn no_number_overflows(
            from in any::<i64>(), last in any::<i64>(), at in any::<i64>(), n in any::<i64>(), size in any::<i64>()
        ) {
            let visible = Visible::new(seq(from), seq(last));
            let windows = [Window::Newest, Window::Before(seq(at)), Window::After(seq(at)), Window::Around(seq(at))];
            let cuts = windows.map(|window| visible.window(window, size));
            for cut in cuts.into_iter().chain([visible.page(n, size)]).flatten() {
                let all = visible.all().unwrap();
                prop_assert!(all.contains(cut.first()) && all.contains(cut.last()) && cut.count() <= size);
            }
            prop_assert!(visible.page_count(size) <= visible.total());
        }
    }

    #[test]
    fn the_largest_numbers_there_are() {
        let largest = Visible::new(Seq::FIRST, seq(i64::MAX));
        assert_eq!(largest.total(), i64::MAX);
        assert_eq!(largest.page_count(1), i64::MAX);
        assert_eq!(numbers(largest.page(i64::MAX, 1)), [i64::MAX]);
        assert_eq!(largest.page(i64::MAX, i64::MAX), None);
        assert_eq!(largest.page(1, i64::MAX), largest.all());
        assert_eq!(largest.window(Window::After(seq(i64::MAX)), 25), None);
        assert_eq!(largest.window(Window::Around(seq(i64::MAX)), i64::MAX), largest.all());
    }

    #[test]
    fn sizes_below_one_hold_nothing() {
        let ten = Visible::new(Seq::FIRST, seq(10));
        assert_eq!((ten.page(0, 25), ten.page(1, 0), ten.page(-1, -1)), (None, None, None));
        assert_eq!((ten.page_count(0), ten.page_count(-1)), (0, 0));
        assert_eq!(ten.window(Window::Newest, 0), None);
    }
}
