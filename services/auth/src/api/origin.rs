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
        let trusting = request.app_data::<web::Data<Auth>>().is_some_and(|auth| auth.trust_real_ip);
        let told = if trusting { real_ip(request) } else { None };
        let peer = request.peer_addr().map(|address| address.ip());
        ready(Ok(Self(told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))))
    }
}

/// What the gateway found out: it replaces whatever the client wrote there.
fn real_ip(request: &HttpRequest) -> Option<IpAddr> {
    request.headers().get_all("X-Real-IP").last()?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn an_address_is_taken_and_junk_is_not() {
        let of = |value: &str| {
            real_ip(&TestRequest::default().insert_header(("X-Real-IP", value)).to_http_request())
        };
        assert_eq!(of("192.0.2.1"), "192.0.2.1".parse().ok());
        assert_eq!(of("2001:db8::1"), "2001:db8::1".parse().ok());
        for junk in ["", "unknown", "203.0.113.9, 192.0.2.1", "192.0.2.1:80"] {
            assert_eq!(of(junk), None, "{junk}");
        }
    }
}
