//! A connection below HTTP: it puts the error envelope where actix' parser, which no handler sees, answers with nothing.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use crate::clock::uuid_v7;
use crate::error::{BAD_REQUEST, Code, HEAD_TOO_LARGE, INTERNAL, REQUEST_TIMED_OUT};
use crate::metrics::count_request;
use crate::pace::Gate;
use crate::{Clock as _, Error, SystemClock};

/// What is read of a connection at once, in bytes, before others have their turn.
const PIECE: usize = 16 << 10;

/// A connection, shared by actix and whoever accepted it.
pub(crate) struct Wire {
    stream: TcpStream,
    /// Whether anything was answered yet.
    spoken: bool,
    /// What looks like an answer of the parser's, until it is known to be one.
    held: Option<(Vec<u8>, &'static Code)>,
    /// What must be written before anything else.
    rest: Vec<u8>,
    /// Whether anybody wants to hear more.
    gate: Rc<Gate>,
    /// What was read in this turn.
    read: usize,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, spoken: false, held: None, rest: Vec::new(), gate: Rc::default(), read: 0 }
    }

    /// From here on a piece may be read again.
    pub(crate) fn begin_turn(&mut self) {
        self.read = 0;
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.gate.is_shut(cx) {
            return Poll::Pending;
        }
        if self.read >= PIECE {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read += buf.filled().len() - before;
        read
    }

    /// What was held back is the parser's where nothing else was said before, or where it is known to have given up;
    /// otherwise it is part of somebody's file, and goes out as it is.
    pub(crate) fn settle(&mut self, given_up: bool) {
        if let Some((bytes, code)) = self.held.take() {
            self.rest = if given_up || !self.spoken { envelope(code) } else { bytes };
            self.spoken = true;
        }
    }

    pub(crate) fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.rest.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.rest))?;
            self.rest.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.settle(false);
        ready!(self.poll_rest(cx))?;
        let (before, bare) = split(bytes);
        match bare {
            Some(code) if before.is_empty() => {
                self.held = Some((bytes.to_vec(), code));
                Poll::Ready(Ok(bytes.len()))
            }
            _ => {
                self.spoken = true;
                Pin::new(&mut self.stream).poll_write(cx, before)
            }
        }
    }

    /// Says the last, that nothing more comes, and lets the client finish its sentence: closing on unread bytes would
    /// reset the connection, and the client might never see the answer.
    pub(crate) async fn hang_up(mut self) -> io::Result<()> {
        self.settle(true);
        self.stream.write_all(&self.rest).await?;
        self.stream.shutdown().await?;
        tokio::io::copy(&mut self.stream, &mut tokio::io::sink()).await.map(drop)
    }
}

/// A connection as actix sees it.
pub(crate) struct Link(pub(crate) Rc<RefCell<Wire>>);

impl Link {
    /// What holds it up.
    pub(crate) fn gate(&self) -> Rc<Gate> {
        self.0.borrow().gate.clone()
    }
}

impl AsyncRead for Link {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Link {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.borrow_mut().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.borrow_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.borrow_mut();
        wire.settle(false);
        ready!(wire.poll_rest(cx))?;
        Pin::new(&mut wire.stream).poll_shutdown(cx)
    }
}

/// The bytes before what looks like the parser's answer, and that answer's code.
fn split(bytes: &[u8]) -> (&[u8], Option<&'static Code>) {
    const LONGEST: usize = 256;
    if !bytes.ends_with(b"\r\n\r\n") {
        return (bytes, None);
    }
    let from = bytes.len().saturating_sub(LONGEST);
    let tail = bytes.get(from..).unwrap_or_default();
    let start = tail.windows(9).rposition(|window| window == b"HTTP/1.1 " || window == b"HTTP/1.0 ");
    let found = start.and_then(|start| bytes.split_at_checked(from + start));
    match found.map(|(before, answer)| (before, bare_refusal(answer))) {
        Some((before, Some(code))) => (before, Some(code)),
        _ => (bytes, None),
    }
}

/// An answer without a request id is none of ours: the parser makes them, empty, the last on their connection.
fn bare_refusal(answer: &[u8]) -> Option<&'static Code> {
    let rest = answer.get(9..).filter(|rest| matches!(rest.first(), Some(b'4' | b'5')))?;
    let text = std::str::from_utf8(rest).ok()?;
    let bare = text.contains("\r\ncontent-length: 0\r\n") && !text.contains("\r\nx-request-id:");
    bare.then(|| match text.get(..3) {
        Some("408") => &REQUEST_TIMED_OUT,
        Some("431") => &HEAD_TOO_LARGE,
        Some("500") => &INTERNAL,
        _ => &BAD_REQUEST,
    })
}

fn envelope(code: &'static Code) -> Vec<u8> {
    let (error, id) = (Error::new(code), uuid_v7(SystemClock.now()).to_string());
    let status = code.status;
    count_request("unparsed", "none", status, 0.0);
    log::info!(requestId = id.as_str(), route = "unparsed", status; "no request");
    let reason = actix_web::http::StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason());
    let (reason, body) = (reason.unwrap_or_default(), error.envelope().to_string());
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\nx-request-id: {id}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a turn reads, in pieces of 8 KiB as actix does; nothing at the end.
    fn turn(wire: &mut Wire, cx: &mut Context<'_>) -> Poll<usize> {
        wire.begin_turn();
        let (mut space, mut all) = ([0; 8 << 10], 0);
        loop {
            let mut buf = ReadBuf::new(&mut space);
            match wire.poll_read(cx, &mut buf) {
                Poll::Ready(read) if read.is_ok() && !buf.filled().is_empty() => all += buf.filled().len(),
                Poll::Pending if all == 0 => return Poll::Pending,
                _ => return Poll::Ready(all),
            }
        }
    }

    #[tokio::test]
    async fn a_turn_reads_a_piece() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut wire = Wire::new(listener.accept().await.unwrap().0);
        client.write_all(&vec![b'x'; 5 * PIECE]).await.unwrap();
        drop(client);
        let mut turns = Vec::new();
        while turns.last() != Some(&0) {
            turns.push(std::future::poll_fn(|cx| turn(&mut wire, cx)).await);
        }
        assert_eq!(turns.iter().sum::<usize>(), 5 * PIECE);
        assert!(turns.iter().all(|read| *read < PIECE + (8 << 10)), "{turns:?}");
    }

    #[test]
    fn only_what_the_parser_says_is_held_back() {
        let bare: &[u8] =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: today\r\n\r\n";
        assert_eq!(split(bare), (&b""[..], Some(&HEAD_TOO_LARGE)));
        let after = [&b"{\"an\":\"answer\"}"[..], bare].concat();
        assert_eq!(split(&after), (&b"{\"an\":\"answer\"}"[..], Some(&HEAD_TOO_LARGE)));
        for ours in [
            &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nx-request-id: 1\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"0\r\n\r\n",
            b"4 bytes of a body",
        ] {
            assert_eq!(split(ours), (ours, None));
        }
    }
}
