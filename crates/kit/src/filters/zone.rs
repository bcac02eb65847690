//! The time zone in which a caller's days begin and end.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpRequest};
use chrono_tz::Tz;

use crate::error::NOT_VALID;
use crate::{Error, Result};

/// What the header `X-Timezone` says: a name of the IANA time zone database, as `Europe/Berlin`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Zone(Option<Tz>);

impl Zone {
    /// The zone of the header, else the user's own, else UTC.
    #[must_use]
    pub fn or(self, own: Option<Tz>) -> Tz {
        self.0.or(own).unwrap_or(Tz::UTC)
    }

    fn parse(value: &HeaderValue) -> Result<Self> {
        let zone = value.to_str().ok().and_then(|name| name.parse().ok());
        let refusal = || Error::field(&NOT_VALID, "xTimezone").detail("X-Timezone names no IANA time zone.");
        zone.map(|zone| Self(Some(zone))).ok_or_else(refusal)
    }
}

impl FromRequest for Zone {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.headers().get("X-Timezone").map_or(Ok(Self(None)), Self::parse))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn zone(value: &[u8]) -> Result<Zone> {
        Zone::parse(&HeaderValue::from_bytes(value).unwrap())
    }

    #[test]
    fn the_header_wins_then_the_user_then_utc() {
        let header = zone(b"America/Sao_Paulo").unwrap();
        assert_eq!(header.or(Some(Tz::Europe__Berlin)), Tz::America__Sao_Paulo);
        assert_eq!(Zone::default().or(Some(Tz::Europe__Berlin)), Tz::Europe__Berlin);
        assert_eq!(Zone::default().or(None), Tz::UTC);
    }

    #[test]
    fn a_handler_takes_it() {
        let of = |request: TestRequest| Zone::extract(&request.to_http_request()).into_inner();
        let with = |name| of(TestRequest::default().insert_header(("x-timezone", name)));
        assert_eq!(of(TestRequest::default()).unwrap(), Zone::default());
        assert_eq!(with("Asia/Kolkata").unwrap().or(None), Tz::Asia__Kolkata);
        assert!(with("Asia/Atlantis").is_err());
    }

    #[test]
    fn zones_that_do_not_exist_are_refused() {
        for bad in ["", "Mars/Olympus", "+02:00", "europe/berlin", "Europe/Berlin; DROP", "\u{ff}"] {
            let refusal = zone(bad.as_bytes()).unwrap_err();
            assert_eq!(refusal.message(), "errMsg_xTimezoneIsNotValid", "{bad}");
        }
    }
}
