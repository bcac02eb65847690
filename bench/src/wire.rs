//! HTTP/1.1 as a load generator needs it: one request, one answer, on a connection that stays.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{Result, wrong};

/// The most headers of an answer.
const HEADERS: usize = 48;

/// A request as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    if let Some(token) = token {
        text.extend(["Authorization: Bearer ", token, "\r\n"]);
    }
    if !body.is_empty() {
        let length = body.len().to_string();
        text.extend(["Content-Type: application/json\r\nContent-Length: ", &length, "\r\n"]);
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

/// An answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// Whether the body has these bytes somewhere.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// What it says, as far as it fits a line.
    pub(crate) fn told(&self) -> String {
        let text: String = String::from_utf8_lossy(self.body).chars().take(300).collect();
        format!("{} {text}", self.status)
    }
}

/// A connection.
pub(crate) struct Wire {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request and reads its answer whole.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.input.clear();
        loop {
            if self.stream.read_buf(&mut self.input).await? == 0 {
                return Err(wrong("the connection was closed before the answer was whole"));
            }
            if let Some((status, head, length)) = parse(&self.input)?
                && self.input.len() >= head + length
            {
                let body = self.input.get(head..head + length).unwrap_or_default();
                return Ok(Answer { status, body });
            }
        }
    }
}

/// Status, length of the head and length of the body; `None` while the head is not whole.
fn parse(input: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(input)? else { return Ok(None) };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.ok_or_else(|| wrong("an answer does not tell its length"))?;
    let length = std::str::from_utf8(length.value)?.trim().parse()?;
    Ok(Some((response.code.unwrap_or(0), head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_head_says_so() {
        let head = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n";
        assert_eq!(parse(head).unwrap(), Some((201, head.len(), 2)));
        assert_eq!(parse(&head[..20]).unwrap(), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "no length");
        assert!(parse(b"SSH-2.0\r\n").is_err());
    }

    #[test]
    fn a_request_tells_the_length_of_its_body() {
        let text = String::from_utf8(request("POST", "/x", Some("t"), "{}")).unwrap();
        assert!(text.starts_with("POST /x HTTP/1.1\r\n"));
        assert!(text.contains("Authorization: Bearer t\r\n"));
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"));
    }
}
