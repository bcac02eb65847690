//! `stack run`: a command with servers of its own.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Context, Error, Result};
use crate::ident::Ident;
use crate::stack::{Options, Stack};

/// How long an interrupted command may take to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a command with a throw-away Postgres and RabbitMQ, and ends as it ends.
pub(crate) fn run(command: &[OsString]) -> Result<ExitCode> {
    let begun = Instant::now();
    let stack = Stack::up(&Options { servers_only: true, ..Options::default() })?;
    let seconds = begun.elapsed().as_secs_f32();
    let _closed = writeln!(std::io::stderr(), "Postgres and RabbitMQ of our own are up ({seconds:.1} s).");
    let code = super::runtime()?.block_on(with_servers(&stack, command));
    drop(stack);
    code
}

async fn with_servers(stack: &Stack, command: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().ok_or_else(|| Error::new("no command"))?;
    let listen = |kind| signal(kind).context(|| "cannot listen to signals");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let mut hangup = listen(SignalKind::hangup())?;
    let mut child = Command::new(program)
        .args(arguments)
        .env("BANTER_TEST_DATABASE_URL", stack.database_url("postgres"))
        .env("BANTER_TEST_BROKER_URL", stack.broker_url())
        .spawn()
        .context(|| format!("cannot run {}", program.display()))?;
    let status = tokio::select! {
        status = child.wait() => return status.map(code).context(|| "cannot wait for the command"),
        _ = interrupt.recv() => end(&mut child, Signal::INT).await,
        _ = terminate.recv() => end(&mut child, Signal::TERM).await,
        _ = hangup.recv() => end(&mut child, Signal::HUP).await,
    };
    Ok(status)
}

/// Passes a signal on and waits for the command to end. Our own code says which signal it was.
async fn end(child: &mut Child, signal: Signal) -> ExitCode {
    let ident = child.id().and_then(|pid| Ident::of(i32::try_from(pid).ok()?));
    if let Some(ident) = ident {
        ident.signal(signal);
    }
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        let _gone_meanwhile = child.kill().await;
    }
    by_signal(signal.as_raw())
}

/// As a shell says it: 128 and the number of the signal.
fn by_signal(number: i32) -> ExitCode {
    ExitCode::from(u8::try_from(128 + number).unwrap_or(1))
}

fn code(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        (None, Some(number)) => by_signal(number),
        (None, None) => ExitCode::FAILURE,
    }
}
