//! Where a request comes from.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use kit::Error;

use crate::Auth;

/// The address of the client, as far as it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) IpAddr);

impl FromRequest for Origin {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trusting = request.app_data::<web::Data<Auth>>().is_some_and(|auth| auth.trust_forwarded_for);
        let told = if trusting { last_forwarded(request) } else { None };
        let peer = request.peer_addr().map(|address| address.ip());
        ready(Ok(Self(told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))))
    }
}

/// The last hop is the one that the gateway itself has seen; whatever stands before it anyone may have written.
fn last_forwarded(request: &HttpRequest) -> Option<IpAddr> {
    let header = request.headers().get_all("X-Forwarded-For").last()?.to_str().ok()?;
    header.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_last_hop_counts() {
        let last = |value: &str| {
            last_forwarded(
                &TestRequest::default().insert_header(("X-Forwarded-For", value)).to_http_request(),
            )
        };
        assert_eq!(last("203.0.113.9, 192.0.2.1"), "192.0.2.1".parse().ok());
        assert_eq!(last("2001:db8::1"), "2001:db8::1".parse().ok());
        for junk in ["", "unknown", "192.0.2.1, x", "192.0.2.1:80"] {
            assert_eq!(last(junk), None, "{junk}");
        }
    }
}
