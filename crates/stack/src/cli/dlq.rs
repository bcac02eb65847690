//! `stack dlq`.

use std::process::ExitCode;

use super::screen::{Cell, Screen, heading, plain};
use crate::dlq::{self, Letter};
use crate::error::Result;
use crate::stack::Stack;
use crate::table::{self, SERVICES};

/// Shows how many dead letters there are, and the first `max` of each queue.
pub(crate) fn list(stack: &Stack, service: Option<&str>, max: u32) -> Result<ExitCode> {
    let screen = Screen::new();
    let runtime = super::runtime()?;
    for name in services(service)? {
        let Some(pile) = runtime.block_on(dlq::list(&stack.broker_url(), name, max))? else {
            screen.line(format!("{name}: takes in no events"));
            continue;
        };
        screen.line(format!("{name}: {}", letters(pile.count)));
        if !pile.first.is_empty() {
            let rows = [heading(&["ID", "TYPE", "DIED", "REASON", "TIMES"])];
            let rows: Vec<_> = rows.into_iter().chain(pile.first.iter().map(row)).collect();
            screen.table(&rows);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts dead letters back into the queue they came from.
pub(crate) fn replay(stack: &Stack, service: Option<&str>, max: Option<u32>) -> Result<ExitCode> {
    let screen = Screen::new();
    let runtime = super::runtime()?;
    for name in services(service)? {
        let replayed = runtime.block_on(dlq::replay(&stack.broker_url(), name, max))?;
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

fn row(letter: &Letter) -> Vec<Cell> {
    let Letter { id, kind, died, reason, times } = letter;
    vec![plain(id), plain(kind), plain(died), plain(reason), plain(times)]
}
