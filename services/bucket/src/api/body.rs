//! The body of an upload: read in pieces, and left where it is when its request is refused.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};

/// A body that two hold: whoever reads it, and whoever refuses its request.
#[derive(Clone)]
pub(crate) struct UploadBody(Rc<RefCell<State>>);

struct State {
    payload: Payload,
    left: u64,
    is_too_large: bool,
}

impl UploadBody {
    /// A body of at most so many bytes.
    pub(crate) fn new(payload: Payload, most: u64) -> Self {
        Self(Rc::new(RefCell::new(State { payload, left: most, is_too_large: false })))
    }

    /// Whether reading ended because there was more than may be.
    pub(crate) fn is_too_large(&self) -> bool {
        self.0.borrow().is_too_large
    }

    /// Reads no further.
    pub(crate) fn leave(&self, request: &HttpRequest) {
        let rest = std::mem::replace(&mut self.0.borrow_mut().payload, Payload::None);
        kit::leave_unread(request, rest);
    }
}

impl Stream for UploadBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.borrow_mut();
        let Some(piece) = ready!(state.payload.poll_next_unpin(context)).transpose()? else {
            return Poll::Ready(None);
        };
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let Some(left) = state.left.checked_sub(length) else {
            state.is_too_large = true;
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        };
        state.left = left;
        Poll::Ready(Some(Ok(piece)))
    }
}
