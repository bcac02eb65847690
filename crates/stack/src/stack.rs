//! A running stack as a value: for the command line, and for tests that want a whole system of their own.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::environment::{Environment, union};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::ident::{Ident, wait_until};
use crate::launch::{launch, relaunch};
use crate::layout::{Layout, Plan, binaries};
use crate::state::{Condition, Entry, Phase, State};
use crate::{teardown, throwaway};

/// How long a stack may take to come up: a broker that recovers after a crash needs up to 20 s.
const PATIENCE: Duration = Duration::from_mins(3);

/// What stack to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Its home; without one it gets a throw-away home, and ends with the process that started it.
    pub home: Option<PathBuf>,
    /// The gateway's port; without one, any free port.
    pub gateway_port: Option<u16>,
    /// The environments; when none is named, production.
    pub environments: Vec<Environment>,
    /// Only Postgres and RabbitMQ, without services and gateway.
    pub servers_only: bool,
    /// Ends with the process that starts it, even with a home; the data stays then.
    pub bound: bool,
}

impl Options {
    /// The environments that are asked for.
    pub(crate) fn environments(&self) -> Vec<Environment> {
        let named = union(&self.environments, &[]);
        if named.is_empty() { vec![Environment::Production] } else { named }
    }
}

/// A stack that runs. One that is bound to us is stopped when this is dropped, and a throw-away one deleted, too; any
/// other goes on.
pub struct Stack {
    layout: Layout,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Stack").field("home", &self.layout.home).finish_non_exhaustive()
    }
}

impl Stack {
    /// Starts a stack, or joins the one that runs in this home, and waits until every process is ready.
    ///
    /// # Errors
    /// When a program is missing, a port is taken, or a process does not get ready; nothing keeps running then.
    pub fn up(options: &Options) -> Result<Self> {
        Self::up_telling(options, |_, _| ())
    }

    /// Like [`Stack::up`]; `told` hears of every process that gets ready, and how long that took.
    ///
    /// # Errors
    /// As [`Stack::up`].
    pub fn up_telling(options: &Options, told: impl FnMut(&str, Duration)) -> Result<Self> {
        let home = match &options.home {
            Some(root) => Home::create(root)?,
            None => throwaway::create()?,
        };
        if home.is_supervised() {
            let mut stack = Self { layout: Layout::load(&home)? };
            stack.widen(options, told)?;
            return Ok(stack);
        }
        launch(&home, plan(&home, options)?)?;
        // Made before it is up, so that dropping it cleans up after a failure.
        let stack = Self { layout: Layout::load(&home)? };
        if let Err(failure) = wait_up(&home, Vec::new(), told) {
            stack.down();
            return Err(failure);
        }
        Ok(stack)
    }

    /// Adds environments to this stack while it runs, and waits until they are ready. The gateway starts anew to lead to
    /// them; nothing else is touched.
    ///
    /// # Errors
    /// When a process does not get ready; the stack is stopped then.
    pub fn add(&mut self, environments: &[Environment]) -> Result<()> {
        let options = Options { environments: environments.to_vec(), ..Options::default() };
        self.widen(&options, |_, _| ())
    }

    /// Starts what `options` ask for and this stack has not; waits until it is up in any case.
    fn widen(&mut self, options: &Options, told: impl FnMut(&str, Duration)) -> Result<()> {
        let home = self.layout.home.clone();
        let ready = self.state().ready();
        if let Some(wider) = self.wider(options) {
            check_binaries(&home, &wider)?;
            relaunch(&home, wider)?;
            self.layout = Layout::load(&home)?;
        }
        let up = wait_up(&home, ready, told);
        up.inspect_err(|_| self.down())
    }

    /// The plan that has what `options` ask for, too; `None` when this stack's own has it all.
    fn wider(&self, options: &Options) -> Option<Plan> {
        let mut plan = self.layout.plan.clone();
        if options.servers_only {
            return None;
        }
        if plan.services {
            plan.environments = union(&plan.environments, &options.environments());
        } else {
            plan = Plan { environments: options.environments(), gateway_port: options.gateway_port, ..plan };
        }
        let wider = !plan.services || plan.environments != self.layout.plan.environments;
        wider.then_some(Plan { services: true, ..plan })
    }

