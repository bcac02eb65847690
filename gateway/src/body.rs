//! The body of a request on its way to a service: whole when it is small, else chunk by chunk.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// What the head says of the body that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    None,
    Known(u64),
    Unknown,
}

impl Length {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let known = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        match known {
            _ if headers.contains_key(TRANSFER_ENCODING) => Self::Unknown,
            Some(length) => Self::Known(length),
            None => Self::None,
        }
    }
}

/// A piece of a body. Only `End` ends it well: a channel that just closes is a client that broke off.
#[derive(Debug)]
pub(crate) enum Part {
    Chunk(Bytes),
    End,
}

/// A body that can be handed out again as long as nothing of it was taken.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    Whole(Bytes),
    Parts { parts: Arc<Mutex<Receiver<Part>>>, length: Option<u64> },
    Done,
}

impl Outgoing {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    /// A body in parts, and where they are put in: one at a time, so that the slower side sets the pace.
    pub(crate) fn in_parts(length: Option<u64>) -> (Sender<Part>, Self) {
        let (sender, receiver) = mpsc::channel(1);
        (sender, Self::Parts { parts: Arc::new(Mutex::new(receiver)), length })
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = match &mut *self {
            Self::Done => None,
            Self::Whole(bytes) => Some(Ok(Frame::data(std::mem::take(bytes)))),
            Self::Parts { parts, .. } => {
                let part = ready!(parts.lock().unwrap_or_else(PoisonError::into_inner).poll_recv(context));
                match part {
                    Some(Part::Chunk(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                    Some(Part::End) => None,
                    None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
                }
            }
        };
        self.set(Self::Done);
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Done) || self.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Done => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Self::Parts { length, .. } => length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
