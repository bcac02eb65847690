//! What the language takes and refuses, and what comes of it.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use chrono_tz::Tz;
use kit::filters::{ArrayOp, Filters};
use kit::{Query, Result, UserId};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::moments::asked;

const ADA: &str = "018f2f6e-7c1a-7abc-8def-0123456789ab";
const BEN: &str = "018f2f6e-7c1a-7abc-8def-0123456789ac";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2024-02-29T12:00:00Z")
}

/// What reading it comes to: the filters that were applied, or the complaint.
fn read<T>(
    query: &str,
    read: impl Fn(&mut Filters<'_>) -> Result<T>,
) -> std::result::Result<(T, Vec<Value>), String> {
    let query = Query::parse(query);
    let mut filters = Filters::of(&query, Tz::Asia__Tokyo, now());
    let read = read(&mut filters).map_err(|error| format!("{} {}", error.code().status, error.message()))?;
    Ok((read, filters.applied()))
}

fn date_complaint(query: &str) -> String {
    read(query, |filters| filters.date("at")).map(|read| format!("{query}: {read:?}")).unwrap_err()
}

#[test]
fn ids_of_any() {
    let ids = |query: &str| read(query, |filters| filters.ids::<UserId>("f"));
    let (ada, ben) = (ADA.parse().unwrap(), BEN.parse().unwrap());
    let (filter, applied) = ids(&format!("f[]={ADA}&g=1&f[]=null")).unwrap();
    let filter = filter.unwrap();
    assert_eq!(applied, [json!({ "name": "f", "values": [ADA, "null"] })]);
    assert!(filter.matches(Some(&ada)) && filter.matches(None) && !filter.matches(Some(&ben)));
    assert_eq!(filter.only(), None);
    assert_eq!(ids(&format!("f={ADA}")).unwrap().0.unwrap().only(), Some(ada));
    assert_eq!(ids("g=1&F=x").unwrap(), (None, vec![]), "nobody's business");
    for bad in ["f=", "f=1", "f=NULL", &format!("f={ADA}&f=x"), "f=%00"] {
        assert_eq!(ids(bad).unwrap_err(), "400 errMsg_fIsNotAValidID", "{bad}");
    }
}

#[test]
fn words_of_a_list() {
    let known = |text: &str| ["new", "used"].into_iter().find(|word| *word == text);
    let words = |query: &str| read(query, |filters| filters.words("f", known));
    let (filter, applied) = words("f[]=used&f=null").unwrap();
    assert_eq!(applied, [json!({ "name": "f", "values": ["used", "null"] })]);
    let filter = filter.unwrap();
    assert!(filter.matches(Some("used")) && filter.matches(None) && !filter.matches(Some("new")));
    assert_eq!(words("g=new").unwrap(), (None, vec![]));
    for bad in ["f=", "f=Used", "f=old", "f=new&f=x", "f=%00"] {
        assert_eq!(words(bad).unwrap_err(), "400 errMsg_fIsNotValid", "{bad}");
    }
}

#[test]
fn numbers_from_and_to() {
    let number = |query: &str| read(query, |filters| filters.number("f"));
    let (filter, applied) = number("f_min=1.5&f_max=2e1").unwrap();
    assert_eq!(applied[1], json!({ "name": "f_max", "values": ["2e1"] }));
    let filter = filter.unwrap();
    assert!([1.5, 7.0, 20.0].iter().all(|it| filter.matches(Some(*it))));
    assert!(!filter.matches(Some(1.4)) && !filter.matches(Some(20.1)) && !filter.matches(None));
    assert_eq!(number("f=3").unwrap(), (None, vec![]));
    for bad in ["", "x", "inf", "NaN", "1e400", "1,5", "0x1"] {
        assert_eq!(number(&format!("f_min={bad}")).unwrap_err(), "400 errMsg_f_minIsNotValid", "{bad}");
    }
    assert_eq!(number("f_max=1&f_max=2").unwrap_err(), "400 errMsg_f_maxIsNotValid");
}

#[test]
fn one_id() {
    let id = |query: &str| read(query, |filters| filters.id::<UserId>("unreadBy"));
    let (ada, applied) = id(&format!("unreadBy={ADA}")).unwrap();
    assert_eq!((ada, applied), (ADA.parse().ok(), vec![json!({ "name": "unreadBy", "values": [ADA] })]));
    assert_eq!(id("").unwrap(), (None, vec![]));
    assert_eq!(id("unreadBy=null").unwrap_err(), "400 errMsg_unreadByIsNotAValidID");
    assert_eq!(id(&format!("unreadBy={ADA}&unreadBy={BEN}")).unwrap_err(), "400 errMsg_unreadByIsNotValid");
}

#[test]
fn true_false_null() {
    let boolean =
        |query: &str| read(query, |filters| filters.boolean("f")).map(|(filter, _)| filter.unwrap());
    let told =
        |query: &str| [Some(true), Some(false), None].map(|value| boolean(query).unwrap().matches(value));
    assert_eq!(told("f=true"), [true, false, false]);
    assert_eq!(told("f=false&f=null"), [false, true, true]);
    assert_eq!(told("f=true&f[]=false"), [true, true, false]);
    for bad in ["f=1", "f=True", "f=", "f=true,false"] {
        assert_eq!(boolean(bad).unwrap_err(), "400 errMsg_fIsNotAValidBoolean", "{bad}");
    }
}

#[test]
fn arrays_hold_all_or_any() {
    let array = |query: &str| read(query, |filters| filters.array::<UserId>("f"));
    let (ada, ben): (UserId, UserId) = (ADA.parse().unwrap(), BEN.parse().unwrap());
    let told = |query: &str| {
        let filter = array(query).unwrap().0.unwrap();
        [&[][..], &[ada], &[ada, ben]].map(|array| filter.matches(array))
    };
    assert_eq!(told(&format!("f={ADA}&f={BEN}")), [false, false, true]);
    assert_eq!(told(&format!("f={ADA}&f={BEN}&f_op=contains")), [false, false, true]);
    assert_eq!(told(&format!("f[]={ADA}&f[]={BEN}&f_op=overlap")), [false, true, true]);
    assert_eq!(told("f=null"), [true, false, false]);
    assert_eq!(told(&format!("f=null&f={BEN}&f_op=overlap")), [true, false, true]);
    let (filter, applied) = array(&format!("f={ADA}&f_op=overlap")).unwrap();
    assert_eq!(filter.unwrap().op(), ArrayOp::Overlap);
    assert_eq!(applied, [json!({ "name": "f", "op": "overlap", "values": [ADA] })]);
    assert_eq!(array("f_op=overlap").unwrap(), (None, vec![]));
    for bad in ["f_op=like", "f_op=", "f_op=null", "f_op=Contains", "f_op=overlap&f_op=contains"] {
        let query = format!("f={ADA}&{bad}");
        assert_eq!(array(&query).unwrap_err(), "400 errMsg_f_opIsNotValid", "{bad}");
    }
    assert_eq!(array("f=like").unwrap_err(), "400 errMsg_fIsNotAValidID");
}

#[test]
fn at_most_a_thousand_values() {
    let ids = |count| read(&format!("f={ADA}&").repeat(count), |filters| filters.ids::<UserId>("f"));
    assert!(ids(1_000).is_ok());
    assert_eq!(ids(1_001).unwrap_err(), "400 errMsg_fIsNotValid");
    let days = |count: i64| {
        let days = (0..count).map(|day| (now().date_naive() + TimeDelta::days(day)).to_string());
        read(&format!("at=$lin-{}", days.collect::<Vec<_>>().join(",")), |filters| filters.date("at"))
    };
    assert_eq!(days(1_000).unwrap().0.unwrap().intervals().len(), 1, "days on end are one stretch");
    assert_eq!(days(1_001).unwrap_err(), "400 errMsg_atIsNotValid");
}

#[test]
fn dates_that_are_none() {
    for bad in [
        "",
        "2023-02-29",
        "2100-02-29",
        "2024-13-01",
        "2024-02-30",
        "0000-01-01",
        "10000-01-01",
        "2024-1-1",
        "yesterday",
        "2024-01-15T00:00:00",
        "2024-01-15T24:00:00Z",
        "Null",
        "$",
        "$$today",
        "$Today",
        "$lmonth",
        "$year",
        "$today-",
        "$today-2024-01-15",
        "$leq",
        "$leq-",
        "$leq-2023-02-29",
        "$leq-2024-01-15T00:00:00Z",
        "$leq-null",
        "$lin",
        "$lin-",
        "$lin-,",
        "$lin-2024-01-15,",
        "$lin-2024-01-15,2023-02-29",
        "$lt-",
        "$lt-today",
        "$lte-$today",
        "$gte-null",
        "$eq-2024-01-15",
        "$in-2024-01-15",
        "-",
        "$-",
        "$-2024-01-15",
        "2024-01-15%00",
        "٢٠٢٤-01-15",
    ] {
        assert_eq!(
            date_complaint(&format!("at=2024-01-15&at={bad}")),
            "400 errMsg_atIsNotAValidDate",
            "{bad}"
        );
    }
    for (bad, complaint) in [
        ("at_min=", "400 errMsg_at_minIsNotAValidDate"),
        ("at_min=null", "400 errMsg_at_minIsNotAValidDate"),
        ("at_max=$today", "400 errMsg_at_maxIsNotAValidDate"),
        ("at_max=2023-02-29", "400 errMsg_at_maxIsNotAValidDate"),
        ("at_max=2024-01-15&at_max=2024-01-16", "400 errMsg_at_maxIsNotValid"),
    ] {
        assert_eq!(date_complaint(bad), complaint);
    }
}

#[test]
fn leap_days_that_are() {
    for good in [
        "2024-02-29",
        "$leq-2000-02-29",
        "$lin-2024-02-29",
        "$gte-2024-02-29",
        "$lt-2024-02-29T23:59:59.999%2B14:00",
    ] {
        assert!(read(&format!("at={good}"), |filters| filters.date("at")).is_ok(), "{good}");
    }
}

#[test]
fn what_is_absent() {
    let filter = |query: &str| asked(query, Tz::UTC, now());
    assert!(filter("at=null").matches(None) && !filter("at=null").matches(Some(now())));
    assert!(filter("at=null&at=$today").matches(None) && filter("at=null&at=$today").matches(Some(now())));
    assert!(!filter("at=$today").matches(None));
    assert!(!filter("at=null&at_min=2024-01-01").matches(None), "no date lies within no bounds");
}

#[test]
fn contradictions_match_nothing() {
    for query in [
        "at_min=2024-02-02&at_max=2024-02-01",
        "at=2024-01-01&at_min=2024-01-02",
        "at=$leq-2011-12-30&at_min=2012-01-01",
    ] {
        assert_eq!(asked(query, Tz::Pacific__Apia, now()).intervals(), [], "{query}");
    }
}

#[test]
fn applied_as_they_came() {
    let (_, applied) =
        read("at=$lweek&at[]=2024-01-15&at_max=2024-12-31&x=1", |filters| filters.date("at")).unwrap();
    let wanted = [
        json!({ "name": "at", "values": ["$lweek", "2024-01-15"] }),
        json!({ "name": "at_max", "values": ["2024-12-31"] }),
    ];
    assert_eq!(applied, wanted);
    assert_eq!(read("y=1", |filters| filters.date("at")).unwrap(), (None, vec![]));
}

/// Words of the language and what is nearly one, in any order.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[$]?(l?today|l?week|l?month|leq|lin|lte?|gte?)?-?",
        "-?[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2},?",
        "T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{0,12})?(Z|[+ -][0-9]{2}:[0-9]{2})?",
        any::<String>(),
    ];
    prop::collection::vec(word, 0..4).prop_map(|words| words.concat())
}

