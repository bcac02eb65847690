//! `stack generate`.

use std::process::ExitCode;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Screen;
use crate::error::{Context, Result};
use crate::generate::{Size, generate as make};
use crate::stack::Stack;

/// How often the bar is told: a message takes a few microseconds, telling takes longer.
const STRIDE: u64 = 4096;

/// Makes test data, and shows how far it has come.
pub(crate) fn generate(stack: &Stack, size: Size) -> Result<ExitCode> {
    let begun = Instant::now();
    let bar = ProgressBar::new(u64::try_from(size.messages).unwrap_or(0));
    let look = "  messages {bar:40} {human_pos} of {human_len}  {per_sec}  {eta} left";
    bar.set_style(ProgressStyle::with_template(look).context(|| "a wrong progress bar")?);
    let made = std::cell::Cell::new(0_u64);
    make(stack.layout(), size, || {
        made.set(made.get() + 1);
        if made.get().is_multiple_of(STRIDE) {
            bar.inc(STRIDE);
        }
    })?;
    bar.finish_and_clear();
    let Size { users, conversations, messages, .. } = size;
    let seconds = begun.elapsed().as_secs_f32();
    let made = format!("{users} users, {conversations} conversations, {messages} messages ({seconds:.1} s)");
    Screen::new().line(made);
    Ok(ExitCode::SUCCESS)
}
