//! Starting a supervisor: settles the plan with what is still running, then lets go of it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::environment::{Environment, union};
use crate::error::{Context, Error, Result};
use crate::home::{Home, PLAN};
use crate::layout::{Layout, Plan};
use crate::ports;
use crate::secrets::Secrets;
use crate::state::{Phase, State};
use crate::table::{Process, SERVICES, secret_names};
use crate::teardown;

/// Closes everything but the three standard streams, then becomes the given command.
const CLOSE_THE_REST: &str = r#"
for fd in /proc/$BASHPID/fd/*; do
    fd=${fd##*/}
    if (( fd > 2 )); then eval "exec $fd>&-"; fi
done
exec "$@"
"#;

/// Starts a supervisor that lives on after the caller.
pub(crate) fn launch(home: &Home, plan: Plan) -> Result<()> {
    settle(home, plan)?;
    let program = plan_binary(home)?;
    let log = home.open_log("supervisor")?;
    let also = log.try_clone().context(|| "cannot share a log")?;
    // Whatever else the caller has open (a build tool's job server, a pipe that somebody reads to its end) must
    // not stay open for as long as the stack runs; the standard library can only close the three streams.
    let mut command = Command::new("bash");
    command.args(["-c", CLOSE_THE_REST, "bash"]);
    command.arg(program).arg("--home").arg(home.root()).arg("supervise").current_dir(home.root());
    command.stdin(Stdio::null()).stdout(log).stderr(also);
    let started = command.spawn().context(|| "cannot start the supervisor")?;
    reap_later(started);
    Ok(())
}

/// Gives a stack that runs a wider plan, under a supervisor of its own: only the gateway starts anew.
pub(crate) fn relaunch(home: &Home, plan: Plan) -> Result<()> {
    // Asked before anything is touched.
    check_gateway_port(&plan, &State::load(home).unwrap_or_else(|| State::starting(home)))?;
    teardown::release(home);
    launch(home, plan)
}

/// The supervisor is our child for as long as we live: somebody must take note of its end.
fn reap_later(mut child: std::process::Child) {
    std::thread::spawn(move || child.wait());
}

fn plan_binary(home: &Home) -> Result<std::path::PathBuf> {
    Layout::load(home)?.binary("stack")
}

/// Writes the plan. What an earlier supervisor left running stays if it fits the plan, and is stopped if not.
fn settle(home: &Home, mut plan: Plan) -> Result<()> {
    let mut state = State::load(home).unwrap_or_else(|| State::starting(home));
    plan.environments = union(&plan.environments, &running_environments(&state));
    Secrets::ensure(home, secret_names(&plan.environments))?;
    let earlier: Option<Plan> = home.read(PLAN).filter(|plan: &Plan| plan.home == home.root());
    let held = earlier.as_ref().map(|earlier| earlier.ports.clone()).unwrap_or_default();
    plan.ports = choose_ports(home, &plan, &held, &state)?;
    let moved = held.iter().any(|(name, port)| plan.ports.get(name).is_some_and(|chosen| chosen != port));
    if moved || earlier.is_none() || !anything_runs(&state) {
        teardown::stop_all(home, &state, |_| ());
    } else if earlier.is_some_and(|earlier| earlier.environments != plan.environments) {
        // It reads only when it starts whom it leads to.
        teardown::stop_gateway(&mut state);
    }
    check_gateway_port(&plan, &state)?;
    state.phase = Phase::Starting;
    state.save(home)?;
    home.write(PLAN, &plan)
}

fn choose_ports(
    home: &Home,
    plan: &Plan,
    held: &BTreeMap<String, u16>,
    state: &State,
) -> Result<BTreeMap<String, u16>> {
    let names: Vec<_> = plan.processes().into_iter().flat_map(Process::port_names).collect();
    let runs = |name: &str| {
        let process = name.split('/').next().unwrap_or(name);
        state.entry(process).running().is_some()
    };
    let mut ports = ports::assign(held, &names, runs, seed(home))?;
    if let Some(wanted) = plan.gateway_port.filter(|_| plan.services) {
        ports.insert("gateway".to_owned(), wanted);
    }
    Ok(ports)
}

fn seed(home: &Home) -> u64 {
    let digest = Sha256::digest(home.root().as_os_str().as_encoded_bytes());
    digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// What runs stays, even if it was not asked for again.
fn running_environments(state: &State) -> Vec<Environment> {
    let runs = |one: &Environment| {
        SERVICES.iter().any(|service| state.entry(&one.own(service.name)).running().is_some())
    };
    Environment::ALL.into_iter().filter(runs).collect()
}

fn anything_runs(state: &State) -> bool {
    state.processes.values().any(|entry| entry.running().is_some())
}

/// The gateway's port is the one address people type, so it is never silently another one.
fn check_gateway_port(plan: &Plan, state: &State) -> Result<()> {
    let Some(port) = plan.gateway_port.filter(|_| plan.services) else { return Ok(()) };
    if state.entry("gateway").running().is_some() || ports::is_free(port) {
        return Ok(());
    }
    let holder = ports::holder(port);
    Err(Error::new(format!(
        "port {port} is taken by {holder}\nStop it, or choose another port: make up PORT={}",
        port.saturating_add(1)
    )))
}
