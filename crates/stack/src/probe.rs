//! Is it ready? Asked of each process in its own language, without waiting long.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Whether `/readyz` says ready (or degraded: it works, something beside it does not).
pub(crate) fn http_ready(port: u16) -> Result<(), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    kit::server::ask_readiness(address).map_err(|failure| failure.to_string())
}

/// Whether a broker greets us: it answers the AMQP header with `Connection.Start`, a method frame (type 1).
pub(crate) fn amqp_ready(port: u16) -> Result<(), String> {
    let answer = exchange(port, b"AMQP\x00\x00\x09\x01", 1)?;
    if answer.first() == Some(&1) { Ok(()) } else { Err("no AMQP greeting".to_owned()) }
}

/// Whether Postgres lets us in. Only a whole log-in tells: it listens before it has recovered.
pub(crate) fn postgres_ready(url: &str) -> Result<(), String> {
    use diesel::Connection;
    diesel::PgConnection::establish(url).map(drop).map_err(|refusal| refusal.to_string())
}

/// Whether anything listens.
pub(crate) fn accepts(port: u16) -> Result<(), String> {
    connect(port).map(drop)
}

fn connect(port: u16) -> Result<TcpStream, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, PATIENCE).map_err(|refusal| refusal.to_string())
}

/// Sends `request` and reads until the other side is done or `limit` bytes are there.
fn exchange(port: u16, request: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let told = |failure: std::io::Error| failure.to_string();
    let mut stream = connect(port)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(told)?;
    stream.write_all(request).map_err(told)?;
    let mut answer = Vec::new();
    stream.take(limit).read_to_end(&mut answer).map_err(told)?;
    Ok(answer)
}
