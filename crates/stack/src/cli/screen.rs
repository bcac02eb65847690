//! What the commands print: aligned tables, and colour only for people's eyes.

use std::io::{IsTerminal, Stdout, Write};

/// Where the results of a command go.
pub(crate) struct Screen {
    out: Stdout,
    colour: bool,
}

/// What a piece of text means.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// Nothing special.
    Plain,
    /// The one thing to look at.
    Strong,
    /// Beside the point.
    Faint,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// On its way.
    Soon,
}

/// A text and what it means.
pub(crate) type Cell = (String, Tone);

impl Screen {
    /// Standard output.
    pub(crate) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let out = std::io::stdout();
        let colour = wanted && out.is_terminal();
        Self { out, colour }
    }

    /// Prints a line; a reader that has gone away ends the program quietly, as it does others.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        if writeln!(self.out.lock(), "{}", text.as_ref()).is_err() {
            std::process::exit(0);
        }
    }

    /// A text in its tone.
    pub(crate) fn paint(&self, text: &str, tone: Tone) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Soon => "33",
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints rows in columns, each as wide as its widest text.
    pub(crate) fn table(&self, rows: &[Vec<Cell>]) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<_> = (0..columns).map(|column| width(rows, column)).collect();
        for row in rows {
            let cells = row.iter().zip(&widths).map(|((text, tone), width)| {
                let gap = " ".repeat(width.saturating_sub(text.chars().count()));
                self.paint(text, *tone) + &gap
            });
            self.line(format!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end()));
        }
    }
}

fn width(rows: &[Vec<Cell>], column: usize) -> usize {
    rows.iter().filter_map(|row| row.get(column)).map(|(text, _)| text.chars().count()).max().unwrap_or(0)
}

/// A heading row.
pub(crate) fn heading(titles: &[&str]) -> Vec<Cell> {
    titles.iter().map(|title| ((*title).to_owned(), Tone::Faint)).collect()
}

/// A plain cell. What others wrote must not steer the terminal.
pub(crate) fn plain(text: impl AsRef<str>) -> Cell {
    (text.as_ref().replace(char::is_control, " "), Tone::Plain)
}
