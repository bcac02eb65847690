//! The filter language of lists: what stands behind the `?`, read into typed filters that Postgres understands.
//!
//! | parameter | matches rows whose field |
//! |---|---|
//! | `f=<id>`, `f=<id>&f=<id>` | is that id, is any of them |
//! | `f=<word>`, `f=<word>&f=<word>` | is that word of the field's own list, is any of them |
//! | `f=true`, `f=false` | is true, is false; both: is either |
//! | `f_min=<number>`, `f_max=<number>` | is a number that is not less, not more |
//! | `f=<id>&f=<id>` of an array | holds all of them |
//! | … with `f_op=contains`, `f_op=overlap` | holds all of them (the same), holds any of them |
//! | `f=null` | is absent, or an empty array; beside other values: or that |
//! | `f=2024-01-15` | lies on that day, UTC |
//! | `f=2024-01-15T09:30:00Z` | is that instant |
//! | `f=$today`, `$week`, `$month` | lies in the current day, week (from Monday), month, UTC |
//! | `f=$ltoday`, `$lweek` | the same on the caller's calendar |
//! | `f=$leq-<day>`, `f=$lin-<day>,<day>` | lies on that day, on any of those days, of the caller's calendar |
//! | `f=$lt-<moment>`, `$lte-`, `$gt-`, `$gte-` | lies before, before or in, after, in or after; a moment is a day (UTC) or an instant |
//! | `f_min=<moment>`, `f_max=<moment>` | lies in or after, before or in; both: between them |
//!
//! Repeated values are alternatives (but for `contains`), different parameters narrow one another: a range is `f_min`
//! and `f_max`. A day is all of it, so `f_max=2024-01-15` takes in what happened on the 15th. Years are 0001 to 9999. An
//! unknown value is 400 and names the parameter; an unknown parameter is nobody's business. `f[]=v` is `f=v`.
//!
//! The caller's calendar is that of [`Zone`]. Its days have 23 to 25 hours where the clocks change, or none at all where
//! a day was skipped.
//!
//! A handler reads the filters, a store applies them; see [`Filter::on`]:
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use diesel::prelude::*;
//! use kit::filters::{DateFilter, Filter as _, Filters, IdFilter};
//! use kit::{Query, UserId};
//!
//! diesel::table! { message (id) { id -> Uuid, sender_id -> Uuid, sent_at -> Timestamptz } }
//!
//! struct Wanted {
//!     sender: Option<IdFilter<UserId>>,
//!     sent_at: Option<DateFilter>,
//! }
//!
//! let query = Query::parse("sentAt=$lweek&senderUserId[]=018f2f6e-7c1a-7abc-8def-0123456789ab");
//! let mut filters = Filters::of(&query, chrono_tz::Europe::Berlin, DateTime::<Utc>::UNIX_EPOCH);
//! let wanted = Wanted { sender: filters.ids("senderUserId")?, sent_at: filters.date("sentAt")? };
//! assert_eq!(filters.applied().len(), 2);
//!
//! let rows = message::table
//!     .filter(wanted.sender.on(message::sender_id))
//!     .filter(wanted.sent_at.on(message::sent_at))
//!     .select(message::id);
//! # let _ = diesel::debug_query::<diesel::pg::Pg, _>(&rows);
//! # Ok::<(), kit::Error>(())
//! ```

mod array;
mod boolean;
mod calendar;
mod date;
mod id;
mod interval;
mod number;
mod sql;
mod word;
mod zone;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

pub use array::{ArrayFilter, ArrayOp};
pub use boolean::BoolFilter;
pub use date::DateFilter;
pub use id::IdFilter;
pub use interval::Interval;
pub use number::NumberFilter;
pub use sql::{Filter, Named, On};
pub use word::WordFilter;
pub use zone::Zone;

use crate::error::{NOT_A_BOOLEAN, NOT_A_DATE, NOT_AN_ID, NOT_VALID, TOO_LONG};
use crate::{Error, Id, Query, Result};
use calendar::Calendar;

/// A parameter takes at most so many values, which bounds the statement that they become.
const MAX_VALUES: usize = 1_000;
/// The value that matches what is absent.
const NULL: &str = "null";
const DATES: &str = "Days (2024-01-15), RFC 3339 times, $today, $week, $month, $ltoday, $lweek, $leq-<day>, \
    $lin-<day>,<day>, $lt-, $lte-, $gt- or $gte- with a day or time, or null.";

