//! What a dead letter says of its death, in its headers: noted by the consumer, which knows why, or by the broker.

use chrono::{DateTime, Utc};
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable, ShortString};

use crate::letter;

/// Why it died, in the consumer's words.
const ERROR: &str = "x-banter-error";
/// When it died, if the consumer noted it.
const DIED_AT: &str = "x-banter-died-at";
/// How often it had died before it was put back.
const DEATHS: &str = "x-banter-deaths";
/// The broker's list of deaths, the last first.
const BROKERS: &str = "x-death";
/// Other marks of the broker's, by what they begin with.
const MARKS: [&str; 4] = ["x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-count"];
/// Characters of an error that are noted; the log has all of it.
const LONGEST: usize = 200;

/// The properties of an event that the consumer found dead.
pub(crate) fn noted(delivery: &Delivery, error: &str, now: DateTime<Utc>) -> BasicProperties {
    let mut headers = unmarked(delivery);
    let error: String = error.chars().take(LONGEST).collect();
    headers.insert(ERROR.into(), AMQPValue::LongString(error.into()));
    headers.insert(DIED_AT.into(), AMQPValue::Timestamp(u64::try_from(now.timestamp()).unwrap_or(0)));
    renewed(delivery, headers)
}

/// The properties of a dead letter that is put back: of its deaths only the number stays.
pub(crate) fn revived(delivery: &Delivery) -> BasicProperties {
    let mut headers = unmarked(delivery);
    headers.insert(DEATHS.into(), AMQPValue::LongLongInt(times(delivery)));
    renewed(delivery, headers)
}

/// Why it died: the error, or the broker's word for it (`rejected`, `delivery_limit`).
pub(crate) fn reason(delivery: &Delivery) -> String {
    let reason = header(delivery, ERROR).or_else(|| brokers(delivery)?.inner().get("reason"));
    match reason {
        Some(AMQPValue::LongString(reason)) => reason.to_string(),
        _ => String::new(),
    }
}

/// When it died.
pub(crate) fn died_at(delivery: &Delivery) -> Option<DateTime<Utc>> {
    match header(delivery, DIED_AT).or_else(|| brokers(delivery)?.inner().get("time"))? {
        AMQPValue::Timestamp(seconds) => DateTime::from_timestamp(i64::try_from(*seconds).ok()?, 0),
        _ => None,
    }
}

/// How often it died, this time included.
pub(crate) fn times(delivery: &Delivery) -> i64 {
    match header(delivery, DEATHS) {
        Some(AMQPValue::LongLongInt(before)) => before.saturating_add(1),
        _ => 1,
    }
}

/// The event's id, if it has one.
pub(crate) fn id(delivery: &Delivery) -> Option<&str> {
    delivery.properties.message_id().as_ref().map(ShortString::as_str)
}

/// What the relay noted; for what others published, the routing key.
pub(crate) fn kind(delivery: &Delivery) -> &str {
    delivery.properties.kind().as_ref().unwrap_or(&delivery.routing_key).as_str()
}

/// Anew, so that nothing that another publisher asked for (such as an expiry) outlives its death.
fn renewed(delivery: &Delivery, headers: FieldTable) -> BasicProperties {
    letter::properties(id(delivery), kind(delivery)).with_headers(headers)
}

/// Its headers, but for what tells of the last death.
fn unmarked(delivery: &Delivery) -> FieldTable {
    let mut kept = FieldTable::default();
    for (name, value) in delivery.properties.headers().iter().flat_map(FieldTable::inner) {
        if !is_mark(name.as_str()) {
            kept.insert(name.clone(), value.clone());
        }
    }
    kept
}

fn is_mark(name: &str) -> bool {
    [ERROR, DIED_AT, BROKERS].contains(&name) || MARKS.iter().any(|mark| name.starts_with(mark))
}

fn header<'a>(delivery: &'a Delivery, name: &str) -> Option<&'a AMQPValue> {
    delivery.properties.headers().as_ref()?.inner().get(name)
}

fn brokers(delivery: &Delivery) -> Option<&FieldTable> {
    let AMQPValue::FieldArray(deaths) = header(delivery, BROKERS)? else { return None };
    match deaths.as_slice().first()? {
        AMQPValue::FieldTable(death) => Some(death),
        _ => None,
    }
}
