//! How far a body is read ahead: no further than whoever takes it has come.
//!
//! actix reads what a client sends until it has 128 KiB, and holds as much again at every place that waits for a slower
//! one: with fifty uploads at once, sixty megabytes. Here a connection gives a piece at a time, and the next one when
//! somebody asks for it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

/// What is smaller is in the buffers anyway.
const SMALL: u64 = 64 << 10;

/// Between a connection and the body that it is read for.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    is_shut: Cell<bool>,
    reader: RefCell<Option<Waker>>,
}

impl Gate {
    /// Whether nothing may be read now; whoever asks is woken when it may.
    pub(crate) fn is_shut(&self, context: &Context<'_>) -> bool {
        if self.is_shut.get() {
            self.reader.replace(Some(context.waker().clone()));
        }
        self.is_shut.get()
    }

    fn shut(&self) {
        self.is_shut.set(true);
    }

    fn open(&self) {
        self.is_shut.set(false);
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// Reads a large body at the pace of whoever takes it.
pub(crate) fn at_their_pace(request: &mut ServiceRequest) {
    let Some(gate) = request.conn_data::<Rc<Gate>>().filter(|_| is_large(request)).cloned() else { return };
    match request.take_payload() {
        Payload::None => {}
        payload => request.set_payload(Payload::Stream { payload: Box::pin(Paced { payload, gate }) }),
    }
}

/// A body without a length may be of any size.
fn is_large(request: &ServiceRequest) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_none_or(|length: u64| length > SMALL)
}

/// A body: from each piece until the next is asked for, nothing is read.
struct Paced {
    payload: Payload,
    gate: Rc<Gate>,
}

impl Stream for Paced {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.payload.poll_next_unpin(context);
        match next {
            Poll::Ready(Some(Ok(_))) => self.gate.shut(),
            _ => self.gate.open(),
        }
        next
    }
}

impl Drop for Paced {
    /// What is left of it is actix' business.
    fn drop(&mut self) {
        self.gate.open();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A body of so many pieces, of which no end comes.
    fn body(pieces: usize, gate: &Rc<Gate>) -> Paced {
        let ready = futures_util::stream::iter((0..pieces).map(|_| Ok(Bytes::from_static(b"piece"))));
        let all = ready.chain(futures_util::stream::pending());
        Paced { payload: Payload::Stream { payload: Box::pin(all) }, gate: gate.clone() }
    }

    #[test]
    fn nothing_is_read_between_a_piece_and_the_wish_for_another() {
        let (gate, woken) = (Rc::new(Gate::default()), Arc::new(Woken::default()));
        let waker = woken.clone().into();
        let mut context = Context::from_waker(&waker);
        let mut body = body(2, &gate);
        assert!(!gate.is_shut(&context), "nobody has begun");
        for _ in 0..2 {
            assert!(body.poll_next_unpin(&mut context).is_ready());
            assert!(gate.is_shut(&context));
        }
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
        assert!(body.poll_next_unpin(&mut context).is_pending());
        assert!(!gate.is_shut(&context));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "whoever reads is told");
    }

    #[test]
    fn a_body_that_nobody_wants_holds_nothing_up() {
        let (gate, woken) = (Rc::new(Gate::default()), Arc::new(Woken::default()));
        let waker = woken.clone().into();
        let mut context = Context::from_waker(&waker);
        let mut body = body(1, &gate);
        assert!(body.poll_next_unpin(&mut context).is_ready() && gate.is_shut(&context));
        drop(body);
        assert!(!gate.is_shut(&context));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }
}
