//! `If-Match: <recordVersion>`: a change of what the caller has seen, or none at all.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};

use crate::error::{NOT_VALID, RECORD_VERSION_STALE};
use crate::{Error, Result};

/// The version that the caller means to change, if they said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(Option<i32>);

impl IfMatch {
    /// Lets a change of an object at its current version through.
    ///
    /// # Errors
    /// 409 when the caller has seen another version.
    pub fn admit(self, current: i32) -> Result<()> {
        match self.0 {
            Some(seen) if seen != current => {
                Err(Error::new(&RECORD_VERSION_STALE)
                    .detail(format!("The current recordVersion is {current}.")))
            }
            _ => Ok(()),
        }
    }

    /// `3`, `"3"`, or `*` for any.
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        if bare == "*" {
            return Ok(Self(None));
        }
        let version =
            bare.parse().map_err(|_| Error::field(&NOT_VALID, "ifMatch").detail("Not a recordVersion."))?;
        Ok(Self(Some(version)))
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(IF_MATCH).map(|value| value.to_str().unwrap_or_default());
        ready(value.map_or(Ok(Self(None)), Self::parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_version_with_or_without_quotes() {
        for text in ["3", "\"3\"", " 3 "] {
            let seen = IfMatch::parse(text).unwrap();
            assert!(seen.admit(3).is_ok(), "{text}");
            assert_eq!(seen.admit(4).unwrap_err().message(), "errMsg_recordVersionIsStale");
        }
        assert!(IfMatch::parse("*").unwrap().admit(7).is_ok());
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in ["", "x", "W/\"3\"", "99999999999999999999", "\"3"] {
            assert!(IfMatch::parse(bad).is_err(), "{bad}");
        }
    }
}
