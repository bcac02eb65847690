//! The processes themselves: how soon they are ready, and what they hold.

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{MANY, Round, sends};
use crate::load::once;
use crate::process::Process;
use crate::report::{Bound, number};
use crate::wait::until;
use crate::wire::request;
use crate::{Result, wrong};

/// What each process holds before anybody asks anything of it, and at most under load.
pub(super) fn memory(round: &mut Round<'_>) -> Result<()> {
    let stand = round.stand;
    round.load(stand.gateway()?, MANY, &sends(stand, &stand.cast.pairs)).run()?;
    stand.drained()?;
    let held = stand.memory()?;
    for (what, held, bound) in [
        ("memory of a process, idle", &stand.idle, Bound::AtMost(40.0, 15.0)),
        ("memory of a process, under load", &held, Bound::AtMost(80.0, 35.0)),
    ] {
        let most = held.iter().map(|(_, held)| *held).fold(0.0, f64::max);
        let each: Vec<_> = held.iter().map(|(name, held)| format!("{name} {}", number(*held))).collect();
        round.report.note(what, (most, " MB"), bound, each.join(", "));
    }
    Ok(())
}

/// From the start of a process until it says that it is ready, its schema being current.
pub(super) fn start(round: &mut Round<'_>) -> Result<()> {
    let mut each = Vec::new();
    for (name, _) in round.stand.memory()? {
        let took = round.figure(|round| ready(round, &name))?;
        each.push((name, took));
    }
    let most = each.iter().map(|(_, took)| *took).fold(0.0, f64::max);
    let each: Vec<_> = each.iter().map(|(name, took)| format!("{name} {}", number(*took))).collect();
    round.report.note("start to ready", (most, " ms"), Bound::AtMost(500.0, 100.0), each.join(", "));
    Ok(())
}

/// Starts the program that the stack runs once more, in its place and with its settings; milliseconds.
fn ready(round: &Round<'_>, name: &str) -> Result<f64> {
    let stack = &round.stand.stack;
    let running = stack.entries().into_iter().find(|(other, _)| other == name);
    let pid = running.and_then(|(_, entry)| entry.running()).ok_or_else(|| wrong("it does not run"))?.pid;
    let environment = environment(pid)?;
    let program = std::env::current_exe()?.with_file_name(name);
    let address: SocketAddr = stack.url(name)?.trim_start_matches("http://").parse()?;
    stack.stop(name)?;
    let begun = Instant::now();
    let process = Process::start(program, &round.stand.dir.join("start.log"), |command| {
        command.env_clear().envs(environment);
    });
    let process = process?;
    let probe = request("GET", "/readyz", None, "");
    let often = (Duration::from_secs(30), Duration::from_millis(1));
    until(often, &format!("{name} does not get ready"), || Ok(once(address, &probe, 200).is_ok()))?;
    let took = begun.elapsed();
    drop(process);
    stack.start(name)?;
    Ok(took.as_secs_f64() * 1e3)
}

/// The settings that a process was started with.
fn environment(pid: i32) -> Result<Vec<(String, String)>> {
    let text = fs::read_to_string(format!("/proc/{pid}/environ"))?;
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
