//! The process that keeps a stack running: starts everything in order, restarts what dies, stops it all when asked.

use std::fs::File;
use std::time::{Duration, Instant};

use kit::{Clock as _, SystemClock};
use rustix::process::WaitOptions;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::child::{Supervised, say};
use crate::error::{Context, Error, Result};
use crate::home::{Home, PLAN, replace};
use crate::ident::wait_until;
use crate::layout::Layout;
use crate::state::{Condition, Phase, State};
use crate::table::{Process, SERVICES};
use crate::{keys, postgres, teardown};

const TICK: Duration = Duration::from_millis(50);
/// A process that ends this often before it was ever ready will not get ready by more of it.
const HOPELESS: u32 = 5;

/// Runs the supervisor of a home until it is asked to stop, its owner ends, or the stack cannot start.
///
/// # Errors
/// When another supervisor runs, or the stack could not start.
pub async fn supervise(home: Home) -> Result<()> {
    let Some(_lock) = detach(&home)? else { return Ok(()) };
    let mut signals = Signals::listen()?;
    let mut supervisor = Supervisor::new(Layout::load(&home)?);
    let outcome = supervisor.run(&mut signals).await;
    if matches!(outcome, Ok(Ending::HandOver)) {
        say("supervisor hands over to another");
        return Ok(());
    }
    supervisor.end(outcome.as_ref().err());
    outcome.map(drop)
}

/// Leaves the caller's session and takes the home's lock; `None` when another supervisor holds it.
fn detach(home: &Home) -> Result<Option<File>> {
    let _already_leads_one = rustix::process::setsid();
    let Some(lock) = insist(home)? else { return Ok(None) };
    // Whatever loses its parent below us becomes ours to reap, so that a stopped stack leaves no zombie behind.
    let _needs_no_right = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let pid = std::process::id();
    replace(&home.pid_file("supervisor"), format!("{pid}\n").as_bytes())?;
    say(&format!("supervisor started (pid {pid})"));
    Ok(Some(lock))
}

/// Whoever asks whether there is a supervisor holds the lock for a moment; only a supervisor holds it longer.
fn insist(home: &Home) -> Result<Option<File>> {
    let mut lock = home.lock()?;
    wait_until(Duration::from_secs(1), || {
        if lock.is_none() {
            lock = home.lock().ok().flatten();
        }
        lock.is_some()
    });
    Ok(lock)
}

/// Why a supervisor ends.
enum Ending {
    /// The stack is to stop.
    Stop,
    /// Another supervisor is to go on with what runs.
    HandOver,
}

/// What a supervisor may be asked.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hand_over: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context(|| "cannot listen to signals");
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hand_over: listen(SignalKind::user_defined1())?,
        })
    }
}

struct Supervisor {
    layout: Layout,
    processes: Vec<Supervised>,
    state: State,
    provisioned: bool,
}

impl Supervisor {
    fn new(layout: Layout) -> Self {
        let earlier = State::load(&layout.home).unwrap_or_else(|| State::starting(&layout.home));
        let adopt = |process: Process| Supervised::new(process, earlier.entry(&process.name()));
        let processes: Vec<_> = layout.processes().into_iter().map(adopt).collect();
        for adopted in processes.iter().filter(|process| process.entry.ident.is_some()) {
            say(&format!("{} still runs: taken over", adopted.process.name()));
        }
        let state = State::starting(&layout.home);
        Self { layout, processes, state, provisioned: false }
    }

