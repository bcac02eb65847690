//! One process under supervision: started, probed until it is ready, noticed when it dies, started again.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use kit::{Clock as _, SystemClock};

use crate::backoff::Backoff;
use crate::error::{Context, Error, Result};
use crate::home::{mark, replace};
use crate::ident::Ident;
use crate::layout::Layout;
use crate::settings::settings;
use crate::state::{Condition, Entry};
use crate::table::Process;
use crate::{postgres, rabbitmq};

/// A supervised process.
pub(crate) struct Supervised {
    pub(crate) process: Process,
    pub(crate) entry: Entry,
    /// What is ours to reap; a process taken over from an earlier supervisor is not our child.
    child: Option<Child>,
    backoff: Backoff,
    due: Instant,
    started: Instant,
}

impl Supervised {
    /// Takes a process under supervision, going on with what an earlier supervisor knew of it.
    pub(crate) fn new(process: Process, earlier: Entry) -> Self {
        let ident = earlier.running();
        let entry = if ident.is_some() { earlier } else { Entry::default() };
        let started = Instant::now();
        Self { process, entry, child: None, backoff: Backoff::new(), due: started, started }
    }

    /// Brings the process one step further; true when something changed.
    pub(crate) fn step(&mut self, layout: &Layout, may_start: bool) -> Result<bool> {
        match self.entry.condition {
            Condition::Starting | Condition::Ready => Ok(self.watch(layout)),
            Condition::Waiting | Condition::Held => self.start_if_due(layout, may_start),
        }
    }

    fn watch(&mut self, layout: &Layout) -> bool {
        if self.has_ended() {
            return self.note_end(layout);
        }
        self.entry.condition == Condition::Starting && self.note_ready(layout)
    }

    fn start_if_due(&mut self, layout: &Layout, may_start: bool) -> Result<bool> {
        let held = layout.home.hold_file(&self.process.name()).exists();
        let condition = if held { Condition::Held } else { Condition::Waiting };
        if self.entry.condition != condition {
            // Somebody held it or lets it go: what it did before is not held against it.
            self.due = Instant::now();
            self.backoff = Backoff::new();
            return Ok(self.enter(condition));
        }
        let starts = !held && may_start && Instant::now() >= self.due;
        if starts {
            self.start(layout)?;
        }
        Ok(starts)
    }

    fn enter(&mut self, condition: Condition) -> bool {
        self.entry.condition = condition;
        true
    }

    fn has_ended(&mut self) -> bool {
        if let Some(child) = &mut self.child {
            return !matches!(child.try_wait(), Ok(None));
        }
        self.entry.running().is_none()
    }

    fn start(&mut self, layout: &Layout) -> Result<()> {
        let name = self.process.name();
        let child = spawn(layout, self.process)?;
        let pid = i32::try_from(child.id()).context(|| "a pid beyond all bounds")?;
        replace(&layout.home.pid_file(&name), format!("{pid}\n").as_bytes())?;
        self.started = Instant::now();
        self.entry.ident = Ident::of(pid).or(Some(Ident { pid, ticks: 0 }));
        self.entry.since = Some(SystemClock.now());
        self.entry.ready_ms = None;
        self.child = Some(child);
        self.enter(Condition::Starting);
        say(&format!("{name} started (pid {pid})"));
        Ok(())
    }

    fn note_ready(&mut self, layout: &Layout) -> bool {
        if self.process.probe(layout).is_err() {
            return false;
        }
        let took = self.entry.since.map_or(TimeDelta::zero(), |since| SystemClock.now() - since);
        self.entry.ready_ms = u64::try_from(took.num_milliseconds()).ok();
        self.entry.failures = 0;
        say(&format!("{} ready after {} ms", self.process.name(), took.num_milliseconds()));
        self.enter(Condition::Ready)
    }

    /// Notes the end of a process and when to start it again.
    fn note_end(&mut self, layout: &Layout) -> bool {
        let name = self.process.name();
        let how = self.child.take().and_then(|mut child| child.wait().ok());
        let how = how.map_or_else(|| "ended".to_owned(), |status| format!("ended with {status}"));
        if self.entry.condition == Condition::Starting {
            self.entry.failures += 1;
        }
        let pid = self.entry.ident.take().map_or(0, |ident| ident.pid);
        let wait = self.wait_before_restart();
        let _absent = fs::remove_file(layout.home.pid_file(&name));
        say(&format!("{name} (pid {pid}) {how}; starting it again in {} ms", wait.as_millis()));
        self.enter(Condition::Waiting)
    }

    fn wait_before_restart(&mut self) -> Duration {
        let wait = self.backoff.after(self.started.elapsed());
        self.due = Instant::now() + wait;
        self.entry.restarts += 1;
        self.entry.since = None;
        wait
    }
}

/// Starts a process in a process group of its own, with its log as output.
fn spawn(layout: &Layout, process: Process) -> Result<Child> {
    let mut command = command(layout, process)?;
    let log = layout.home.open_log(&process.name())?;
    let also = log.try_clone().context(|| "cannot share a log")?;
    command.stdin(Stdio::null()).stdout(log).stderr(also);
    let (name, root) = mark(layout.home.root());
    command.env(name, root).process_group(0);
    command.spawn().context(|| format!("cannot start {}", process.name()))
}

fn command(layout: &Layout, process: Process) -> Result<Command> {
    match process {
        Process::Epmd => rabbitmq::epmd_command(layout),
        Process::Rabbitmq => rabbitmq::command(layout),
        Process::Postgres => postgres::command(layout),
        Process::Service(..) | Process::Gateway => our_command(layout, process),
    }
}

/// The command that runs one of our own binaries.
pub(crate) fn our_command(layout: &Layout, process: Process) -> Result<Command> {
    if !process.is_ours() {
        return Err(Error::new(format!("{} is not a program of ours", process.name())));
    }
    let mut command = Command::new(layout.binary(process.program())?);
    command.envs(settings(layout, process)).current_dir(layout.home.root());
    Ok(command)
}

/// Writes a line to the supervisor's log, which is its standard error.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let time = SystemClock.now().format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let _disk_full = writeln!(std::io::stderr(), "{time} {line}");
}
