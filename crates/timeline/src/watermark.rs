//! What one member has read, in four numbers.

use serde::{Deserialize, Serialize};

use crate::{Seq, Visible};

/// What one member of a conversation has read: the member's state as stored, and as events carry it
/// (`{readSeq, uncounted, visibleFrom, rev}`).
///
/// It changes by the transitions alone; each raises `rev` by one when it changes something, so that whoever
/// keeps the highest `rev` has the newest, however often and in whatever order the states arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watermark {
    /// All that the member could see up to here, this one included, is read.
    pub read_seq: Seq,
    /// How many messages above the [floor](Watermark::floor) do not count as unread for the member
    /// (see [`Exception`](crate::Exception)).
    pub uncounted: i64,
    /// The first message the member may see: the one after the newest at the time of joining (or clearing).
    pub visible_from: Seq,
    /// Up by one with every change, from 1. It goes on through leaving and joining again.
    pub rev: i64,
}

impl Watermark {
    /// A member who joins for the first time, when `last_seq` is the newest message ([`Seq::START`] for those
    /// who are there from the beginning). They see what is said from now on.
    #[must_use]
    pub fn joined(last_seq: Seq) -> Self {
        Self { read_seq: Seq::START, uncounted: 0, visible_from: last_seq.next(), rev: 1 }
    }

    /// At or below this nothing is unread: it was read, or the member cannot see it.
    #[must_use]
    pub fn floor(&self) -> Seq {
        self.read_seq.max(self.visible_from.prev())
    }

    /// How many messages are unread when `last_seq` is the newest one.
    ///
    /// Never negative: `uncounted` counts some of the messages in `(floor, last_seq]`, and every transition keeps
    /// it so; there are never more of these than messages. Only a reader of events may hold a watermark that is
    /// newer than the `last_seq` it knows; until it hears of the rest, the answer is 0.
    #[must_use]
    pub fn unread(&self, last_seq: Seq) -> i64 {
        last_seq.since(self.floor()).saturating_sub(self.uncounted).max(0)
    }

    /// The messages from which the member's pages are cut when `last_seq` is the newest one.
    #[must_use]
    pub fn visible(&self, last_seq: Seq) -> Visible {
        Visible::new(self.visible_from, last_seq)
    }

    /// Whether reading has passed over this message. That is not yet "has read it": a message that the member
    /// deleted for themselves unread is passed over too ([`Hide::read`](crate::Hide) knows), and the member's own
    /// messages and those read one by one are read wherever they lie.
    #[must_use]
    pub fn has_passed(&self, seq: Seq) -> bool {
        self.visible_from <= seq && seq <= self.read_seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seq(number: i64) -> Seq {
        Seq::saturating(number)
    }

    fn watermark(read_seq: i64, uncounted: i64, visible_from: i64) -> Watermark {
        Watermark { read_seq: seq(read_seq), uncounted, visible_from: seq(visible_from), rev: 9 }
    }

    #[test]
    fn unread_is_what_lies_above_the_floor_and_counts() {
        assert_eq!(watermark(3, 2, 1).unread(seq(10)), 5);
        assert_eq!(watermark(3, 2, 7).unread(seq(10)), 2);
        assert_eq!(watermark(10, 0, 1).unread(seq(10)), 0);
    }

    #[test]
    fn unread_is_not_negative_while_the_newest_message_is_not_known_yet() {
        assert_eq!(watermark(3, 1, 1).unread(seq(3)), 0);
        assert_eq!(watermark(3, i64::MAX, 1).unread(seq(0)), 0);
    }

    #[test]
    fn who_joins_sees_what_is_said_from_then_on() {
        let late = Watermark::joined(seq(7));
        assert_eq!((late.unread(seq(7)), late.unread(seq(9))), (0, 2));
        assert_eq!(late.visible(seq(9)).all().unwrap().first(), seq(8));
        assert_eq!(late.visible(seq(7)).all(), None);
    }

    #[test]
    fn nobody_has_passed_what_they_cannot_see() {
        let late = watermark(9, 0, 8);
        assert_eq!([7, 8, 9, 10].map(|number| late.has_passed(seq(number))), [false, true, true, false]);
    }

    #[test]
    fn travels_as_events_carry_it() {
        let json = serde_json::to_string(&watermark(3, 2, 1)).unwrap();
        assert_eq!(json, r#"{"readSeq":3,"uncounted":2,"visibleFrom":1,"rev":9}"#);
        assert_eq!(serde_json::from_str::<Watermark>(&json).unwrap(), watermark(3, 2, 1));
    }
}
