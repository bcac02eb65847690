//! The trivial upstream: answers whatever it is asked with the same kilobyte of JSON. A process of its own.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::load::runtime;

/// Serves until it is killed.
///
/// # Errors
/// When the address is taken.
pub(crate) fn serve(address: SocketAddr) -> Result<()> {
    runtime()?.block_on(async {
        let listener = TcpListener::bind(address).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(answer(stream));
        }
    })
}

async fn answer(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let (answer, mut input) = (kilobyte(), Vec::with_capacity(4096));
    while stream.read_buf(&mut input).await? > 0 {
        // Whoever asks here sends a head and nothing else, and waits for the answer.
        if input.ends_with(b"\r\n\r\n") {
            input.clear();
            stream.write_all(&answer).await?;
        }
    }
    Ok(())
}

fn kilobyte() -> Vec<u8> {
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(1024 - 11));
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n";
    [head.as_bytes(), body.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let answer = super::kilobyte();
        let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        assert_eq!(answer.len() - head, 1024);
    }
}
