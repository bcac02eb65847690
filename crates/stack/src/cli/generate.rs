//! `stack generate`.

use std::cell::Cell;
use std::process::ExitCode;
use std::time::Instant;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Screen;
use crate::error::{Context, Result};
use crate::generate::threads::{self, Size as Market};
use crate::generate::{self, Size};
use crate::stack::Stack;

/// How often the bar is told: a message takes a few microseconds, telling takes longer.
const STRIDE: u64 = 4096;

/// What to make.
#[derive(Debug, Subcommand)]
pub(super) enum Wish {
    /// Conversations, for the messaging service.
    Conversations {
        /// How many people.
        #[arg(long, default_value_t = 10_000)]
        users: usize,
        /// How many conversations.
        #[arg(long, default_value_t = 50_000)]
        conversations: usize,
        /// How many messages.
        #[arg(long, default_value_t = 2_000_000)]
        messages: usize,
        /// How many of them in one conversation, at least.
        #[arg(long, default_value_t = 0)]
        longest: usize,
        /// In how many conversations one of the people is, at least.
        #[arg(long, default_value_t = 0)]
        busiest: usize,
    },
    /// Threads about listings, for the conversation service, and the listings, for the catalogue too.
    Threads {
        /// How many people.
        #[arg(long, default_value_t = 20_000)]
        users: usize,
        /// How many listings.
        #[arg(long, default_value_t = 25_000)]
        listings: usize,
        /// How many threads.
        #[arg(long, default_value_t = 200_000)]
        threads: usize,
        /// How many messages.
        #[arg(long, default_value_t = 2_000_000)]
        messages: usize,
        /// How many of them in each of the three longest threads, about.
        #[arg(long, default_value_t = 12_000)]
        longest: usize,
        /// In how many threads one of the people is, at least: who registered last of those who are there.
        #[arg(long, default_value_t = 2_000)]
        busiest: usize,
    },
}

impl Wish {
    /// Makes it, and shows how far it has come.
    pub(super) fn grant(self, stack: &Stack) -> Result<ExitCode> {
        match self {
            Self::Conversations { users, conversations, messages, longest, busiest } => {
                let size = Size { users, conversations, messages, longest, busiest };
                let what = format!("{users} users, {conversations} conversations, {messages} messages");
                watched(&what, "messages", messages, |told| generate::generate(stack.layout(), size, told))
            }
            Self::Threads { users, listings, threads, messages, longest, busiest } => {
                let size = Market { users, listings, threads, messages, longest, busiest };
                let what =
                    format!("{users} users, {listings} listings, {threads} threads, {messages} messages");
                // Each message is a row, and what it is found by is another.
                let rows = messages.saturating_mul(2);
                watched(&what, "rows", rows, |told| threads::generate(stack.layout(), size, told))
            }
        }
    }
}

/// Does something that tells of each of so many steps, under a bar.
fn watched(
    what: &str,
    unit: &str,
    steps: usize,
    make: impl FnOnce(&dyn Fn()) -> Result<()>,
) -> Result<ExitCode> {
    let (begun, done) = (Instant::now(), Cell::new(0_u64));
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(0));
    let look = format!("  {unit} {{bar:40}} {{human_pos}} of {{human_len}}  {{per_sec}}  {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&look).context(|| "a wrong progress bar")?);
    make(&|| {
        done.set(done.get() + 1);
        if done.get().is_multiple_of(STRIDE) {
            bar.inc(STRIDE);
        }
    })?;
    bar.finish_and_clear();
    Screen::new().line(format!("{what} ({:.1} s)", begun.elapsed().as_secs_f32()));
    Ok(ExitCode::SUCCESS)
}
