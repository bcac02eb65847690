//! Days, weeks and months as intervals of UTC, in any time zone.

use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Offset as _, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;

use super::Interval;

/// No zone is further than a day from UTC, and none changes its offset twice within one (the least that has ever been
/// is a week).
const DAY: TimeDelta = TimeDelta::days(1);

/// The caller's time zone, and what time it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) zone: Tz,
    pub(super) now: DateTime<Utc>,
}

impl Calendar {
    /// `today`, `week`, `month`, `ltoday`, `lweek`: the current one of each.
    pub(super) fn current(self, name: &str) -> Option<Vec<Interval>> {
        let (zone, name) = name.strip_prefix('l').map_or((Tz::UTC, name), |name| (self.zone, name));
        let today = self.now.with_timezone(&zone).date_naive();
        let (first, last) = match name {
            "today" => (today, today),
            "week" => week(today)?,
            "month" if zone == Tz::UTC => month(today)?,
            _ => return None,
        };
        Some(days(zone, first, last))
    }

    /// A day of the caller's.
    pub(super) fn local_day(self, text: &str) -> Option<Vec<Interval>> {
        day(text).map(|day| days(self.zone, day, day))
    }
}

/// Monday and Sunday.
fn week(of: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let monday = of.checked_sub_days(Days::new(of.weekday().num_days_from_monday().into()))?;
    Some((monday, monday.checked_add_days(Days::new(6))?))
}

fn month(of: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let first = of.with_day(1)?;
    let next = first.checked_add_months(chrono::Months::new(1))?;
    Some((first, next.pred_opt()?))
}

/// A day as ISO 8601 writes it, `2024-01-15`, of the years 0001 to 9999.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // Reading is lenient (`+2024-1-5`); only what it would be written as is a day.
    (is_usual(day.year()) && day.to_string() == text).then_some(day)
}

/// A day (UTC) or an instant, as the interval that it is.
pub(super) fn moment(text: &str) -> Option<Interval> {
    let whole_day = || day(text).map(|day| utc_days(day, day));
    whole_day().or_else(|| instant(text))
}

/// The instants that we keep have microseconds: one that is asked for more exactly lies between two of them.
fn instant(text: &str) -> Option<Interval> {
    // A `+` that was not escaped arrives as a blank.
    let at = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok()?.to_utc();
    let floor = DateTime::from_timestamp_micros(at.timestamp_micros()).filter(|at| is_usual(at.year()))?;
    let next = floor.checked_add_signed(TimeDelta::microseconds(1))?;
    Some(Interval::new(if floor == at { floor } else { next }, next))
}

fn is_usual(year: i32) -> bool {
    (1..=9999).contains(&year)
}

fn utc_days(first: NaiveDate, last: NaiveDate) -> Interval {
    Interval::new(midnight(first), midnight(last) + DAY)
}

fn midnight(of: NaiveDate) -> DateTime<Utc> {
    of.and_time(NaiveTime::MIN).and_utc()
}

/// When the calendar of a zone shows one of these days. Mostly this is one interval, but where the clocks go back over
/// midnight a day ends twice, and where a day is skipped there is none.
fn days(zone: Tz, first: NaiveDate, last: NaiveDate) -> Vec<Interval> {
    let as_in_utc = utc_days(first, last);
    let starts = std::iter::successors(Some(midnight(first) - DAY), |start| Some(*start + DAY));
    let starts = starts.take_while(|start| *start < midnight(last) + DAY + DAY);
    let stretches = starts.flat_map(|start| stretches(zone, start));
    let shown = stretches.map(|(stretch, offset)| stretch.meet(as_in_utc.earlier(offset)));
    super::interval::union(shown.collect())
}

/// The parts of the 24 hours from `start` in which a zone keeps one offset, and which.
fn stretches(zone: Tz, start: DateTime<Utc>) -> [(Interval, TimeDelta); 2] {
    let end = start + DAY;
    let (before, after) = (offset(zone, start), offset(zone, end));
    let change = if before == after { end } else { change(zone, start, end) };
    [(Interval::new(start, change), before), (Interval::new(change, end), after)]
}

