//! A WebSocket: once the service has agreed, bytes flow both ways until either side is done.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use actix_web::http::{ConnectionType, Method};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, rt};
use bytes::Bytes;
use futures_util::{Stream as _, StreamExt as _};
use http::Response;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use kit::{Error, Result};
use tokio::io::{AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

use crate::codes::{BAD_GATEWAY, UPGRADE_NOT_VALID};
use crate::response::{End, head};

/// How much is read at once.
const PIECE: usize = 16 << 10;

type Io = TokioIo<Upgraded>;

/// Whether a client asks for a WebSocket.
///
/// The listener takes everything after such a head for the tunnel's, so that a body, or a method that may have one,
/// cannot be told apart from it: those are refused.
pub(crate) fn is_asked(request: &HttpRequest) -> Result<bool> {
    let headers = request.headers();
    let websocket = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"websocket");
    if !headers.get_all(UPGRADE).any(websocket) {
        return Ok(false);
    }
    let bodied = headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    if bodied || request.method() != Method::GET || !request.head().upgrade() {
        return Err(Error::new(&UPGRADE_NOT_VALID));
    }
    Ok(true)
}

/// Joins the client's connection with the service's, which has agreed.
pub(crate) async fn tunnel(
    mut answer: Response<Incoming>,
    payload: Payload,
    end: End,
) -> Result<HttpResponse> {
    let upgraded = hyper::upgrade::on(&mut answer).await;
    let upgraded = upgraded.map_err(|error| Error::new(&BAD_GATEWAY).because(error))?;
    let (reader, writer) = split(TokioIo::new(upgraded));
    let mut response = head(&answer);
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response.head_mut().set_connection_type(ConnectionType::Upgrade);
    let upward = rt::spawn(upward(payload, writer));
    let tunnel = Tunnel { downward: ReaderStream::with_capacity(reader, PIECE), upward, end };
    Ok(response.set_body(BoxBody::new(tunnel)))
}

/// From the client to the service. That either side goes away is how a tunnel ends, not a fault.
async fn upward(mut payload: Payload, mut writer: WriteHalf<Io>) {
    while let Some(Ok(chunk)) = payload.next().await {
        if writer.write_all(&chunk).await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

/// From the service to the client; when this direction ends, so does the other.
struct Tunnel {
    downward: ReaderStream<ReadHalf<Io>>,
    upward: JoinHandle<()>,
    end: End,
}

impl MessageBody for Tunnel {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.downward).poll_next(context)
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.upward.abort();
    }
}
