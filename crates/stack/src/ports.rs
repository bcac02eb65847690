//! Ports: free ones for us, and who holds one that we wanted.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use crate::error::{Error, Result};
use crate::ident::all_pids;

/// Below the range that the kernel hands out for outgoing connections (32768–60999): a port chosen here is not
/// taken by somebody's client while its server restarts.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Whether `port` can be listened on, on the loopback address.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Gives every name a free port of its own, keeping those of `held` that are free or that `keeps` vouches for.
/// The search starts at a place made from `seed`, so that two stacks started at once rarely meet.
pub(crate) fn assign(
    held: &BTreeMap<String, u16>,
    names: &[String],
    keeps: impl Fn(&str) -> bool,
    seed: u64,
) -> Result<BTreeMap<String, u16>> {
    let mut assigned = BTreeMap::new();
    let mut search = candidates(seed).filter(|port| !held.values().any(|taken| taken == port));
    for name in names {
        let kept = held.get(name).copied().filter(|port| keeps(name) || is_free(*port));
        let port = kept.or_else(|| search.find(|port| is_free(*port)));
        assigned
            .insert(name.clone(), port.ok_or_else(|| Error::new("no free port between 20000 and 31999"))?);
    }
    Ok(assigned)
}

fn candidates(seed: u64) -> impl Iterator<Item = u16> {
    let start = u16::try_from(seed % u64::from(COUNT)).unwrap_or(0);
    (0..COUNT).map(move |step| FIRST + (start + step) % COUNT)
}

/// Says who listens on `port`: pid and command line, or as much as may be known.
pub(crate) fn holder(port: u16) -> String {
    let Some(socket) = listening_socket(port) else { return "another process".to_owned() };
    let pid = all_pids().find(|pid| holds_socket(*pid, &socket.inode));
    match pid {
        Some(pid) => format!("process {pid}: {}", command_line(pid)),
        None => format!("a process of user {}", socket.uid),
    }
}

struct Socket {
    uid: String,
    inode: String,
}

fn listening_socket(port: u16) -> Option<Socket> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).find_map(|line| parse_listening(line, port))
}

/// A line of `/proc/net/tcp`: number, local address, remote address, state (0A = listen) … uid, timeout, inode.
fn parse_listening(line: &str, port: u16) -> Option<Socket> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let local = fields.get(1)?.rsplit_once(':')?.1;
    let listens = fields.get(3) == Some(&"0A") && u16::from_str_radix(local, 16) == Ok(port);
    listens.then_some(())?;
    Some(Socket { uid: (*fields.get(7)?).to_owned(), inode: (*fields.get(9)?).to_owned() })
}

fn holds_socket(pid: i32, inode: &str) -> bool {
    let wanted = format!("socket:[{inode}]");
    let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    files
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target.as_os_str() == wanted.as_str())
}

fn command_line(pid: i32) -> String {
    let raw = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&raw).replace('\0', " ");
    text.trim_end().chars().filter(|letter| !letter.is_control()).take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_name_gets_a_port_of_its_own_and_keeps_it() {
        let wanted = names(&["a", "b", "c"]);
        let first = assign(&BTreeMap::new(), &wanted, |_| false, 7).expect("ports");
        let distinct: std::collections::BTreeSet<_> = first.values().collect();
        assert_eq!(distinct.len(), 3);
        assert_eq!(assign(&first, &wanted, |_| false, 99).expect("ports"), first);
    }

    #[test]
    fn a_port_taken_by_another_is_chosen_anew_unless_the_taker_is_ours() {
        let wanted = names(&["a"]);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let taken = listener.local_addr().expect("its address").port();
        let held = BTreeMap::from([("a".to_owned(), taken)]);
        assert_ne!(assign(&held, &wanted, |_| false, 1).expect("ports").get("a"), Some(&taken));
        assert_eq!(assign(&held, &wanted, |_| true, 1).expect("ports").get("a"), Some(&taken));
    }

    #[test]
    fn the_holder_of_a_port_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let said = holder(listener.local_addr().expect("its address").port());
        assert!(said.starts_with(&format!("process {}: ", std::process::id())), "{said}");
    }
}
