//! `stack status`.

use std::process::ExitCode;

use chrono::TimeDelta;
use kit::{Clock as _, SystemClock};

use super::screen::{Cell, Screen, Tone, heading, plain};
use crate::error::Result;
use crate::layout::Layout;
use crate::stack::Stack;
use crate::state::{Condition, Entry};
use crate::teardown::supervisor;

/// Shows every process; fails when one of them is not well.
pub(crate) fn status(stack: &Stack) -> Result<ExitCode> {
    let layout = stack.layout();
    let mut rows = vec![heading(&["PROCESS", "PID", "PORT", "UP FOR", "RESTARTS", "HEALTH"])];
    rows.push(supervisor_row(layout));
    for (name, entry) in stack.entries() {
        rows.push(row(layout, &name, &entry)?);
    }
    let healthy = !rows.iter().flatten().any(|(_, tone)| matches!(tone, Tone::Bad | Tone::Soon));
    Screen::new().table(&rows);
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn supervisor_row(layout: &Layout) -> Vec<Cell> {
    let alive = supervisor(&layout.home).filter(|_| layout.home.is_supervised());
    let pid = alive.map_or_else(|| "–".to_owned(), |ident| ident.pid.to_string());
    let health = match alive {
        Some(_) => ("ok".to_owned(), Tone::Good),
        None => ("dead: `make up` replaces it".to_owned(), Tone::Bad),
    };
    vec![plain("supervisor"), plain(pid), plain("–"), plain("–"), plain("–"), health]
}

fn row(layout: &Layout, name: &str, entry: &Entry) -> Result<Vec<Cell>> {
    let pid = entry.running().map_or_else(|| "–".to_owned(), |ident| ident.pid.to_string());
    let up_for = entry.since.map_or_else(|| "–".to_owned(), |since| duration(SystemClock.now() - since));
    Ok(vec![
        plain(name),
        plain(pid),
        plain(layout.port(name).to_string()),
        plain(up_for),
        plain(entry.restarts.to_string()),
        health(layout, name, entry)?,
    ])
}

/// How a process is, asked now.
pub(crate) fn health(layout: &Layout, name: &str, entry: &Entry) -> Result<Cell> {
    if entry.condition == Condition::Held {
        return Ok(("held down".to_owned(), Tone::Soon));
    }
    if entry.running().is_none() {
        return Ok(("down, about to start again".to_owned(), Tone::Bad));
    }
    Ok(match layout.process(name)?.probe(layout) {
        Ok(()) => ("ok".to_owned(), Tone::Good),
        Err(_) if entry.condition == Condition::Starting => ("starting".to_owned(), Tone::Soon),
        Err(why) => (why, Tone::Bad),
    })
}

/// A duration as people say it: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
fn duration(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        3600..86_400 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_said_in_two_units() {
        let said = |seconds| duration(TimeDelta::seconds(seconds));
        assert_eq!([said(-1), said(59), said(185)], ["0 s", "59 s", "3 min 5 s"]);
        assert_eq!([said(7800), said(273_600)], ["2 h 10 min", "3 d 4 h"]);
    }
}
