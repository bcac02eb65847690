//! Stopping a stack, whoever started it: gently and in order first, by force when that takes too long.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::environment::Environment;
use crate::home::{Home, mark};
use crate::ident::{Ident, wait_until, with_environment};
use crate::state::State;
use crate::table::{Process, STAGES};

/// How long a process may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Stops every process that `state` knows of, stage by stage, then whatever else carries the home's mark.
pub(crate) fn stop_all(home: &Home, state: &State, mut told: impl FnMut(&str)) {
    for stage in STAGES {
        let members = possible().into_iter().filter(|process| process.stage() == stage);
        let running = members.filter_map(|process| Some((process, running(state, process)?)));
        stop_together(&running.collect::<Vec<_>>(), &mut told);
    }
    sweep(home.root());
    for process in possible() {
        let _absent = fs::remove_file(home.pid_file(&process.name()));
        let _absent = fs::remove_file(home.hold_file(&process.name()));
    }
}

/// Whatever any stack may consist of.
fn possible() -> Vec<Process> {
    Process::all(&Environment::ALL)
}

/// Stops the gateway, and nothing else.
pub(crate) fn stop_gateway(state: &mut State) {
    if let Some(ident) = running(state, Process::Gateway) {
        stop_together(&[(Process::Gateway, ident)], &mut |_| ());
    }
    state.processes.remove(&Process::Gateway.name());
}

/// Lets the supervisor of a home go and leaves everything running, for another one to take over.
pub(crate) fn release(home: &Home) {
    let Some(supervisor) = supervisor(home).filter(|_| home.is_supervised()) else { return };
    supervisor.signal(Signal::USR1);
    if !supervisor.wait_gone(PATIENCE) {
        supervisor.kill();
        let _killed = supervisor.wait_gone(PATIENCE);
    }
}

fn running(state: &State, process: Process) -> Option<Ident> {
    state.processes.get(&process.name())?.running()
}

fn stop_together(members: &[(Process, Ident)], told: &mut impl FnMut(&str)) {
    for (process, ident) in members {
        ident.signal(gentle(*process));
    }
    for (process, ident) in members {
        if !wait_until(PATIENCE, || ended(*process, *ident)) {
            told(&format!("{} did not stop within {} s: killed", process.name(), PATIENCE.as_secs()));
            ident.kill();
            let _killed = ident.wait_gone(PATIENCE);
        }
        told(&format!("{} stopped", process.name()));
    }
}

/// A broker that is still booting ignores the signal, so it is asked again until it listens.
fn ended(process: Process, ident: Ident) -> bool {
    let gone = if matches!(process, Process::Rabbitmq) { Duration::from_millis(500) } else { Duration::ZERO };
    let gone = ident.wait_gone(gone);
    if !gone && matches!(process, Process::Rabbitmq) {
        ident.signal(gentle(process));
    }
    gone
}

/// The signal that asks a process to stop: Postgres takes SIGINT for "let nobody finish, but lose nothing".
pub(crate) fn gentle(process: Process) -> Signal {
    if matches!(process, Process::Postgres) { Signal::INT } else { Signal::TERM }
}

/// Kills what carries the home's mark and is neither known nor us: helpers of the broker, or a process whose
/// supervisor was killed before it could note its pid. Whether there was any.
pub(crate) fn sweep(root: &Path) -> bool {
    let (name, root) = mark(root);
    let me = Ident::of_self();
    let strays =
        || with_environment(&format!("{name}={root}")).into_iter().filter(|ident| Some(*ident) != me);
    let found = strays().next().is_some();
    for signal in [Signal::TERM, Signal::KILL] {
        let gone = || strays().inspect(|ident| ident.signal(signal)).count() == 0;
        if wait_until(Duration::from_secs(3), gone) {
            break;
        }
    }
    found
}

/// Stops the stack of a home: by asking its supervisor, or by itself when that one is dead. Whether there was one.
pub(crate) fn down(home: &Home, mut told: impl FnMut(&str)) -> bool {
    let supervised = home.is_supervised();
    if supervised {
        ask_supervisor(home, &mut told);
    }
    let left = State::load(home);
    if let Some(state) = &left {
        stop_all(home, state, &mut told);
    }
    State::forget(home);
    let _absent = fs::remove_file(home.pid_file("supervisor"));
    supervised || left.is_some()
}

/// The supervisor forgets the state when all is stopped; one that has died leaves it behind.
fn ask_supervisor(home: &Home, told: &mut impl FnMut(&str)) {
    let Some(supervisor) = supervisor(home) else { return };
    supervisor.signal(Signal::TERM);
    let mut before: Vec<String> = running_names(home);
    let stopped = wait_until(PATIENCE * 5, || {
        let now = running_names(home);
        before.iter().filter(|name| !now.contains(name)).for_each(|name| told(&format!("{name} stopped")));
        before = now;
        !supervisor.is_alive()
    });
    // Its zombie is reaped by the system's first process, some of which take their time; who looks now should see none.
    wait_until(Duration::from_secs(2), || !Path::new(&format!("/proc/{}", supervisor.pid)).exists());
    if !stopped {
        told("the supervisor did not stop: killed");
        supervisor.kill();
        let _killed = supervisor.wait_gone(PATIENCE);
    }
}

fn running_names(home: &Home) -> Vec<String> {
    let Some(state) = State::load(home) else { return Vec::new() };
    let running = state.processes.into_iter().filter(|(_, entry)| entry.running().is_some());
    running.map(|(name, _)| name).collect()
}

/// The supervisor of a home, by its pid file; only to be trusted while its lock is held.
pub(crate) fn supervisor(home: &Home) -> Option<Ident> {
    let pid = fs::read_to_string(home.pid_file("supervisor")).ok()?;
    Ident::of(pid.trim().parse().ok()?)
}
