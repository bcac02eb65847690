//! Headers from one side to the other: what is about one connection only stays behind.

use actix_web::HttpRequest;
use actix_web::http::header as ours;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use kit::{Error, Result};

use crate::codes::{ADDRESS_TOO_LONG, HEADERS_TOO_LARGE};

/// The longest path and query, in bytes.
const LONGEST_TARGET: usize = 16 << 10;
/// Services take 96 headers and we add some.
const MOST_HEADERS: usize = 80;
/// Services take 128 KiB of head.
const LARGEST_HEADERS: usize = 64 << 10;

/// Refuses here, with an envelope, what a service could only refuse without one.
pub(crate) fn check(request: &HttpRequest) -> Result<()> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let size =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>();
    if target > LONGEST_TARGET {
        Err(Error::new(&ADDRESS_TOO_LONG))
    } else if request.headers().len() > MOST_HEADERS || size > LARGEST_HEADERS {
        Err(Error::new(&HEADERS_TOO_LARGE))
    } else {
        Ok(())
    }
}

/// The client's headers, as far as a service may see them.
pub(crate) fn for_service(request: &HttpRequest) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(request.headers().len() + 6);
    let named = named(request.headers().get_all(ours::CONNECTION).filter_map(|value| value.to_str().ok()));
    for (name, value) in request.headers() {
        let (name, value) = (name.as_str(), value.as_bytes());
        if of_one_connection(name) || ours_to_say(name) || named.iter().any(|token| token == name) {
            continue;
        }
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
        {
            headers.append(name, value);
        }
    }
    headers
}

/// A service's headers, as far as the client may see them.
pub(crate) fn for_client(from: &HeaderMap, to: &mut ours::HeaderMap) {
    let named = named(from.get_all("connection").iter().filter_map(|value| value.to_str().ok()));
    for (name, value) in from {
        let (name, value) = (name.as_str(), value.as_bytes());
        if of_one_connection(name) || named.iter().any(|token| token == name) {
            continue;
        }
        let pair = (ours::HeaderName::from_bytes(name.as_bytes()), ours::HeaderValue::from_bytes(value));
        if let (Ok(name), Ok(value)) = pair {
            to.append(name, value);
        }
    }
}

/// Headers about one connection (RFC 9110, section 7.6.1).
fn of_one_connection(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// Headers that the gateway writes itself, whatever the client says.
fn ours_to_say(name: &str) -> bool {
    matches!(
        name,
        "content-length"
            | "expect"
            | "forwarded"
            | "host"
            | "x-forwarded-for"
            | "x-forwarded-host"
            | "x-forwarded-port"
            | "x-forwarded-proto"
            | "x-real-ip"
            | "x-request-id"
    )
}

/// What `Connection` names besides its own words.
fn named<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let tokens = values.flat_map(|value| value.split(',')).map(|token| token.trim().to_ascii_lowercase());
    tokens.filter(|token| !matches!(token.as_str(), "" | "close" | "keep-alive" | "upgrade")).collect()
}