/// The second at which a zone has left the offset that it had at `start`.
fn change(zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> DateTime<Utc> {
    let old = offset(zone, start);
    let (mut still, mut no_more) = (start, end);
    while no_more - still > TimeDelta::seconds(1) {
        let middle = still + TimeDelta::seconds((no_more - still).num_seconds() / 2);
        *(if offset(zone, middle) == old { &mut still } else { &mut no_more }) = middle;
    }
    no_more
}

/// What local clocks are ahead of UTC.
fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    TimeDelta::seconds(offset.fix().local_minus_utc().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(zone: Tz, text: &str) -> Vec<i64> {
        let day = day(text).unwrap();
        let hours = |of: &Interval| (*of.to().unwrap() - *of.from().unwrap()).num_hours();
        days(zone, day, day).iter().map(hours).collect()
    }

    #[test]
    fn days_have_the_hours_that_the_clocks_give_them() {
        assert_eq!(hours(Tz::Europe__Berlin, "2024-03-31"), [23]);
        assert_eq!(hours(Tz::Europe__Berlin, "2024-10-27"), [25]);
        assert_eq!(hours(Tz::Europe__Berlin, "2024-10-28"), [24]);
        // No midnight: the day begins at one o'clock.
        assert_eq!(hours(Tz::America__Sao_Paulo, "2018-11-04"), [23]);
    }

    #[test]
    fn a_skipped_day_is_empty() {
        assert_eq!(hours(Tz::Pacific__Apia, "2011-12-29"), [24]);
        assert!(hours(Tz::Pacific__Apia, "2011-12-30").is_empty());
        assert_eq!(hours(Tz::Pacific__Apia, "2011-12-31"), [24]);
    }

    /// At one minute past midnight the clocks of St John's went back to 23:01 of the day before.
    #[test]
    fn a_day_may_end_twice() {
        let saturday = day("2010-11-06").unwrap();
        let shown = days(Tz::America__St_Johns, saturday, saturday);
        let minutes: Vec<i64> =
            shown.iter().map(|of| (*of.to().unwrap() - *of.from().unwrap()).num_minutes()).collect();
        assert_eq!(minutes, [24 * 60, 59]);
        let both = days(Tz::America__St_Johns, saturday, saturday.succ_opt().unwrap());
        assert_eq!(both.len(), 1, "together they are one stretch");
    }

    #[test]
    fn days_are_written_in_one_way() {
        for good in ["2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29"] {
            assert!(day(good).is_some(), "{good}");
        }
        for bad in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "0000-01-01",
            "10000-01-01",
            "+2024-1-15",
            "2024-1-5",
            " 2024-01-15",
            "2024-01-15 ",
            "20240115",
            "-001-01-01",
            "",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn instants_are_those_of_rfc_3339() {
        let at = |text| {
            moment(text)
                .map(|of| (of.from().unwrap().timestamp_micros(), of.to().unwrap().timestamp_micros()))
        };
        assert_eq!(at("1970-01-01T00:00:01Z"), Some((1_000_000, 1_000_001)));
        assert_eq!(at("1970-01-01T02:00:01+02:00"), at("1970-01-01T00:00:01Z"));
        assert_eq!(at("1970-01-01T02:00:01 02:00"), at("1970-01-01T00:00:01Z"));
        assert_eq!(
            at("1970-01-01T00:00:00.0000005Z"),
            Some((1, 1)),
            "between two microseconds there is nothing"
        );
        for bad in
            ["2024-01-15T25:00:00Z", "2023-02-29T00:00:00Z", "2024-01-15T10:00:00", "0000-12-31T00:00:00Z"]
        {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        for zone in chrono_tz::TZ_VARIANTS {
            for text in ["0001-01-01", "9999-12-31"] {
                let day = day(text).unwrap();
                assert!(!days(zone, day, day).is_empty(), "{zone} {text}");
            }
        }
    }
}
