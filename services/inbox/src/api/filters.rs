//! The filters of the lists.

use kit::error::{NOT_A_BOOLEAN, NOT_AN_ID, NOT_VALID, TOO_LONG};
use kit::{Error, Id, Page, Query, Result};
use serde_json::{Value, json};

use crate::domain::ids::ChatbotId;

/// The longest search, in characters.
const MAX_SEARCH: usize = 200;
/// A parameter takes at most so many values, which bounds the statement that they become.
const MAX_VALUES: usize = 1_000;

/// The chatbots that a list is narrowed to, all of the caller's where there are none, and how the answer tells it.
pub(crate) fn narrowed(query: &Query) -> Result<(Vec<ChatbotId>, Vec<Value>)> {
    let mut applied = Vec::new();
    let chatbots = ids(query, "chatbotId", &mut applied)?;
    Ok((chatbots, applied))
}

/// The values of a parameter that names ids.
pub(crate) fn ids<I: Id>(query: &Query, name: &'static str, applied: &mut Vec<Value>) -> Result<Vec<I>> {
    each(query, name, applied, |value| value.parse().map_err(|_| Error::field(&NOT_AN_ID, name)))
}

/// The values of a parameter that names words of a list.
pub(crate) fn words<W>(
    query: &Query,
    name: &'static str,
    applied: &mut Vec<Value>,
    read: impl Fn(&str) -> Option<W>,
) -> Result<Vec<W>> {
    each(query, name, applied, |value| read(value).ok_or_else(|| Error::field(&NOT_VALID, name)))
}

fn each<T>(
    query: &Query,
    name: &'static str,
    applied: &mut Vec<Value>,
    read: impl Fn(&str) -> Result<T>,
) -> Result<Vec<T>> {
    let given: Vec<&str> = query.all(name).collect();
    if given.len() > MAX_VALUES {
        return Err(Error::field(&NOT_VALID, name).detail(format!("At most {MAX_VALUES} values.")));
    }
    if !given.is_empty() {
        applied.push(json!({ "name": name, "values": given }));
    }
    given.into_iter().map(read).collect()
}

/// A parameter that is true or false.
pub(crate) fn flag(query: &Query, name: &'static str, applied: &mut Vec<Value>) -> Result<Option<bool>> {
    let read = |value: &str| value.parse().map_err(|_| Error::field(&NOT_A_BOOLEAN, name));
    let flag = query.one(name)?.map(read).transpose()?;
    applied.extend(flag.map(|flag: bool| json!({ "name": name, "values": [flag.to_string()] })));
    Ok(flag)
}

/// What a list is searched for.
pub(crate) fn search(query: &Query, applied: &mut Vec<Value>) -> Result<Option<String>> {
    let text = query.one("search")?.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().nth(MAX_SEARCH).is_some()) {
        return Err(Error::field(&TOO_LONG, "search"));
    }
    applied.extend(text.map(|text| json!({ "name": "search", "values": [text] })));
    Ok(text.map(str::to_owned))
}

/// The part of what was found, all of it, that is on a page, and how many it is.
pub(crate) fn part<T>(found: &[T], page: Page) -> (&[T], i64) {
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let from = usize::try_from(page.offset()).unwrap_or(usize::MAX).min(found.len());
    let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX).min(found.len() - from);
    (found.get(from..from + rows).unwrap_or_default(), total)
}
