//! Asking a process of ours whether it is ready, from beside it: for health checks where there is no HTTP client.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);
/// More than any `/readyz` says, and little enough to print.
const LONGEST: u64 = 4096;

/// Asks `/readyz` of the process that listens at `address`, which may be all addresses.
///
/// # Errors
/// When nobody answers within two seconds, or the answer is not 200: then with what it says.
pub fn ask_readiness(address: SocketAddr) -> io::Result<()> {
    let address = beside(address);
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    judge(&String::from_utf8_lossy(&answer))
}

/// Where a listener on all addresses is reached from beside it.
fn beside(mut listener: SocketAddr) -> SocketAddr {
    match listener {
        SocketAddr::V4(all) if all.ip().is_unspecified() => listener.set_ip(Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(all) if all.ip().is_unspecified() => listener.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => (),
    }
    listener
}

fn judge(answer: &str) -> io::Result<()> {
    let status = answer.split(' ').nth(1).unwrap_or("nothing");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let not_ready = || io::Error::other(format!("/readyz says {status} {body}"));
    if status == "200" { Ok(()) } else { Err(not_ready()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_is_ready() {
        assert!(judge("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").is_ok());
        for bad in
            ["", "HTTP/1.1", "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\":\"starting\"}", "200"]
        {
            assert!(judge(bad).is_err(), "{bad}");
        }
        let told = judge("HTTP/1.1 503 X\r\n\r\nwhy").unwrap_err().to_string();
        assert_eq!(told, "/readyz says 503 why");
    }

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_loopback() {
        for (listener, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(beside(listener.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
