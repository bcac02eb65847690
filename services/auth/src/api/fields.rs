//! Reading fields by the rules of the domain, with complaints that name them.

use kit::error::{NOT_AN_ID, NOT_VALID};
use kit::{Body, Error, Result, UserId};

/// A text that a rule lets through.
pub(crate) fn checked(text: String, field: &'static str, rule: fn(&str) -> bool) -> Result<String> {
    if rule(&text) { Ok(text) } else { Err(Error::field(&NOT_VALID, field)) }
}

/// A field that may be absent, and must pass a rule where it is there.
pub(crate) fn optional(
    body: &Body,
    field: &'static str,
    max: usize,
    rule: fn(&str) -> bool,
) -> Result<Option<String>> {
    body.text(field, max)?.map(|text| checked(text, field, rule)).transpose()
}

/// The user that a path names.
pub(crate) fn user_id(text: &str) -> Result<UserId> {
    text.parse().map_err(|_| Error::field(&NOT_AN_ID, "userId"))
}
