//! Days, weeks and months in every time zone: an instant matches if and only if a calendar on the wall says so.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use proptest::prelude::*;

use crate::moments::{asked, zone_and_instant};

fn date(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

fn later(day: NaiveDate, days: i64) -> NaiveDate {
    day + TimeDelta::days(days)
}

fn matches(query: &str, zone: Tz, now: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    asked(query, zone, now).matches(Some(at))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_local_day((zone, at) in zone_and_instant(), days in -2..=2_i64) {
        let day = later(date(zone, at), days);
        prop_assert_eq!(matches(&format!("at=$leq-{day}"), zone, at, at), days == 0);
        prop_assert_eq!(matches(&format!("at=$lin-{day}"), zone, at, at), days == 0);
        prop_assert_eq!(matches(&format!("at={day}"), zone, at, at), day == at.date_naive());
    }

    #[test]
    fn some_local_days((zone, at) in zone_and_instant(), days in prop::collection::vec(-3..=3_i64, 1..5)) {
        let wanted: Vec<_> = days.iter().map(|days| later(date(zone, at), *days)).collect();
        let words: Vec<String> = wanted.iter().map(NaiveDate::to_string).collect();
        let (listed, repeated) = (format!("at=$lin-{}", words.join(",")), format!("at=$lin-{}", words.join("&at=$lin-")));
        prop_assert_eq!(matches(&listed, zone, at, at), days.contains(&0));
        prop_assert_eq!(asked(&listed, zone, at), asked(&repeated, zone, at));
    }

    #[test]
    fn today((zone, now) in zone_and_instant(), minutes in -3_000..3_000_i64) {
        let at = now + TimeDelta::minutes(minutes);
        prop_assert_eq!(matches("at=$ltoday", zone, now, at), date(zone, at) == date(zone, now));
        prop_assert_eq!(matches("at=$today", zone, now, at), date(Tz::UTC, at) == date(Tz::UTC, now));
    }

    #[test]
    fn this_week((zone, now) in zone_and_instant(), hours in -200..200_i64) {
        let at = now + TimeDelta::hours(hours);
        let same = |zone| date(zone, at).iso_week() == date(zone, now).iso_week();
        prop_assert_eq!(matches("at=$lweek", zone, now, at), same(zone));
        prop_assert_eq!(matches("at=$week", zone, now, at), same(Tz::UTC));
    }

    #[test]
    fn this_month((zone, now) in zone_and_instant(), hours in -1_000..1_000_i64) {
        let at = now + TimeDelta::hours(hours);
        let month = |at: DateTime<Utc>| (at.year(), at.month());
        prop_assert_eq!(matches("at=$month", zone, now, at), month(at) == month(now));
    }

    /// As stores want them: ascending, apart, none empty; and a week is no longer than it can be.
    #[test]
    fn intervals_are_tidy((zone, now) in zone_and_instant(), days in prop::collection::vec(-9..9_i64, 0..9)) {
        let days = days.iter().map(|days| format!("&at=$leq-{}", later(date(zone, now), *days)));
        let filter = asked(&format!("at=$lweek&at=$today{}", days.collect::<String>()), zone, now);
        let ends: Vec<_> = filter.intervals().iter().flat_map(|of| [*of.from().unwrap(), *of.to().unwrap()]).collect();
        prop_assert!(ends.is_sorted_by(|one, next| one < next), "{:?}", filter);
    }
}

/// Every zone, every day of the year in which Samoa skipped one: no instant is lost or counted twice.
#[test]
fn days_tile_the_years() {
    let first = NaiveDate::from_ymd_opt(2010, 12, 31).unwrap();
    let now = DateTime::<Utc>::UNIX_EPOCH;
    for zone in TZ_VARIANTS {
        let days: Vec<String> = (0..367).map(|days| (first + Days::new(days)).to_string()).collect();
        let all = asked(&format!("at=$lin-{}", days.join(",")), zone, now);
        assert_eq!(all.intervals().len(), 1, "{zone}");
        let lengths =
            days.iter().flat_map(|day| asked(&format!("at=$leq-{day}"), zone, now).intervals().to_vec());
        let sum: TimeDelta = lengths.map(|of| *of.to().unwrap() - *of.from().unwrap()).sum();
        let whole = all.intervals()[0];
        assert_eq!(sum, *whole.to().unwrap() - *whole.from().unwrap(), "{zone}");
    }
}