fn escaped(value: &str) -> String {
    value.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nothing_panics(query in any::<String>(), value in nearly(), zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..])) {
        let value = escaped(&value);
        for text in [query, format!("f={value}"), format!("f_min={value}&f=null"), format!("f_op={value}&f={ADA}")] {
            let query = Query::parse(&text);
            let mut filters = Filters::of(&query, zone, now());
            let _ = (filters.date("f").is_ok(), filters.array::<UserId>("f").is_ok());
            let _ = (filters.ids::<UserId>("f").is_ok(), filters.boolean("f").is_ok(), filters.id::<UserId>("f").is_ok());
        }
    }

    /// Against the operators themselves; a day is held against the row's day.
    #[test]
    fn bounds(at in 0..4_102_444_800_000_000_i64, near in -100_000_000_000..100_000_000_000_i64, finer in 0..3_i64, zone in prop::sample::select(&chrono_tz::TZ_VARIANTS[..])) {
        let at = DateTime::from_timestamp_micros(at).unwrap();
        let bound = if finer == 2 { at } else { at + TimeDelta::microseconds(near) + TimeDelta::nanoseconds(finer * 500) };
        let (time, day) = (bound.to_rfc3339_opts(SecondsFormat::Nanos, true), bound.date_naive());
        let matches = |query: String| asked(&query, zone, now()).matches(Some(at));
        for (word, holds_time, holds_day) in [
            ("at=$lt-", at < bound, at.date_naive() < day),
            ("at=$lte-", at <= bound, at.date_naive() <= day),
            ("at=$gt-", at > bound, at.date_naive() > day),
            ("at=$gte-", at >= bound, at.date_naive() >= day),
            ("at_min=", at >= bound, at.date_naive() >= day),
            ("at_max=", at <= bound, at.date_naive() <= day),
            ("at=", at == bound, at.date_naive() == day),
        ] {
            prop_assert_eq!(matches(format!("{word}{time}")), holds_time, "{} {} {}", at, word, time);
            prop_assert_eq!(matches(format!("{word}{day}")), holds_day, "{} {} {}", at, word, day);
        }
    }

    /// Values are alternatives, parameters narrow.
    #[test]
    fn values_add_and_bounds_cut(at in 1_700_000_000..1_720_000_000_i64, days in prop::collection::vec(0..250_i64, 1..6), min in 0..250_i64, max in 0..250_i64) {
        let at = DateTime::from_timestamp(at, 0).unwrap();
        let day = |days: i64| (DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::days(days)).date_naive();
        let values: Vec<String> = days.iter().map(|days| format!("at={}", day(*days))).collect();
        let filter = asked(&format!("{}&at_min={}&at_max={}", values.join("&"), day(min), day(max)), Tz::UTC, now());
        let on = at.date_naive();
        let naive = days.iter().any(|days| on == day(*days)) && day(min) <= on && on <= day(max);
        prop_assert_eq!(filter.matches(Some(at)), naive);
    }
}
