//! Others in front of the same: nginx, and a gateway of our own that leads elsewhere.

pub(crate) mod ejabberd;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::process::{Process, free_address, wait_for};

/// Something that listens.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    _process: Process,
}

/// nginx, if it is installed.
pub(crate) fn nginx_program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    dirs.map(|dir| dir.join("nginx")).find(|program| program.is_file())
}

/// nginx as Debian configures it (a worker for each processor, an access log), passing `/messaging-api/` on to
/// `upstream` over connections that it keeps.
///
/// # Errors
/// When it does not start.
pub(crate) fn nginx(program: &Path, dir: &Path, upstream: SocketAddr) -> Result<Peer> {
    let (dir, address) = (dir.join("nginx"), free_address()?);
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("nginx.conf"), configuration(&dir, address, upstream))?;
    let process = Process::start(program, &dir.join("nginx.log"), |command| {
        command.arg("-p").arg(&dir).arg("-c").arg(dir.join("nginx.conf"));
    })?;
    wait_for(address)?;
    Ok(Peer { address, _process: process })
}

fn configuration(dir: &Path, address: SocketAddr, upstream: SocketAddr) -> String {
    let dir = dir.display();
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let places = places.map(|what| format!("{what}_temp_path {dir}/{what};")).join(" ");
    format!(
        "daemon off; worker_processes auto; user root; pid {dir}/pid; error_log {dir}/error.log;
        events {{ worker_connections 1024; }}
        http {{
            access_log {dir}/access.log; {places}
            keepalive_requests 1000000000;
            upstream service {{ server {upstream}; keepalive 128; keepalive_requests 1000000000; }}
            server {{
                listen {address};
                location /messaging-api/ {{
                    proxy_pass http://service/;
                    proxy_http_version 1.1;
                    proxy_set_header Connection '';
                }}
            }}
        }}"
    )
}

/// A gateway of its own, with the settings that the stack gives to its gateway, in front of `upstream`.
///
/// # Errors
/// When it does not start.
pub(crate) fn gateway(dir: &Path, upstream: SocketAddr) -> Result<Peer> {
    let (program, address) = (std::env::current_exe()?.with_file_name("gateway"), free_address()?);
    let metrics = free_address()?;
    let process = Process::start(program, &dir.join("gateway.log"), |command| {
        command
            .env("BANTER__HTTP__ADDRESS", address.to_string())
            .env("BANTER__METRICS__ADDRESS", metrics.to_string())
            .env("BANTER__ENVIRONMENTS__PRODUCTION__HOSTS", "localhost")
            .env("BANTER__ENVIRONMENTS__PRODUCTION__BASE_URL", "http://localhost")
            .env("BANTER__ENVIRONMENTS__PRODUCTION__SERVICES__MESSAGING", format!("http://{upstream}"));
    })?;
    wait_for(address)?;
    Ok(Peer { address, _process: process })
}

/// The trivial upstream, a process of its own.
///
/// # Errors
/// When it does not start.
pub(crate) fn upstream(dir: &Path) -> Result<Peer> {
    let (program, address) = (std::env::current_exe()?, free_address()?);
    let process = Process::start(program, &dir.join("upstream.log"), |command| {
        command.arg("upstream").arg(address.to_string());
    })?;
    wait_for(address)?;
    Ok(Peer { address, _process: process })
}
