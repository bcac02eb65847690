//! A service as the gateway reaches it.

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kit::error::BAD_REQUEST;
use kit::{Error, Result};

use crate::health::Readiness;

/// The address of a service, and how the service is.
#[derive(Debug)]
pub(crate) struct Upstream {
    authority: Authority,
    pub(crate) readiness: Readiness,
}

impl Upstream {
    /// Reads an address such as `http://10.0.0.7:8001`.
    pub(crate) fn new(address: &str) -> std::result::Result<Self, String> {
        let uri: Uri = address.parse().map_err(|_| "must be an address such as http://10.0.0.7:8001")?;
        let (Some("http"), Some(authority), "/", None) =
            (uri.scheme_str(), uri.authority(), uri.path(), uri.query())
        else {
            return Err("must be http://, a host and a port, without a path".into());
        };
        Ok(Self { authority: authority.clone(), readiness: Readiness::default() })
    }

    /// The address of a path and query, taken byte for byte.
    pub(crate) fn uri(&self, target: &str) -> Result<Uri> {
        let not_valid = |error: http::Error| Error::new(&BAD_REQUEST).because(error);
        let target = PathAndQuery::try_from(target).map_err(|error| not_valid(error.into()))?;
        let uri = Uri::builder().scheme(Scheme::HTTP).authority(self.authority.clone());
        uri.path_and_query(target).build().map_err(not_valid)
    }

    /// What the service itself answers to a GET, up to `largest` bytes; none when it cannot be reached.
    ///
    /// A connection of its own for each question: what is asked is also whether one can still connect.
    pub(crate) async fn get(&self, path: &str, largest: usize) -> Option<(StatusCode, Bytes)> {
        let client: Client<_, Empty<Bytes>> =
            Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let request = Request::get(self.uri(path).ok()?).header("connection", "close");
        let answer = client.request(request.body(Empty::new()).ok()?).await.ok()?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), largest).collect().await.ok()?;
        Some((status, body.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_host_and_port() {
        for bad in ["", "h:1", "https://h:1", "http://h:1/path", "http://h:1/?q", "http://"] {
            assert!(Upstream::new(bad).is_err(), "{bad}");
        }
        assert!(Upstream::new("http://h:1").is_ok() && Upstream::new("http://h:1/").is_ok());
    }

    #[test]
    fn a_target_is_not_normalised() {
        let upstream = Upstream::new("http://h:1").unwrap();
        for target in ["/", "//x", "/../x", "/a%2Fb?x=%20&y=//", "/%2e%2e/"] {
            assert_eq!(upstream.uri(target).unwrap().path_and_query().unwrap().as_str(), target);
        }
    }
}
