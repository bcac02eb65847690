//! What services are told of the client: `X-Forwarded-For`, `-Proto`, `-Host` and `X-Real-IP`.
//!
//! A client's own word counts only when it comes through a trusted proxy; anyone else's is replaced.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use http::HeaderMap;
use http::header::{HOST, HeaderName, HeaderValue};
use ipnet::IpNet;
use kit::settings::SettingsError;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Networks whose `X-Forwarded-…` headers are believed.
#[derive(Debug)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads networks and single addresses.
    pub(crate) fn new(given: &[String]) -> Result<Self, SettingsError> {
        let read = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let wrong =
            |text: &String| SettingsError::at("proxy.trusted", format!("{text} is no network or address"));
        let nets = given.iter().map(|text| read(text).map_err(|_| wrong(text)));
        nets.collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Whose request it is: the peer, or the one that trusted proxies speak for.
    pub(crate) fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer = peer(request);
        if self.trusts(peer) { self.client(&path(request, peer)).unwrap_or(peer) } else { peer }
    }

    /// Adds what is known of the client to the headers for a service.
    pub(crate) fn tell(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        let peer = peer(request);
        let trusted = self.trusts(peer);
        let told = |name: &HeaderName| if trusted { given(request, name) } else { None };
        let path = if trusted { path(request, peer) } else { peer.to_string() };
        let client = self.client_of(request);
        let proto = told(&FORWARDED_PROTO).unwrap_or_else(|| "http".into());
        let host = told(&FORWARDED_HOST).or_else(|| given(request, &HOST));
        put(headers, FORWARDED_FOR, &path);
        put(headers, FORWARDED_PROTO, &proto);
        put(headers, FORWARDED_HOST, host.as_deref().unwrap_or_default());
        put(headers, REAL_IP, &client.to_string());
    }

    /// The last address on the way that no trusted proxy has: whoever wrote more before it may have lied.
    fn client(&self, path: &str) -> Option<IpAddr> {
        let hops = path.rsplit(',').map_while(|hop| hop.trim().parse().ok());
        let mut last = None;
        for hop in hops {
            last = Some(hop);
            if !self.trusts(hop) {
                break;
            }
        }
        last
    }
}

/// The other end of the connection.
fn peer(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip().to_canonical())
}

/// The way that the request came, the peer last.
fn path(request: &HttpRequest, peer: IpAddr) -> String {
    match given(request, &FORWARDED_FOR) {
        Some(before) => format!("{before}, {peer}"),
        None => peer.to_string(),
    }
}

/// All values of a header, as one list.
fn given(request: &HttpRequest, name: &HeaderName) -> Option<String> {
    let values = request.headers().get_all(name.as_str()).filter_map(|value| value.to_str().ok());
    let list = values.collect::<Vec<_>>().join(", ");
    (!list.is_empty()).then_some(list)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(given: &[&str]) -> TrustedProxies {
        TrustedProxies::new(&given.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_client_is_the_last_that_is_not_ours() {
        let proxies = proxies(&["10.0.0.0/8", "::1", "192.0.2.7"]);
        let client = |path| proxies.client(path).map(|found| found.to_string());
        assert_eq!(client("203.0.113.9, 10.1.1.1").as_deref(), Some("203.0.113.9"));
        assert_eq!(client("6.6.6.6, 203.0.113.9, 192.0.2.7, ::1").as_deref(), Some("203.0.113.9"));
        assert_eq!(client("10.0.0.2, 10.0.0.1").as_deref(), Some("10.0.0.2"));
        assert_eq!(client("nonsense, 10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(client("nonsense"), None);
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        let error = TrustedProxies::new(&["10.0.0.0/99".to_owned()]).unwrap_err();
        assert_eq!(error.variable, "BANTER__PROXY__TRUSTED");
    }
}
