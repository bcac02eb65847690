//! Who a process is: its pid together with the moment it started, so that a pid given to somebody else later is
//! never mistaken for ours.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

/// A process, safe against the reuse of its pid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident {
    /// The process id.
    pub pid: i32,
    /// When it started, in clock ticks since the machine booted (`/proc/<pid>/stat`, field 22).
    pub ticks: u64,
}

impl Ident {
    /// The process that has `pid` now; `None` when there is none, or only a zombie waiting to be reaped.
    #[must_use]
    pub fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in brackets and may itself hold spaces and brackets, so fields count from the last one.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        let ticks = fields.nth(18)?.parse().ok()?;
        (!matches!(state, "Z" | "X")).then_some(Self { pid, ticks })
    }

    /// This very process.
    #[must_use]
    pub fn of_self() -> Option<Self> {
        Self::of(rustix::process::getpid().as_raw_nonzero().get())
    }

    /// Whether this process still runs.
    #[must_use]
    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Asks the process with a signal; nothing happens when it is gone already.
    pub(crate) fn signal(self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.is_alive()) {
            let _gone_meanwhile = kill_process(pid, signal);
        }
    }

    /// Kills the process and what it started in its own process group (Erlang's port helpers, for instance).
    pub(crate) fn kill(self) {
        if let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.is_alive()) {
            let _not_a_leader = kill_process_group(pid, Signal::KILL);
            let _gone_meanwhile = kill_process(pid, Signal::KILL);
        }
    }

    /// Waits until the process is gone; false when it is still there after `patience`.
    #[must_use]
    pub fn wait_gone(self, patience: Duration) -> bool {
        wait_until(patience, || !self.is_alive())
    }
}

/// Polls `done` every 20 ms; false when it has not come true within `patience`.
pub(crate) fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Every process whose environment holds `entry` (`NAME=value`) and that we may look at.
pub(crate) fn with_environment(entry: &str) -> Vec<Ident> {
    all_pids().filter(|pid| has_environment(*pid, entry)).filter_map(Ident::of).collect()
}

/// The pids of all processes.
pub(crate) fn all_pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn has_environment(pid: i32, entry: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|held| held == entry.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_is_alive_until_it_is_killed_even_when_nobody_reaps_it() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("sleep starts");
        let ident = Ident::of(i32::try_from(child.id()).expect("a pid")).expect("it runs");
        assert!(ident.is_alive());
        ident.kill();
        assert!(ident.wait_gone(Duration::from_secs(5)), "a zombie counts as gone");
        child.wait().expect("reaped");
    }

    #[test]
    fn another_process_under_the_same_pid_is_not_ours() {
        let me = Ident::of_self().expect("this process");
        let earlier = Ident { ticks: me.ticks - 1, ..me };
        assert!(me.is_alive());
        assert!(!earlier.is_alive());
    }

    #[test]
    fn a_process_is_found_by_its_environment() {
        let mut child = Command::new("sleep").arg("60").env("STACK_TEST_MARK", "42").spawn().expect("starts");
        let pid = i32::try_from(child.id()).expect("a pid");
        let found = wait_until(Duration::from_secs(5), || {
            with_environment("STACK_TEST_MARK=42").iter().any(|ident| ident.pid == pid)
        });
        child.kill().expect("killed");
        child.wait().expect("reaped");
        assert!(found);
    }
}
