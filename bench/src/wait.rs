//! Waiting for something.

use std::time::{Duration, Instant};

use crate::{Result, wrong};

/// Looks whether something is so, again and again, with a pause between the looks.
///
/// # Errors
/// What the look says, or `else_say` when patience is over.
pub(crate) fn until(
    (patience, pause): (Duration, Duration),
    else_say: &str,
    mut is_so: impl FnMut() -> Result<bool>,
) -> Result<()> {
    let begun = Instant::now();
    while !is_so()? {
        if begun.elapsed() > patience {
            return Err(wrong(else_say));
        }
        std::thread::sleep(pause);
    }
    Ok(())
}
