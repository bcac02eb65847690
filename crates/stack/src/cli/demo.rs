//! `stack demo`.

use std::process::ExitCode;

use super::screen::Screen;
use crate::demo::{PEOPLE, make};
use crate::error::{Error, Result};

/// A variable, since arguments are for all to see.
const PASSWORD: &str = "BANTER_DEMO_PASSWORD";

/// Makes the demo data behind the gateway at `url`.
pub(super) fn demo(url: String) -> Result<ExitCode> {
    let password = std::env::var(PASSWORD).ok().filter(|password| !password.is_empty());
    let password = password.ok_or_else(|| Error::new(format!("{PASSWORD} is not set")))?;
    let made = super::runtime()?.block_on(make(url, None, |_| password.clone()))?;
    let screen = Screen::new();
    screen.line(format!("{made}, by"));
    for person in &PEOPLE {
        screen.line(format!("    {}", person.email()));
    }
    Ok(ExitCode::SUCCESS)
}
