//! What was measured, against what was wanted.

use std::io::Write as _;

/// What a figure should reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// The more the better: what it must reach, and what we aim at.
    AtLeast(f64, f64),
    /// The less the better.
    AtMost(f64, f64),
    /// Nobody said.
    Open,
}

impl Bound {
    fn verdict(self, value: f64) -> &'static str {
        let (must, goal) = match self {
            Self::AtLeast(must, goal) => (value >= must, value >= goal),
            Self::AtMost(must, goal) => (value <= must, value <= goal),
            Self::Open => return "",
        };
        match (must, goal) {
            (_, true) => "goal",
            (true, false) => "must",
            (false, false) => "SHORT",
        }
    }

    fn cells(self) -> [String; 2] {
        match self {
            Self::AtLeast(must, goal) | Self::AtMost(must, goal) => [number(must), number(goal)],
            Self::Open => [String::new(), String::new()],
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
struct Line {
    what: String,
    value: f64,
    unit: &'static str,
    bound: Bound,
    figures: String,
}

/// All that was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
    rates: Vec<(&'static str, &'static str, f64)>,
    skipped: Vec<String>,
}

impl Report {
    /// Notes a figure; `figures` say what it is made of.
    pub(crate) fn note(
        &mut self,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        bound: Bound,
        figures: impl Into<String>,
    ) {
        let line = Line { what: what.into(), value, unit, bound, figures: figures.into() };
        say(&format!("  {}: {}{} ({})", line.what, number(value), unit, line.figures));
        self.lines.push(line);
    }

    /// Keeps a rate at one size of the data, to be compared with the same at another.
    pub(crate) fn keep(&mut self, what: &'static str, scale: &'static str, rate: f64) {
        self.rates.push((what, scale, rate));
    }

    /// The rates of this, in the order in which the sizes were measured.
    pub(crate) fn kept(&self, what: &str) -> Vec<(&'static str, f64)> {
        self.rates.iter().filter(|(name, ..)| *name == what).map(|(_, scale, rate)| (*scale, *rate)).collect()
    }

    /// Notes what was not measured, and why.
    pub(crate) fn skip(&mut self, why: impl Into<String>) {
        let why = why.into();
        say(&format!("  skipped: {why}"));
        self.skipped.push(why);
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        let mut rows = vec![["", "reached", "", "must", "goal", "figures"].map(str::to_owned)];
        rows.extend(self.lines.iter().map(|line| {
            let [must, goal] = line.bound.cells();
            let (value, verdict) =
                (format!("{}{}", number(line.value), line.unit), line.bound.verdict(line.value));
            [line.what.clone(), value, verdict.to_owned(), must, goal, line.figures.clone()]
        }));
        let widths = widths(&rows);
        say("");
        for (index, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            say(&format!("| {} |", cells.collect::<Vec<_>>().join(" | ")));
            if index == 0 {
                say(&format!("|{}|", widths.map(|width| "-".repeat(width + 2)).join("|")));
            }
        }
        self.skipped.iter().for_each(|why| say(&format!("not measured: {why}")));
    }
}

fn widths(rows: &[[String; 6]]) -> [usize; 6] {
    rows.iter().fold([0; 6], |mut widths, row| {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
        widths
    })
}

/// With as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    if value.abs() >= 20.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Tells the one who waits.
pub(crate) fn say(line: &str) {
    let _closed = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_reaches_its_goal_what_it_must_or_neither() {
        let ratio = Bound::AtLeast(0.35, 0.55);
        assert_eq!([0.6, 0.4, 0.3].map(|value| ratio.verdict(value)), ["goal", "must", "SHORT"]);
        let latency = Bound::AtMost(80.0, 40.0);
        assert_eq!([30.0, 60.0, 90.0].map(|value| latency.verdict(value)), ["goal", "must", "SHORT"]);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