    async fn run(&mut self, signals: &mut Signals) -> Result<Ending> {
        self.prepare()?;
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => return Ok(Ending::Stop),
                _ = signals.interrupt.recv() => return Ok(Ending::Stop),
                _ = signals.hand_over.recv() => return Ok(Ending::HandOver),
                () = tokio::time::sleep(TICK) => self.tick()?,
            }
            if self.is_orphaned() {
                return Ok(Ending::Stop);
            }
        }
    }

    fn is_orphaned(&self) -> bool {
        let ownerless = self.layout.plan.owner.is_some_and(|owner| !owner.is_alive());
        let homeless = !self.layout.home.path(PLAN).exists();
        if ownerless {
            say("the process that this stack belongs to has ended");
        } else if homeless {
            say("the home of this stack was deleted");
        }
        ownerless || homeless
    }

    fn prepare(&self) -> Result<()> {
        self.save()?;
        for environment in &self.layout.plan.environments {
            for service in SERVICES {
                keys::ensure(&self.layout.home, &environment.own(service.name), SystemClock.now())?;
            }
        }
        Ok(())
    }

    /// One round: every process one step further.
    fn tick(&mut self) -> Result<()> {
        for index in 0..self.processes.len() {
            let may_start = self.may_start(index);
            let Some(process) = self.processes.get_mut(index) else { break };
            // Noted at once: a process that nobody knows of could not be stopped if we were killed now.
            if process.step(&self.layout, may_start)? {
                self.save()?;
            }
        }
        if self.provision()? | self.note_up() {
            self.save()?;
        }
        self.give_up()
    }

    /// Our own processes start once both servers are ready; afterwards each lives for itself, as it must cope
    /// with a server that is away.
    fn may_start(&self, index: usize) -> bool {
        let ours = self.processes.get(index).is_some_and(|one| one.process.is_ours());
        !ours || self.state.phase == Phase::Up || self.provisioned && self.servers_ready()
    }

    fn servers_ready(&self) -> bool {
        self.processes.iter().filter(|one| !one.process.is_ours()).all(is_ready)
    }

    fn provision(&mut self) -> Result<bool> {
        let database = self.processes.iter().find(|one| matches!(one.process, Process::Postgres));
        if self.provisioned || !database.is_some_and(is_ready) {
            return Ok(false);
        }
        let begun = Instant::now();
        postgres::provision(&self.layout)?;
        say(&format!("roles and schemas are there after {} ms", begun.elapsed().as_millis()));
        self.provisioned = true;
        Ok(true)
    }

    fn note_up(&mut self) -> bool {
        let up =
            self.state.phase == Phase::Starting && self.provisioned && self.processes.iter().all(is_ready);
        if up {
            say("everything is up");
            self.state.phase = Phase::Up;
        }
        up
    }

    fn give_up(&self) -> Result<()> {
        let hopeless =
            |one: &&Supervised| one.entry.failures >= HOPELESS && self.state.phase == Phase::Starting;
        match self.processes.iter().find(hopeless) {
            Some(one) => Err(self.hopeless(&one.process.name())),
            None => Ok(()),
        }
    }

    fn hopeless(&self, name: &str) -> Error {
        let log = self.layout.home.log_file(name);
        let last = crate::home::last_lines(&log, 12);
        Error::new(format!(
            "{name} ended {HOPELESS} times before it was ready. The end of its log, {}:\n{last}",
            log.display()
        ))
    }

    fn save(&self) -> Result<()> {
        self.snapshot().save(&self.layout.home)
    }

    fn snapshot(&self) -> State {
        let entries = self.processes.iter().map(|one| (one.process.name(), one.entry.clone()));
        State { processes: entries.collect(), ..self.state.clone() }
    }

    /// Stops everything, and says why if it was not asked for. The state is forgotten last: as long as it is
    /// there, somebody may have to finish this.
    fn end(&mut self, failure: Option<&Error>) {
        let home = &self.layout.home;
        self.state.phase = Phase::Stopping;
        let _disk_full = self.save();
        teardown::stop_all(home, &self.snapshot(), say);
        reap();
        match failure {
            Some(failure) => self.leave_word(&failure.to_string()),
            None => State::forget(home),
        }
        let _absent = std::fs::remove_file(home.pid_file("supervisor"));
        say("supervisor ends");
        if self.layout.plan.throwaway && failure.is_none() {
            let _best_effort = crate::home::wipe(home);
        }
    }

    fn leave_word(&self, failure: &str) {
        say(&format!("cannot start: {failure}"));
        let mut state = State::starting(&self.layout.home);
        state.phase = Phase::Failed(failure.to_owned());
        let _disk_full = state.save(&self.layout.home);
    }
}

/// Takes note of every child's end; there are none left when asking fails.
fn reap() {
    wait_until(Duration::from_secs(2), || rustix::process::wait(WaitOptions::NOHANG).is_err());
}

fn is_ready(process: &Supervised) -> bool {
    process.entry.condition == Condition::Ready
}
