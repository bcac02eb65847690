//! HTTP by hand: what no well-behaved client sends, and what exactly comes back.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) json: Value,
}

impl Heard {
    pub(crate) fn closes(&self) -> bool {
        self.head.contains("connection: close")
    }

    /// Checks that it is the whole error envelope, with a request id.
    pub(crate) fn refused(&self, status: u16, message: &str) {
        assert_eq!((self.status, &self.json["message"]), (status, &message.into()), "{self:?}");
        assert_eq!((&self.json["status"], &self.json["errCode"]), (&status.into(), &status.into()));
        assert!(self.json["date"].is_string() && self.json["detail"].is_string(), "{self:?}");
        assert!(self.head.contains("x-request-id: "), "{self:?}");
    }
}

impl Wire {
    pub(crate) async fn open(url: &str) -> Self {
        Self::try_open(url).await.unwrap()
    }

    pub(crate) async fn try_open(url: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// A whole request.
    pub(crate) async fn get(&mut self, path: &str) -> std::io::Result<()> {
        self.say(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await
    }

    /// The next answer; none when the connection ends instead, in whatever way.
    pub(crate) async fn hear(&mut self) -> Option<Heard> {
        tokio::time::timeout(PATIENCE, self.answer()).await.expect("an answer, or an end")
    }

    /// What came back to bytes that need not be a request.
    pub(crate) async fn exchange(url: &str, bytes: impl AsRef<[u8]>) -> Heard {
        let mut wire = Self::open(url).await;
        // A server that has seen enough may stop reading.
        let _ = wire.say(bytes).await;
        wire.hear().await.expect("no answer at all")
    }

    /// Checks that the server ends the connection.
    pub(crate) async fn ends(&mut self) {
        assert!(self.hear().await.is_none(), "the connection goes on");
    }

    async fn answer(&mut self) -> Option<Heard> {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length =
            head.split_once("content-length: ").map_or("0", |(_, rest)| rest.lines().next().unwrap());
        let whole = end + length.parse::<usize>().unwrap();
        while self.read.len() < whole {
            self.more().await?;
        }
        let body = String::from_utf8_lossy(&self.read[end..whole]).into_owned();
        self.read.drain(..whole);
        Some(Heard { status, head, json: serde_json::from_str(&body).unwrap_or_default(), body })
    }

    async fn more(&mut self) -> Option<()> {
        let mut chunk = [0; 4096];
        let n = self.stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        self.read.extend_from_slice(&chunk[..n]);
        Some(())
    }
}