/// Reads the filters of one request, and remembers those that were there.
#[derive(Debug)]
pub struct Filters<'a> {
    query: &'a Query,
    calendar: Calendar,
    applied: Vec<Value>,
}

impl<'a> Filters<'a> {
    /// The filters of a query by a caller in that time zone.
    #[must_use]
    pub fn of(query: &'a Query, zone: Tz, now: DateTime<Utc>) -> Self {
        Self { query, calendar: Calendar { zone, now }, applied: Vec::new() }
    }

    /// The filters of a query whose list has none by date.
    #[must_use]
    pub fn undated(query: &'a Query) -> Self {
        Self::of(query, Tz::UTC, DateTime::UNIX_EPOCH)
    }

    /// A filter by id. None when the query does not ask for it, as with all that follow.
    ///
    /// # Errors
    /// 400 when a value is neither an id nor `null`.
    pub fn ids<I: Id>(&mut self, name: &'static str) -> Result<Option<IdFilter<I>>> {
        let values = self.take(name)?;
        values.map(|values| IdFilter::parse(&values).ok_or(Error::field(&NOT_AN_ID, name))).transpose()
    }

    /// The ids of a parameter that narrows a list to some of what there is: nothing is without such an id.
    ///
    /// # Errors
    /// 400 when a value is no id, and also for `null`.
    pub fn present_ids<I: Id>(&mut self, name: &'static str) -> Result<Option<Vec<I>>> {
        match self.ids(name)? {
            Some(ids) if ids.or_null() => Err(Error::field(&NOT_AN_ID, name)),
            ids => Ok(ids.map(|ids| ids.ids().to_vec())),
        }
    }

    /// A parameter that names one id.
    ///
    /// # Errors
    /// 400 when it stands more than once, or is none.
    pub fn id<I: Id>(&mut self, name: &'static str) -> Result<Option<I>> {
        let value = self.take_one(name)?;
        value.map(|value| value.parse().map_err(|_| Error::field(&NOT_AN_ID, name))).transpose()
    }

    /// A filter by true, false or null.
    ///
    /// # Errors
    /// 400 when a value is something else.
    pub fn boolean(&mut self, name: &'static str) -> Result<Option<BoolFilter>> {
        let refusal = || Error::field(&NOT_A_BOOLEAN, name).detail("The parameter is true, false or null.");
        let values = self.take(name)?;
        values.map(|values| BoolFilter::parse(&values).ok_or_else(refusal)).transpose()
    }

    /// A parameter that is true or false.
    ///
    /// # Errors
    /// 400 when it stands more than once, or is something else.
    pub fn flag(&mut self, name: &'static str) -> Result<Option<bool>> {
        let value = self.take_one(name)?;
        value.map(|value| value.parse().map_err(|_| Error::field(&NOT_A_BOOLEAN, name))).transpose()
    }