    /// The stack that runs in this home.
    ///
    /// # Errors
    /// When none does.
    pub fn running(root: &Path) -> Result<Self> {
        let none = || Error::new(format!("no stack runs in {}: start it with `make up`", root.display()));
        let home = Home::existing(root).filter(|home| State::load(home).is_some()).ok_or_else(none)?;
        Ok(Self { layout: Layout::load(&home)? })
    }

    /// The gateway's address, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.layout.http("gateway")
    }

    /// The host by which the gateway knows an environment, with its port, such as `preview.localhost:8080`. Not every
    /// system resolves such names: a `Host` header does in any case.
    #[must_use]
    pub fn host(&self, environment: Environment) -> String {
        format!("{}:{}", environment.host(), self.layout.port("gateway"))
    }

    /// The address of a service behind the gateway, such as `http://127.0.0.1:21003`.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn url(&self, process: &str) -> Result<String> {
        self.layout.process(process)?;
        Ok(self.layout.http(process))
    }

    /// The address of the metrics of one of our own processes.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn metrics_url(&self, process: &str) -> Result<String> {
        self.layout.process(process)?;
        Ok(format!("{}/metrics", self.layout.http(&format!("{process}/metrics"))))
    }

    /// A superuser's URL of a Postgres database: [`Environment::database`] holds the services' schemas.
    #[must_use]
    pub fn database_url(&self, database: &str) -> String {
        self.layout.admin_url(database)
    }

    /// The broker's URL; its user is an administrator.
    #[must_use]
    pub fn broker_url(&self) -> String {
        self.layout.broker_url()
    }

    /// The home, with `run/<process>.pid` and `log/<process>.log`.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.layout.home
    }

    /// What the supervisor knows of each process, in the order in which they start.
    #[must_use]
    pub fn entries(&self) -> Vec<(String, Entry)> {
        let state = self.state();
        self.layout.processes().iter().map(|one| (one.name(), state.entry(&one.name()))).collect()
    }

    /// Kills a process as a crash would (SIGKILL) and returns when it is gone; the supervisor starts it again.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&self, process: &str) -> Result<()> {
        let ident = self.ident(process)?;
        ident.kill();
        gone(process, ident)
    }

    /// Stops a process gently, and keeps it down until [`Stack::start`].
    ///
    /// # Errors
    /// When it does not run, or does not stop.
    pub fn stop(&self, process: &str) -> Result<()> {
        let ident = self.ident(process)?;
        crate::home::replace(&self.layout.home.hold_file(process), b"")?;
        ident.signal(teardown::gentle(self.layout.process(process)?));
        gone(process, ident)?;
        self.wait_held(process)
    }

    /// Kills a process as a crash would, and keeps it down until [`Stack::start`].
    ///
    /// # Errors
    /// When it does not run.
    pub fn knock_out(&self, process: &str) -> Result<()> {
        crate::home::replace(&self.layout.home.hold_file(process), b"")?;
        self.kill(process)?;
        self.wait_held(process)
    }

    /// The supervisor has noticed that a process is to stay down.
    fn wait_held(&self, process: &str) -> Result<()> {
        let held = || self.state().entry(process).condition == Condition::Held;
        let unnoticed = || Error::new(format!("the supervisor does not notice that {process} is held"));
        wait_until(Duration::from_secs(5), held).then_some(()).ok_or_else(unnoticed)
    }

    /// Lets a process run again that was kept down, and waits until it is ready.
    ///
    /// # Errors
    /// When it does not get ready in time.
    pub fn start(&self, process: &str) -> Result<()> {
        self.layout.process(process)?;
        let _not_held = std::fs::remove_file(self.layout.home.hold_file(process));
        self.wait_ready(process, PATIENCE)
    }

    /// Waits until a process runs and says that it is ready.
    ///
    /// # Errors
    /// When it does not within `patience`; says what it answered last.
    pub fn wait_ready(&self, process: &str, patience: Duration) -> Result<()> {
        let asked = self.layout.process(process)?;
        let mut last = "it does not run".to_owned();
        let ready = wait_until(patience, || {
            let runs = self.state().entry(process).running().is_some();
            match if runs { asked.probe(&self.layout) } else { Err("it does not run".to_owned()) } {
                Ok(()) => true,
                Err(why) => {
                    last = why;
                    false
                }
            }
        });
        if ready { Ok(()) } else { Err(Error::new(format!("{process} is not ready: {last}"))) }
    }

    /// Waits until every process is ready.
    ///
    /// # Errors
    /// When one is not within `patience`.
    pub fn wait_all_ready(&self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        let left = || deadline.saturating_duration_since(Instant::now());
        self.layout.processes().iter().try_for_each(|process| self.wait_ready(&process.name(), left()))
    }

    /// Stops every process of the stack.
    pub fn down(&self) {
        teardown::down(&self.layout.home, |_| ());
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    fn state(&self) -> State {
        State::load(&self.layout.home).unwrap_or_else(|| State::starting(&self.layout.home))
    }

    fn ident(&self, process: &str) -> Result<Ident> {
        self.layout.process(process)?;
        let absent = || Error::new(format!("{process} does not run"));
        self.state().entry(process).running().ok_or_else(absent)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let ours = self.layout.plan.owner.is_some_and(|owner| Some(owner) == Ident::of_self());
        if ours {
            self.down();
        }
        if ours && self.layout.plan.throwaway {
            let _removed_by_its_supervisor = crate::home::wipe(&self.layout.home);
        }
    }
}

