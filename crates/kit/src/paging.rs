//! Which part of a list is asked for: by page number, or by sequence number.

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{NOT_VALID, TOO_MANY_ROWS};
use crate::{Error, Query, Result};

/// `pageNumber=0` asks for all rows, if they are not more than this.
const MAX_ALL: i64 = 1_000;
const MAX_ROWS: i64 = 200;
const DEFAULT_ROWS: i64 = 25;

/// `pageNumber` (from 1; 0 = all) and `pageRowCount` (1 to 200).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    number: i64,
    rows: i64,
}

impl Page {
    /// The page that the query asks for: by default the first, of 25 rows.
    ///
    /// # Errors
    /// 400 naming the parameter that is no number or out of range.
    pub fn parse(query: &Query) -> Result<Self> {
        let number = bounded(query, "pageNumber", 0..=i64::MAX)?.unwrap_or(1);
        let rows = bounded(query, "pageRowCount", 1..=MAX_ROWS)?.unwrap_or(DEFAULT_ROWS);
        Ok(Self { number, rows })
    }

    /// The page's number, from 1; 0 asks for all rows.
    #[must_use]
    pub fn number(self) -> i64 {
        self.number
    }

    /// Rows a page, or the largest number of rows where all are asked for.
    #[must_use]
    pub fn rows(self) -> i64 {
        if self.number == 0 { MAX_ALL } else { self.rows }
    }

    /// Rows before this page. Beyond 64 bits there is nothing anyway.
    #[must_use]
    pub fn offset(self) -> i64 {
        (self.number - 1).max(0).saturating_mul(self.rows)
    }

    /// The paging that the answer shows, once the total is known.
    ///
    /// # Errors
    /// 400 when all rows were asked for and there are too many.
    pub fn of_total(self, total: i64) -> Result<Paging> {
        if self.number == 0 && total > MAX_ALL {
            return Err(Error::new(&TOO_MANY_ROWS));
        }
        let rows = if self.number == 0 { total.max(1) } else { self.rows };
        let page_count = total.saturating_add(rows - 1) / rows;
        Ok(Paging { page_number: self.number, page_row_count: rows, total_row_count: total, page_count })
    }
}

/// Where an answer's rows stand among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    /// The page, from 1; 0 where all were asked for.
    #[schema(example = 1)]
    pub page_number: i64,
    /// Rows a page.
    #[schema(example = 25)]
    pub page_row_count: i64,
    /// Rows on all pages.
    #[schema(example = 3)]
    pub total_row_count: i64,
    /// How many pages there are; 0 for an empty list.
    #[schema(example = 1)]
    pub page_count: i64,
}

/// A part of a list that is ordered by a sequence number: the rows nearest to a place in it, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeqQuery {
    /// The newest.
    Newest {
        /// At most so many.
        limit: i64,
    },
    /// Those just before, without it.
    Before {
        /// The place.
        seq: i64,
        /// At most so many.
        limit: i64,
    },
    /// Those just after, without it.
    After {
        /// The place.
        seq: i64,
        /// At most so many.
        limit: i64,
    },
    /// Those on both sides, with it.
    Around {
        /// The place.
        seq: i64,
        /// At most so many.
        limit: i64,
    },
}

impl SeqQuery {
    /// The page that the answer's paging shows: places in a sequence have no page number.
    #[must_use]
    pub fn page(self) -> Page {
        let (Self::Newest { limit }
        | Self::Before { limit, .. }
        | Self::After { limit, .. }
        | Self::Around { limit, .. }) = self;
        Page { number: 1, rows: limit }
    }

    /// What `beforeSeq`, `afterSeq`, `aroundSeq` and `limit` ask for; nothing where none of them stands.
    ///
    /// # Errors
    /// 400 naming the parameter that is out of range, or the second place where one is allowed.
    pub fn parse(query: &Query) -> Result<Option<Self>> {
        let limit = bounded(query, "limit", 1..=MAX_ROWS)?;
        let place = |name| Ok::<_, Error>(bounded(query, name, 0..=i64::MAX)?.map(|seq| (name, seq)));
        let places = [place("beforeSeq")?, place("afterSeq")?, place("aroundSeq")?];
        let mut places = places.into_iter().flatten();
        let (first, second) = (places.next(), places.next());
        if let Some((name, _)) = second {
            return Err(
                Error::field(&NOT_VALID, name).detail("Only one of beforeSeq, afterSeq and aroundSeq.")
            );
        }
        let rows = limit.unwrap_or(DEFAULT_ROWS);
        Ok(first
            .map(|(name, seq)| Self::at(name, seq, rows))
            .or_else(|| limit.map(|limit| Self::Newest { limit })))
    }

    fn at(name: &str, seq: i64, limit: i64) -> Self {
        match name {
            "beforeSeq" => Self::Before { seq, limit },
            "afterSeq" => Self::After { seq, limit },
            _ => Self::Around { seq, limit },
        }
    }
}

fn bounded(query: &Query, name: &'static str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>> {
    let number = query.integer(name)?;
    let (low, high) = (*range.start(), *range.end());
    let refusal = || Error::field(&NOT_VALID, name).detail(format!("Must be {low} to {high}."));
    if number.is_some_and(|number| !range.contains(&number)) { Err(refusal()) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Page> {
        Page::parse(&Query::parse(text))
    }

    #[test]
    fn defaults_and_bounds() {
        assert_eq!(page("").unwrap(), Page { number: 1, rows: 25 });
        for bad in ["pageNumber=-1", "pageNumber=x", "pageRowCount=0", "pageRowCount=201", "pageNumber=1e20"]
        {
            assert!(page(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_page_beyond_the_end_is_far_not_wrong() {
        let far = page("pageNumber=9223372036854775807&pageRowCount=200").unwrap();
        assert_eq!(far.offset(), i64::MAX);
        assert_eq!(far.of_total(3).unwrap().page_count, 1);
    }

    #[test]
    fn all_rows_are_at_most_a_thousand() {
        assert_eq!(page("pageNumber=0").unwrap().of_total(7).unwrap().page_count, 1);
        assert_eq!(page("pageNumber=0").unwrap().of_total(0).unwrap().page_count, 0);
        assert!(page("pageNumber=0").unwrap().of_total(1_001).is_err());
    }

    #[test]
    fn one_place_in_a_sequence() {
        let parse = |text| SeqQuery::parse(&Query::parse(text));
        assert_eq!(parse("pageNumber=2").unwrap(), None);
        assert_eq!(parse("limit=5").unwrap(), Some(SeqQuery::Newest { limit: 5 }));
        assert_eq!(parse("beforeSeq=9").unwrap(), Some(SeqQuery::Before { seq: 9, limit: 25 }));
        assert!(parse("beforeSeq=9&afterSeq=1").is_err());
        assert!(parse("limit=0").is_err());
    }
}
