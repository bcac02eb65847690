//! Filters by date.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{Calendar, moment};
use super::interval::union;
use super::{Interval, with_null};

/// Lies in one of these intervals, or is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFilter {
    pub(super) intervals: Vec<Interval>,
    pub(super) or_null: bool,
}

impl DateFilter {
    pub(super) fn parse(values: &[String], calendar: Calendar) -> Option<Self> {
        let (intervals, or_null) = with_null(values, |value| intervals(value, calendar))?;
        Some(Self { intervals: union(intervals.concat()), or_null })
    }

    /// Not before the one instant and not after the other, where they are given; instants have microseconds.
    #[must_use]
    pub fn between(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Self {
        let behind = to.and_then(|to| to.checked_add_signed(TimeDelta::microseconds(1)));
        let bounds = Interval::new(
            from.unwrap_or(DateTime::<Utc>::MIN_UTC),
            behind.unwrap_or(DateTime::<Utc>::MAX_UTC),
        );
        Self::within(bounds)
    }

    pub(super) fn within(bounds: Interval) -> Self {
        Self { intervals: union(vec![bounds]), or_null: false }
    }

    /// What is absent lies within no bounds.
    pub(super) fn and_within(self, bounds: Interval) -> Self {
        let cut = self.intervals.into_iter().map(|interval| interval.meet(bounds));
        Self { intervals: union(cut.collect()), or_null: false }
    }

    /// The intervals, of which any will do: ascending, apart, none of them empty.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Whether what has no date matches, too.
    #[must_use]
    pub fn or_null(&self) -> bool {
        self.or_null
    }

    /// Whether a row with this date is asked for: what the condition in SQL says, too.
    #[must_use]
    pub fn matches(&self, at: Option<DateTime<Utc>>) -> bool {
        at.map_or(self.or_null, |at| self.intervals.iter().any(|interval| interval.contains(at)))
    }
}

/// One value of the language.
fn intervals(text: &str, calendar: Calendar) -> Option<Vec<Interval>> {
    let Some(word) = text.strip_prefix('$') else { return one(moment(text)) };
    let Some((operator, operand)) = word.split_once('-') else { return calendar.current(word) };
    match operator {
        "leq" => calendar.local_day(operand),
        "lin" => operand
            .split(',')
            .map(|day| calendar.local_day(day))
            .collect::<Option<Vec<_>>>()
            .map(|of| of.concat()),
        "lt" => one(moment(operand).map(Interval::before)),
        "lte" => one(moment(operand).map(Interval::and_before)),
        "gt" => one(moment(operand).map(Interval::after)),
        "gte" => one(moment(operand).map(Interval::and_after)),
        _ => None,
    }
}

fn one(interval: Option<Interval>) -> Option<Vec<Interval>> {
    interval.map(|interval| vec![interval])
}
