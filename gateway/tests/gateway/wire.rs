//! HTTP/1.1 by hand: enough to say and to hear exactly what goes over a connection.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than anything here takes; reached only by what hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One end of a connection, and what was read ahead.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    ahead: Vec<u8>,
}

/// A request or an answer.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) first: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.headers.iter().filter(|(given, _)| given == name).count()
    }

    pub(crate) fn status(&self) -> u16 {
        self.first.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of an error envelope, after checking that it is one.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        assert_eq!((&body["result"], &body["status"]), (&Value::from("ERR"), &Value::from(self.status())));
        assert_eq!(body["errCode"], body["status"]);
        assert!(body["date"].is_string() && body["detail"].is_string(), "{body}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "no request id: {self:?}");
        body["message"].as_str().unwrap().to_owned()
    }
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, ahead: Vec::new() }
    }

    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) async fn say(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).await.unwrap();
    }

    /// More bytes, or none at the end of the connection (also when it was cut).
    pub(crate) async fn more(&mut self) -> Vec<u8> {
        if !self.ahead.is_empty() {
            return std::mem::take(&mut self.ahead);
        }
        let mut piece = vec![0; 64 << 10];
        let count = timeout(PATIENCE, self.stream.read(&mut piece)).await.expect("silence").unwrap_or(0);
        piece.truncate(count);
        piece
    }

    /// Reads until `text` has come; what it read before it, and with it.
    pub(crate) async fn until(&mut self, text: &str) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            if let Some(at) = find(&all, text.as_bytes()) {
                self.ahead = all.split_off(at + text.len());
                return all;
            }
            let more = self.more().await;
            assert!(!more.is_empty(), "ended before {text:?}: {:?}", String::from_utf8_lossy(&all));
            all.extend(more);
        }
    }

    /// The head of the next message, or none at the end of the connection.
    pub(crate) async fn head(&mut self) -> Option<Message> {
        let more = self.more().await;
        if more.is_empty() {
            return None;
        }
        self.ahead = more;
        let head = String::from_utf8(self.until("\r\n\r\n").await).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let first = lines.next().unwrap().to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Some(Message { first, headers: lines.map(header).collect(), body: Vec::new() })
    }

    /// The next message whole, or none at the end of the connection.
    pub(crate) async fn message(&mut self) -> Option<Message> {
        let mut message = self.head().await?;
        message.body = self.body(&message).await;
        Some(message)
    }

    async fn body(&mut self, head: &Message) -> Vec<u8> {
        let bodiless = head.first.contains(" 204") || head.first.contains(" 304");
        match (head.header("transfer-encoding"), head.header("content-length")) {
            _ if bodiless => Vec::new(),
            (Some(_), _) => self.chunks().await,
            (None, Some(length)) => self.exactly(length.parse().unwrap()).await,
            (None, None) if head.first.starts_with("HTTP/") => self.rest().await,
            (None, None) => Vec::new(),
        }
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8(self.until("\r\n").await).unwrap();
            let length = usize::from_str_radix(line.trim(), 16).unwrap();
            body.extend(self.exactly(length).await);
            self.until("\r\n").await;
            if length == 0 {
                return body;
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Vec<u8> {
        let mut body = std::mem::take(&mut self.ahead);
        while body.len() < length {
            let more = self.more().await;
            assert!(!more.is_empty(), "cut after {} of {length} bytes", body.len());
            body.extend(more);
        }
        self.ahead = body.split_off(length);
        body
    }

    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            match self.more().await {
                more if more.is_empty() => return all,
                more => all.extend(more),
            }
        }
    }
}

fn find(all: &[u8], text: &[u8]) -> Option<usize> {
    all.windows(text.len()).position(|window| window == text)
}

/// One request on a connection of its own, and its answer.
pub(crate) async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Message {
    let mut wire = Wire::to(address).await;
    wire.say(request).await;
    wire.message().await.expect("dropped without an answer")
}

/// `GET target` at `localhost`.
pub(crate) async fn get(address: SocketAddr, target: &str) -> Message {
    ask(address, format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await
}
