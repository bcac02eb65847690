//! The HTTP client that S3 is spoken to with: HTTP/1.1, TLS where the endpoint asks for it, a deadline on every answer.

use std::time::Duration;

use async_trait::async_trait;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::TokioExecutor;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
    HttpResponseBody, HttpService,
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take to begin, once the request is sent.
const ANSWER: Duration = Duration::from_secs(20);

/// Makes the client.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let tls = HttpsConnectorBuilder::new().with_native_roots();
        let tls =
            tls.map_err(|source| object_store::Error::Generic { store: "S3", source: Box::new(source) })?;
        let connector = tls.https_or_http().enable_http1().wrap_connector(tcp);
        Ok(HttpClient::new(Http(Client::builder(TokioExecutor::new()).build(connector))))
    }
}

#[derive(Debug)]
struct Http(Client<HttpsConnector<Tcp>, HttpRequestBody>);

#[async_trait]
impl HttpService for Http {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = tokio::time::timeout(ANSWER, self.0.request(request)).await;
        let answer = answer.map_err(|late| HttpError::new(HttpErrorKind::Timeout, late))?;
        let response = answer.map_err(|error| {
            let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Interrupted };
            HttpError::new(kind, error)
        })?;
        Ok(response.map(|body| HttpResponseBody::new(Received(body))))
    }
}

/// A body whose failures are those of the storage.
struct Received(hyper::body::Incoming);

impl hyper::body::Body for Received {
    type Data = bytes::Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        let frame = std::pin::Pin::new(&mut self.0).poll_frame(context);
        frame.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error))
    }
}
