//! The commands that act and say in a line what they did.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use kit::{Clock as _, SystemClock};

use super::screen::{Screen, Tone};
use crate::child::our_command;
use crate::environment::Environment;
use crate::error::{Context, Result};
use crate::home::{Home, wipe as wipe_home};
use crate::stack::Stack;
use crate::{keys, table, teardown, throwaway};

/// `stack down`.
pub(crate) fn down(root: &Path, wipe: bool) -> Result<ExitCode> {
    throwaway::sweep();
    let screen = Screen::new();
    let begun = Instant::now();
    let Some(home) = Home::existing(root) else {
        let strays = teardown::sweep(&std::path::absolute(root).context(|| "cannot tell where that is")?);
        screen.line(if strays { "Stopped what a deleted home had left running." } else { "Nothing is up." });
        return Ok(ExitCode::SUCCESS);
    };
    let tick = screen.paint("✓", Tone::Good);
    let was_up = teardown::down(&home, |event| screen.line(format!("  {tick} {event}")));
    let seconds = begun.elapsed().as_secs_f32();
    screen.line(if was_up {
        format!("Banter is down ({seconds:.1} s).")
    } else {
        "Nothing is up.".to_owned()
    });
    if wipe {
        wipe_home(&home)?;
        screen.line(format!("Deleted {}.", home.root().display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// A command of a service, which does it with its own settings and says so in its own words.
pub(crate) fn ask(
    stack: &Stack,
    environment: Environment,
    service: &str,
    words: &[&str],
) -> Result<ExitCode> {
    let layout = stack.layout();
    let mut command = our_command(layout, layout.process(&environment.own(service))?)?;
    let status = command.args(words).status().context(|| format!("cannot run {service}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// `stack keys rotate`.
pub(crate) fn rotate(stack: &Stack, environment: Environment, service: &str) -> Result<ExitCode> {
    let name = environment.own(table::service(service)?.name);
    let done = keys::rotate(stack.home(), &name, SystemClock.now())?;
    let screen = Screen::new();
    screen.line(format!("{name} signs with {} in a minute.", done.created));
    for deleted in &done.deleted {
        screen.line(format!("Deleted {deleted}."));
    }
    Ok(ExitCode::SUCCESS)
}