fn gone(process: &str, ident: Ident) -> Result<()> {
    let stuck = || Error::new(format!("{process} (pid {}) does not end", ident.pid));
    ident.wait_gone(Duration::from_secs(30)).then_some(()).ok_or_else(stuck)
}

fn plan(home: &Home, options: &Options) -> Result<Plan> {
    let throwaway = options.home.is_none();
    let plan = Plan {
        home: home.root().to_owned(),
        services: !options.servers_only,
        environments: options.environments(),
        gateway_port: options.gateway_port,
        throwaway,
        owner: Ident::of_self().filter(|_| throwaway || options.bound),
        binaries: binaries()?,
        ports: std::collections::BTreeMap::default(),
    };
    check_binaries(home, &plan)?;
    Ok(plan)
}

/// Everything that a plan needs was built.
fn check_binaries(home: &Home, plan: &Plan) -> Result<()> {
    let layout =
        Layout { home: home.clone(), plan: plan.clone(), secrets: crate::secrets::Secrets::default() };
    let mut ours = layout.processes().into_iter().filter(|process| process.is_ours());
    ours.try_for_each(|process| layout.binary(process.program()).map(drop))
}

/// Follows the supervisor's notes until everything has been ready; nothing is told of those that are `known` to be.
fn wait_up(home: &Home, mut known: Vec<String>, mut told: impl FnMut(&str, Duration)) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut unsupervised = 0;
    while Instant::now() < deadline {
        if let Some(state) = State::load(home) {
            tell_ready(&state, &mut known, &mut told);
            match state.phase {
                Phase::Up => return Ok(()),
                Phase::Failed(why) => return Err(Error::new(why)),
                Phase::Starting | Phase::Stopping => (),
            }
        }
        // A supervisor that was just started may not have its lock yet.
        unsupervised = if home.is_supervised() { 0 } else { unsupervised + 1 };
        if unsupervised > 100 {
            return Err(Error::new("the supervisor has ended"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Error::new(format!("not everything is ready after {} s", PATIENCE.as_secs())))
}

fn tell_ready(state: &State, known: &mut Vec<String>, told: &mut impl FnMut(&str, Duration)) {
    for (name, entry) in &state.processes {
        if let Some(took) = entry.ready_ms.filter(|_| !known.contains(name)) {
            known.push(name.clone());
            told(name, Duration::from_millis(took));
        }
    }
}
