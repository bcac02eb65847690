//! `stack dlq`.

use std::process::ExitCode;

use events::dead_letters::{self, DeadLetter};

use super::screen::{Cell, Screen, heading, plain};
use crate::environment::Environment;
use crate::error::{Context, Result};
use crate::stack::Stack;
use crate::table::{self, SERVICES};

/// Shows how many dead letters there are, and the first `max` of each queue.
pub(crate) fn list(
    stack: &Stack,
    environment: Environment,
    service: Option<&str>,
    max: u32,
) -> Result<ExitCode> {
    let (screen, runtime, broker) = (Screen::new(), super::runtime()?, stack.layout().broker(environment));
    for name in services(service)? {
        let pile = runtime.block_on(dead_letters::list(&broker, name, max));
        let Some(pile) = pile.context(|| "cannot look at the dead letters")? else {
            screen.line(format!("{name}: takes in no events"));
            continue;
        };
        screen.line(format!("{name}: {}", letters(pile.count)));
        if !pile.first.is_empty() {
            let rows = [heading(&["ID", "TYPE", "DIED", "TIMES", "REASON"])];
            let rows: Vec<_> = rows.into_iter().chain(pile.first.iter().map(row)).collect();
            screen.table(&rows);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts dead letters back into the queue they came from.
pub(crate) fn replay(
    stack: &Stack,
    environment: Environment,
    service: Option<&str>,
    max: Option<u32>,
) -> Result<ExitCode> {
    let (screen, runtime, broker) = (Screen::new(), super::runtime()?, stack.layout().broker(environment));
    for name in services(service)? {
        let replayed = runtime.block_on(dead_letters::replay(&broker, name, max.unwrap_or(u32::MAX)));
        let replayed = replayed.context(|| "cannot put the dead letters back")?;
        let said =
            replayed.map_or("takes in no events".to_owned(), |count| letters(count) + " delivered again");
        screen.line(format!("{name}: {said}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn services(service: Option<&str>) -> Result<Vec<&'static str>> {
    match service {
        Some(name) => Ok(vec![table::service(name)?.name]),
        None => Ok(SERVICES.iter().map(|service| service.name).collect()),
    }
}

fn letters(count: u32) -> String {
    if count == 1 { "1 dead letter".to_owned() } else { format!("{count} dead letters") }
}

fn row(letter: &DeadLetter) -> Vec<Cell> {
    let DeadLetter { id, routing_key, reason, died_at, times, .. } = letter;
    let died = died_at.map(|died| died.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let dash = || "–".to_owned();
    vec![
        plain(id.clone().unwrap_or_else(dash)),
        plain(routing_key),
        plain(died.unwrap_or_else(dash)),
        plain(times.to_string()),
        plain(reason),
    ]
}