    /// What the list is searched for, `search`: of at most `max` characters, without blanks around it; a blank one is none.
    ///
    /// # Errors
    /// 400 when it stands more than once, or is too long.
    pub fn search(&mut self, max: usize) -> Result<Option<&'a str>> {
        let text = self.query.one("search")?.map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.chars().nth(max).is_some()) {
            return Err(Error::field(&TOO_LONG, "search").detail(format!("At most {max} characters.")));
        }
        self.applied.extend(text.map(|text| json!({ "name": "search", "values": [text] })));
        Ok(text)
    }

    /// A filter by a word that `read` knows, or null.
    ///
    /// # Errors
    /// 400 when a value is something else.
    pub fn words(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<Option<WordFilter>> {
        let values = self.take(name)?;
        let refusal = || Error::field(&NOT_VALID, name);
        values.map(|values| WordFilter::parse(&values, read).ok_or_else(refusal)).transpose()
    }

    /// A filter by number: from `<name>_min` to `<name>_max`, both included.
    ///
    /// # Errors
    /// 400 naming the parameter that stands more than once or is no number.
    pub fn number(&mut self, name: &'static str) -> Result<Option<NumberFilter>> {
        let (min, max) = (self.bound(format!("{name}_min"))?, self.bound(format!("{name}_max"))?);
        Ok((min.is_some() || max.is_some()).then_some(NumberFilter { min, max }))
    }

    fn bound(&mut self, name: String) -> Result<Option<f64>> {
        let Some(value) = self.take_one(&name)? else { return Ok(None) };
        let refusal = || Error::field(&NOT_VALID, name).detail("The parameter is a number.");
        NumberFilter::read(&value).map(Some).ok_or_else(refusal)
    }

    /// A filter by what an array holds; `<name>_op` is `contains` (by default) or `overlap`.
    ///
    /// # Errors
    /// 400 when a value is neither an id nor `null`, or the operator is unknown.
    pub fn array<I: Id>(&mut self, name: &'static str) -> Result<Option<ArrayFilter<I>>> {
        let op = self.op(format!("{name}_op"))?;
        let values = self.values(name)?;
        if values.is_empty() {
            return Ok(None);
        }
        self.applied.push(json!({ "name": name, "op": op.name(), "values": values }));
        ArrayFilter::parse(&values, op).map(Some).ok_or(Error::field(&NOT_AN_ID, name))
    }

    fn op(&self, name: String) -> Result<ArrayOp> {
        let Some(value) = self.one(&name)? else { return Ok(ArrayOp::Contains) };
        let refusal = || Error::field(&NOT_VALID, name).detail("The operator is contains or overlap.");
        ArrayOp::parse(&value).ok_or_else(refusal)
    }

    /// A filter by date: by the values of `<name>`, and from `<name>_min` to `<name>_max`, both included.
    ///
    /// # Errors
    /// 400 naming the parameter whose value is not in the language, or a date that does not exist.
    pub fn date(&mut self, name: &'static str) -> Result<Option<DateFilter>> {
        let refusal = || Error::field(&NOT_A_DATE, name).detail(DATES);
        let values = self.take(name)?;
        let bounds = self.bounds(name)?;
        let calendar = self.calendar;
        let by_value =
            values.map(|values| DateFilter::parse(&values, calendar).ok_or_else(refusal)).transpose()?;
        Ok(match (by_value, bounds) {
            (by_value, None) => by_value,
            (None, Some(bounds)) => Some(DateFilter::within(bounds)),
            (Some(by_value), Some(bounds)) => Some(by_value.and_within(bounds)),
        })
    }

    fn bounds(&mut self, name: &str) -> Result<Option<Interval>> {
        let min = self.moment(format!("{name}_min"))?.map(Interval::and_after);
        let max = self.moment(format!("{name}_max"))?.map(Interval::and_before);
        Ok([min, max].into_iter().flatten().reduce(Interval::meet))
    }

    fn moment(&mut self, name: String) -> Result<Option<Interval>> {
        let Some(value) = self.take_one(&name)? else { return Ok(None) };
        let refusal = || Error::field(&NOT_A_DATE, name).detail("A day (2024-01-15) or an RFC 3339 time.");
        calendar::moment(&value).map(Some).ok_or_else(refusal)
    }

    /// The filters that were read, as the answer's `filters` shows them: `{name, values}` with the values as they came,
    /// and `op` for arrays.
    #[must_use]
    pub fn applied(self) -> Vec<Value> {
        self.applied
    }

    fn take(&mut self, name: &str) -> Result<Option<Vec<String>>> {
        let values = self.values(name)?;
        if values.is_empty() {
            return Ok(None);
        }
        self.applied.push(json!({ "name": name, "values": values }));
        Ok(Some(values))
    }

    fn take_one(&mut self, name: &str) -> Result<Option<String>> {
        let value = self.one(name)?;
        self.applied.extend(value.as_ref().map(|value| json!({ "name": name, "values": [value] })));
        Ok(value)
    }

    fn values(&self, name: &str) -> Result<Vec<String>> {
        let values: Vec<String> = self.query.all(name).map(str::to_owned).collect();
        // The days of a `$lin-` are values, too. Nowhere else is a comma of any use.
        if values.iter().map(|value| value.split(',').count()).sum::<usize>() > MAX_VALUES {
            let refusal = Error::field(&NOT_VALID, name.to_owned());
            return Err(refusal.detail("A parameter takes at most 1,000 values."));
        }
        Ok(values)
    }

    fn one(&self, name: &str) -> Result<Option<String>> {
        let mut values = self.values(name)?;
        let last = values.pop();
        if values.is_empty() {
            return Ok(last);
        }
        let refusal = Error::field(&NOT_VALID, name.to_owned());
        Err(refusal.detail("The parameter may stand only once."))
    }
}

/// Splits the values of a parameter into those that say something, read by `read`, and whether `null` is among them.
fn with_null<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Option<(Vec<T>, bool)> {
    let said = values.iter().filter(|value| *value != NULL);
    let read = said.map(|value| read(value)).collect::<Option<Vec<T>>>()?;
    let or_null = read.len() < values.len();
    Some((read, or_null))
}
