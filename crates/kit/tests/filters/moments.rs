//! Instants of every time zone, most of them where its clocks change.

use chrono::{DateTime, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use kit::Query;
use kit::filters::{DateFilter, Filters};
use proptest::prelude::*;
use proptest::sample::select;

/// A zone, and an instant from 1970 to 2037 within two days of a change of its clocks, if they change; or within three
/// hours of it, or at it.
pub(crate) fn zone_and_instant() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let micros = 0..2_145_916_800_000_000_i64;
    let hours = 3_600_000_000_i64;
    let near = prop_oneof![-48 * hours..48 * hours, -3 * hours..3 * hours, -2..2_i64];
    (select(&TZ_VARIANTS[..]), micros, near).prop_map(|(zone, at, near)| {
        let at = DateTime::from_timestamp_micros(at).unwrap();
        let near = TimeDelta::microseconds(near);
        (zone, next_change(zone, at).map_or(at, |change| change + near))
    })
}

/// Looks day by day for a year and a half, then more closely.
fn next_change(zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let start = DateTime::from_timestamp(after.timestamp(), 0).unwrap();
    let day = last_before_change(zone, start, TimeDelta::days(1), 550)?;
    let hour = last_before_change(zone, day, TimeDelta::hours(1), 24)?;
    let second = last_before_change(zone, hour, TimeDelta::seconds(1), 3_600)?;
    Some(second + TimeDelta::seconds(1))
}

fn last_before_change(
    zone: Tz,
    start: DateTime<Utc>,
    step: TimeDelta,
    steps: usize,
) -> Option<DateTime<Utc>> {
    let ahead = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let instants = std::iter::successors(Some(start), |at| Some(*at + step)).take(steps);
    instants.into_iter().find(|at| ahead(*at) != ahead(*at + step))
}

/// What a caller in that zone asks for, at that time.
pub(crate) fn asked(query: &str, zone: Tz, now: DateTime<Utc>) -> DateFilter {
    let query = Query::parse(query);
    Filters::of(&query, zone, now).date("at").unwrap().unwrap()
}
