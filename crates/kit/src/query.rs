//! Query parameters: repeated, and with the `f[]=v` that axios writes for arrays.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

use crate::error::{NOT_AN_ID, NOT_TEXT, NOT_VALID};
use crate::{Error, Id, Result};

/// The parameters of a request's query, in order. `f[]` counts as `f`; unknown ones are nobody's business.
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Parses what stands behind the `?`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(
            pairs.map(|(name, value)| (name.trim_end_matches("[]").to_owned(), value.into_owned())).collect(),
        )
    }

    /// All values of a parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that may stand once.
    ///
    /// # Errors
    /// 400 when it stands more than once, or holds a NUL character.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let (value, another) = (values.next(), values.next());
        match (value, another) {
            (_, Some(_)) => Err(Error::field(&NOT_VALID, name).detail("The parameter may stand only once.")),
            (Some(value), None) if value.contains('\0') => Err(Error::field(&NOT_TEXT, name)),
            (value, None) => Ok(value),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// 400 when it is none, or beyond 64 bits.
    pub fn integer(&self, name: &'static str) -> Result<Option<i64>> {
        let parse = |text: &str| {
            text.parse().map_err(|_| Error::field(&NOT_VALID, name).detail("Not a whole number."))
        };
        self.one(name)?.map(parse).transpose()
    }

    /// An id.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn id<I: Id>(&self, name: &'static str) -> Result<Option<I>> {
        self.one(name)?.map(|text| text.parse().map_err(|_| Error::field(&NOT_AN_ID, name))).transpose()
    }
}

impl FromRequest for Query {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::parse(request.query_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_as_axios_writes_them() {
        let query = Query::parse("f[]=a&f%5B%5D=b&f=c&g=1");
        assert_eq!(query.all("f").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(query.one("f").is_err());
        assert_eq!(query.integer("g").unwrap(), Some(1));
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        assert!(Query::parse("n=100000000000000000000").integer("n").is_err());
    }
}
