//! `stack up`.

use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use rustix::process::Signal;

use super::screen::{Cell, Screen, Tone, heading, plain};
use super::status::{health, status};
use crate::demo::{self, PEOPLE};
use crate::environment::Environment;
use crate::error::Result;
use crate::home::Home;
use crate::layout::Layout;
use crate::stack::{Options, Stack};

/// Brings everything up and shows where it is.
pub(crate) fn up(options: &Options, with_demo: bool) -> Result<ExitCode> {
    let screen = Screen::new();
    let begun = Instant::now();
    let was_up = options.home.as_deref().and_then(Home::existing).is_some_and(|home| home.is_supervised());
    let stack = if was_up { join(&screen, options)? } else { start(&screen, options)? };
    let mut wanted = options.environments().into_iter().filter(|_| with_demo);
    let demo = wanted.try_for_each(|environment| make_demo(&screen, &stack, environment));
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
    screen.line(format!("  {} {name:<18}{:>6.1} s", screen.paint("✓", Tone::Good), took.as_secs_f32()));
}

/// Joins a stack that is up already: replaces what was built anew since, and asks everybody how they are.
fn join(screen: &Screen, options: &Options) -> Result<Stack> {
    screen.line("Banter is already up.");
    let stack = follow(screen, options)?;
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
        if health(stack.layout(), &name, &entry)?.0 != "ok" {
            stack.wait_ready(&name, Duration::from_secs(30))?;
        }
    }
    Ok(stack)
}

/// Starts those of our processes again whose program was built anew since they started.
fn renew(screen: &Screen, stack: &Stack) -> Result<()> {
    for (name, entry) in stack.entries() {
        let ours = stack.layout().process(&name)?.is_ours();
        if let Some(outdated) = entry.running().filter(|ident| ours && runs_a_replaced_binary(ident.pid)) {
            outdated.signal(Signal::TERM);
            let _waited = outdated.wait_gone(Duration::from_secs(20));
            stack.wait_ready(&name, Duration::from_mins(1))?;
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

fn make_demo(screen: &Screen, stack: &Stack, environment: Environment) -> Result<()> {
    let spinner = spinner("making demo data …");
    let begun = Instant::now();
    let made = super::runtime()?.block_on(demo::ensure(stack, environment));
    spinner.finish_and_clear();
    if let Some(made) = made? {
        step(screen, &environment.own("demo data"), begun.elapsed());
        screen.line(format!("    {made}"));
    }
    Ok(())
}

fn show_addresses(screen: &Screen, stack: &Stack) {
    let layout = stack.layout();
    let mut rows = if layout.plan.services { gateway_rows(layout) } else { Vec::new() };
    let secrets = layout.home.path("secrets.json");
    for (title, name) in [("Postgres", "postgres"), ("RabbitMQ", "rabbitmq")] {
        let address = format!("127.0.0.1:{}   (passwords in {})", layout.port(name), secrets.display());
        rows.push(vec![plain(title), plain(address)]);
    }
    let logs = format!("make logs   (in {})", layout.home.path("log").display());
    let hints = [("Logs", logs.as_str()), ("Status", "make status"), ("Stop", "make down")];
    rows.extend(hints.map(|(what, how)| vec![plain(what), plain(how)]));
    screen.table(&rows);
    show_people(screen, stack);
    screen.line("");
}

/// Where each environment is reached; the only one needs no name.
fn gateway_rows(layout: &Layout) -> Vec<Vec<Cell>> {
    let environments = &layout.plan.environments;
    let title = |one: Environment| match environments.len() {
        1 => "Gateway".to_owned(),
        _ => format!("Gateway, {}", one.name()),
    };
    let row = |one: &Environment| vec![plain(title(*one)), (layout.public(*one), Tone::Strong)];
    environments.iter().map(row).collect()
}

fn show_people(screen: &Screen, stack: &Stack) {
    let environments = &stack.layout().plan.environments;
    let peopled = environments.iter().filter(|environment| demo::is_there(stack, **environment));
    let mut rows = vec![heading(&["SIGN IN AS", "PASSWORD", "ROLE", "ENVIRONMENT"])];
    rows.extend(peopled.flat_map(|environment| people(stack, *environment)));
    if environments.len() == 1 {
        for row in &mut rows {
            row.truncate(3);
        }
    }
    if rows.len() > 1 {
        screen.line("");
        screen.table(&rows);
    }
}

fn people(stack: &Stack, environment: Environment) -> impl Iterator<Item = Vec<Cell>> {
    PEOPLE.iter().map(move |person| {
        let password = demo::password(stack, environment, person);
        let (role, environment) = (plain(person.role), plain(environment.name()));
        vec![plain(person.email()), (password, Tone::Strong), role, environment]
    })
}
