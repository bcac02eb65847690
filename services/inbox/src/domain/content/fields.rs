//! Reading JSON objects whose complaints say where something is wrong.

use std::ops::RangeInclusive;

use kit::is_web_address;
use serde_json::{Map, Value};

/// What is wrong, and where.
pub(super) struct Wrong(pub(super) String);

/// An object, and the way to it: `cards[2].`
pub(super) struct Fields<'a> {
    of: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(super) fn new(of: &'a Map<String, Value>) -> Self {
        Self { of, path: String::new() }
    }

    fn wrong<T>(&self, name: &str, what: &str) -> Result<T, Wrong> {
        Err(Wrong(format!("body.{}{name} {what}.", self.path)))
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.of.get(name).filter(|value| !value.is_null())
    }

    /// A text that is neither blank nor too long, in characters.
    pub(super) fn text(&self, name: &str, max: usize) -> Result<Option<String>, Wrong> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match value.as_str().filter(|text| !text.contains('\0') && !text.trim().is_empty()) {
            Some(text) if text.chars().nth(max).is_none() => Ok(Some(text.to_owned())),
            Some(_) => self.wrong(name, &format!("has more than {max} characters")),
            None => self.wrong(name, "is no text, or blank"),
        }
    }

    pub(super) fn required(&self, name: &str, max: usize) -> Result<String, Wrong> {
        self.text(name, max)?.map_or_else(|| self.wrong(name, "is required"), Ok)
    }

    /// An http(s) address.
    pub(super) fn url(&self, name: &str, max: usize) -> Result<Option<String>, Wrong> {
        let text = self.text(name, max)?;
        let is_good = text.as_deref().is_none_or(is_web_address);
        if is_good { Ok(text) } else { self.wrong(name, "is no http(s) address") }
    }

    pub(super) fn number(&self, name: &str, range: RangeInclusive<f64>) -> Result<f64, Wrong> {
        let number = self.value(name).and_then(Value::as_f64).filter(|number| range.contains(number));
        number.map_or_else(
            || self.wrong(name, &format!("must be a number from {} to {}", range.start(), range.end())),
            Ok,
        )
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => self.wrong(name, "must be true or false"),
        }
    }

    /// A list of objects.
    pub(super) fn list(
        &self,
        name: &str,
        count: RangeInclusive<usize>,
        read: impl Fn(&Fields<'_>) -> Result<Value, Wrong>,
    ) -> Result<Vec<Value>, Wrong> {
        let none = Vec::new();
        let Some(list) = self.value(name).map_or(Some(&none), Value::as_array) else {
            return self.wrong(name, "is no list");
        };
        if !count.contains(&list.len()) {
            return self.wrong(name, &format!("must have {} to {} elements", count.start(), count.end()));
        }
        let one = |(at, value): (usize, &Value)| match value.as_object() {
            Some(of) => read(&Fields { of, path: format!("{}{name}[{at}].", self.path) }),
            None => self.wrong(&format!("{name}[{at}]"), "is no object"),
        };
        list.iter().enumerate().map(one).collect()
    }
}
