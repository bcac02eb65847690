//! A service's answer on its way to the client, as it comes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use http::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body::Body as _;
use hyper::body::Incoming;

use crate::headers;

/// The end that is put to answers which have none of their own, when the gateway stops.
pub(crate) type End = LocalBoxFuture<'static, ()>;

/// The head of an answer.
pub(crate) fn head(answer: &Response<Incoming>) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::new(status);
    headers::for_client(answer.headers(), response.headers_mut());
    response
}

/// A whole answer; `end` cuts a stream of events, and nothing else.
pub(crate) fn pass(
    request: &HttpRequest,
    request_id: Arc<str>,
    answer: Response<Incoming>,
    end: impl FnOnce() -> End,
) -> HttpResponse {
    let mut response = head(&answer);
    let size = size(request.method(), &answer);
    if request.version() < Version::HTTP_11 && size == BodySize::Stream {
        // HTTP/1.0 knows no chunks: the body ends with the connection.
        response.head_mut().no_chunking(true);
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let end = is_event_stream(&answer).then(end);
    let body = Passing { incoming: answer.into_body(), size, end, request_id };
    response.set_body(BoxBody::new(body))
}

/// The answer to a HEAD tells the length of a body that does not come.
fn size(method: &Method, answer: &Response<Incoming>) -> BodySize {
    let told = answer.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match told {
        Some(length) if method == Method::HEAD => BodySize::Sized(length),
        _ => answer.body().size_hint().exact().map_or(BodySize::Stream, BodySize::Sized),
    }
}

fn is_event_stream(answer: &Response<Incoming>) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"))
}

struct Passing {
    incoming: Incoming,
    size: BodySize,
    end: Option<End>,
    request_id: Arc<str>,
}

impl MessageBody for Passing {
    type Error = hyper::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<hyper::Result<Bytes>>> {
        if self.end.as_mut().is_some_and(|end| end.as_mut().poll(context).is_ready()) {
            return Poll::Ready(None);
        }
        loop {
            match ready!(Pin::new(&mut self.incoming).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => {
                    let request_id = self.request_id.as_ref();
                    log::warn!(requestId = request_id; "the service broke off within its answer: {error}");
                    return Poll::Ready(Some(Err(error)));
                }
                // An empty chunk would end the body; trailers are not passed on.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Some(Ok(data))),
                    _ => {}
                },
            }
        }
    }
}
