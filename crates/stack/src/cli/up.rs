//! `stack up`.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use rustix::process::Signal;

use super::screen::{Screen, Tone, heading, plain};
use super::status::{health, status};
use crate::demo::{self, PEOPLE};
use crate::error::Result;
use crate::home::Home;
use crate::stack::{Options, Stack};

/// Brings everything up and shows where it is.
pub(crate) fn up(options: &Options, with_demo: bool) -> Result<ExitCode> {
    let screen = Screen::new();
    let begun = Instant::now();
    let was_up = options.home.as_deref().and_then(Home::existing).is_some_and(|home| home.is_supervised());
    let stack = if was_up { join(&screen, options)? } else { start(&screen, options)? };
    let demo = if with_demo { show_demo(&screen, &stack) } else { Ok(()) };
    let seconds = begun.elapsed().as_secs_f32();
    screen.line(format!("\n{} ({seconds:.1} s)\n", screen.paint("Banter is up.", Tone::Strong)));
    show_addresses(&screen, &stack);
    demo?;
    if was_up { status(&stack) } else { Ok(ExitCode::SUCCESS) }
}

fn start(screen: &Screen, options: &Options) -> Result<Stack> {
    if let Some(home) = &options.home {
        screen.line(format!("Starting Banter in {}", home.display()));
    }
    follow(screen, options)
}

fn follow(screen: &Screen, options: &Options) -> Result<Stack> {
    let spinner = spinner("waiting for the servers and services …");
    let outcome = Stack::up_telling(options, |name, took| {
        spinner.suspend(|| step(screen, name, took));
    });
    spinner.finish_and_clear();
    outcome
}

/// Something that moves while there is nothing to tell yet; only on a terminal.
fn spinner(message: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.set_draw_target(ProgressDrawTarget::stderr());
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn step(screen: &Screen, name: &str, took: Duration) {
    screen.line(format!("  {} {name:<12}{:>6.1} s", screen.paint("✓", Tone::Good), took.as_secs_f32()));
}

/// Joins a stack that is up already: replaces what was built anew since, and asks everybody how they are.
fn join(screen: &Screen, options: &Options) -> Result<Stack> {
    screen.line("Banter is already up.");
    let stack = Stack::up(options)?;
    if let Some(wanted) = options
        .gateway_port
        .filter(|port| stack.layout().plan.services && *port != stack.layout().port("gateway"))
    {
        screen.line(format!(
            "Its gateway is not on port {wanted}: to move it, stop it first with `make down`."
        ));
    }
    renew(screen, &stack)?;
    for (name, entry) in stack.entries() {
        if health(stack.layout(), name, &entry)?.0 != "ok" {
            stack.wait_ready(name, Duration::from_secs(30))?;
        }
    }
    Ok(stack)
}

/// Starts those of our processes again whose program was built anew since they started.
fn renew(screen: &Screen, stack: &Stack) -> Result<()> {
    for (name, entry) in stack.entries() {
        let ours = stack.layout().process(name)?.is_ours();
        if let Some(outdated) = entry.running().filter(|ident| ours && runs_a_replaced_binary(ident.pid)) {
            outdated.signal(Signal::TERM);
            let _waited = outdated.wait_gone(Duration::from_secs(20));
            stack.wait_ready(name, Duration::from_mins(1))?;
            screen.line(format!("  {} {name} restarted: it was built anew", screen.paint("✓", Tone::Good)));
        }
    }
    Ok(())
}

/// The kernel marks the program of a process as deleted when another file has taken its place.
fn runs_a_replaced_binary(pid: i32) -> bool {
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    program.to_string_lossy().ends_with(" (deleted)")
}

fn show_demo(screen: &Screen, stack: &Stack) -> Result<()> {
    let spinner = spinner("making demo data …");
    let begun = Instant::now();
    let made = super::runtime()?.block_on(demo::ensure(stack));
    spinner.finish_and_clear();
    if let Some(demo::Made { conversations, messages }) = made? {
        step(screen, "demo data", begun.elapsed());
        screen.line(format!("    {conversations} conversations, {messages} messages"));
    }
    Ok(())
}

fn show_addresses(screen: &Screen, stack: &Stack) {
    let layout = stack.layout();
    let mut rows = Vec::new();
    if layout.plan.services {
        let gateway = format!("http://localhost:{}", layout.port("gateway"));
        rows.push(vec![plain("Gateway"), (gateway, Tone::Strong)]);
    }
    let secrets = layout.home.path("secrets.json");
    for (title, name) in [("Postgres", "postgres"), ("RabbitMQ", "rabbitmq")] {
        let address = format!("127.0.0.1:{}   (passwords in {})", layout.port(name), secrets.display());
        rows.push(vec![plain(title), plain(address)]);
    }
    let logs = format!("make logs   (in {})", layout.home.path("log").display());
    let hints = [("Logs", logs.as_str()), ("Status", "make status"), ("Stop", "make down")];
    rows.extend(hints.map(|(what, how)| vec![plain(what), plain(how)]));
    screen.table(&rows);
    if demo::is_there(stack) {
        screen.line("");
        show_people(screen, stack);
    }
    screen.line("");
}

fn show_people(screen: &Screen, stack: &Stack) {
    let mut rows = vec![heading(&["SIGN IN AS", "PASSWORD", "ROLE"])];
    for person in &PEOPLE {
        let password = demo::password(stack, person);
        rows.push(vec![plain(person.email()), (password, Tone::Strong), plain(person.role)]);
    }
    screen.table(&rows);
}
