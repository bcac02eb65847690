#![doc = include_str!("../README.md")]

mod cast;
mod load;
mod measures;
mod peers;
mod pgbench;
mod process;
mod projection;
mod report;
mod scripts;
mod stand;
mod upstream;
mod wait;
mod wire;

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};

use crate::measures::{Measure, Round};
use crate::report::Report;
use crate::stand::{INBOX, LARGE, SMALL, Scale, Stand, TINY};

/// What everything here returns.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// A failure in our own words.
pub(crate) fn wrong(text: impl Into<String>) -> Box<dyn Error + Send + Sync> {
    text.into().into()
}

/// Measures a stack of its own, and what the machine can do, in one run.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    /// Where the stacks and their data are kept, so that the next run need not make them again.
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    dir: PathBuf,
    /// How often everything is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long one measurement takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only some of it.
    #[arg(long, value_enum, num_args = 1.., value_name = "MEASURE")]
    only: Vec<Measure>,
    /// Without the ten million messages.
    #[arg(long)]
    small: bool,
    /// A few thousand messages, to try the bench itself: its figures mean nothing.
    #[arg(long)]
    tiny: bool,
    /// Only make the data.
    #[arg(long)]
    prepare: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Command {
    /// Answer everything with a kilobyte (what the gateway and nginx are measured in front of).
    #[command(hide = true)]
    Upstream { address: SocketAddr },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Some(Command::Upstream { address }) => upstream::serve(address),
        None => bench(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _closed = writeln!(std::io::stderr(), "bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &Arguments) -> Result<()> {
    let begun = Instant::now();
    let mut report = Report::default();
    let scales: &[Scale] = match (arguments.tiny, arguments.small) {
        (true, _) => &[TINY],
        (_, true) => &[SMALL, INBOX],
        _ => &[SMALL, LARGE, INBOX],
    };
    for scale in scales.iter().filter(|scale| measures::any(&arguments.only, **scale)) {
        let stand = Stand::up(&arguments.dir, *scale)?;
        if arguments.prepare {
            continue;
        }
        let mut round = Round::new(&stand, arguments.rounds, arguments.seconds, &mut report);
        measures::run(&mut round, &arguments.only)?;
        stand.check_numbers()?;
    }
    measures::growth(&mut report);
    report.print();
    report::say(&format!("{:.0} s in all", begun.elapsed().as_secs_f32()));
    Ok(())
}
