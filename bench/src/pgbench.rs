//! What Postgres alone can do: pgbench with the statements of the service, word for word.
//!
//! A service binds values; pgbench binds its variables. So that drawing those values costs next to nothing, a script
//! draws many at once, in one query, and then runs the statement as often.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, debug_query};

use crate::{Result, wrong};

/// How often a script runs its statement after it has drawn values.
const DRAWN: usize = 20;
/// As many as a service has connections.
const CLIENTS: &str = "8";

/// What a service asks for one request.
pub(crate) struct Script {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Whose tables they are.
    pub(crate) service: &'static str,
    /// One after the other.
    pub(crate) statements: Vec<Statement>,
    /// A query with the columns that `binds` name, from a table with a number `n` from 1 to `rows`, ending with WHERE.
    pub(crate) draw: &'static str,
    /// How many rows there are to draw from.
    pub(crate) rows: usize,
}

/// A statement and where its values come from.
pub(crate) struct Statement {
    /// The statement as Postgres gets it, with `$1`, `$2` …
    pub(crate) text: String,
    /// What stands for each of these: a column of `draw`, or NULL.
    pub(crate) binds: &'static [&'static str],
}

/// A statement as the service sends it.
pub(crate) fn statement<Q: QueryFragment<Pg>>(query: &Q) -> String {
    let told = debug_query::<Pg, _>(query).to_string();
    told.rsplit_once(" -- binds: ").map_or(told.clone(), |(statement, _)| statement.to_owned())
}

impl Script {
    /// The script that pgbench runs.
    ///
    /// # Errors
    /// When the statement has another number of values than are bound here: it was changed.
    pub(crate) fn text(&self) -> Result<String> {
        let last = self.rows.checked_sub(DRAWN - 1).filter(|last| *last > 0);
        let last = last.ok_or_else(|| wrong(format!("{}: too little data to draw from", self.name)))?;
        let mut text = format!("\\set first random(1, {last})\n{}", self.drawing());
        for number in 1..=DRAWN {
            for statement in &self.statements {
                let bound = statement.bound(number).map_err(|why| wrong(format!("{}: {why}", self.name)))?;
                writeln!(text, "{bound};")?;
            }
        }
        Ok(text)
    }

    fn columns(&self) -> impl Iterator<Item = &'static str> {
        let binds = self.statements.iter().flat_map(|statement| statement.binds);
        binds.copied().filter(|bind| !is_constant(bind))
    }

    fn drawing(&self) -> String {
        let mut names: Vec<_> = self.columns().collect();
        names.sort_unstable();
        names.dedup();
        let columns = (1..=DRAWN).flat_map(|number| {
            names.iter().map(move |name| format!("(array_agg({name}))[{number}] AS {name}_{number}"))
        });
        let columns: Vec<String> = columns.collect();
        let (columns, draw, last) = (columns.join(", "), self.draw, DRAWN - 1);
        format!("SELECT {columns}\nFROM ({draw} n BETWEEN :first AND :first + {last}) AS drawn \\gset\n")
    }

    /// Runs it: how often a second the statements were executed.
    ///
    /// # Errors
    /// When pgbench fails.
    pub(crate) fn run(&self, dir: &Path, url: &str, seconds: u64) -> Result<f64> {
        let file = dir.join(format!("{}.sql", self.name));
        std::fs::write(&file, self.text()?)?;
        let mut command = Command::new("pgbench");
        command.args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T"]).arg(seconds.to_string());
        command.arg("-f").arg(file).arg(url).env("PGOPTIONS", format!("-c search_path={}", self.service));
        let done = command.output()?;
        let told = String::from_utf8_lossy(&done.stdout);
        let failed = || wrong(format!("pgbench: {}", String::from_utf8_lossy(&done.stderr)));
        if !done.status.success() {
            return Err(failed());
        }
        let transactions: f64 = rate(&told).ok_or_else(failed)?.parse()?;
        Ok(transactions * f64::from(u32::try_from(DRAWN)?))
    }
}

impl Statement {
    fn bound(&self, number: usize) -> Result<String> {
        // Looked for first: once `$1` is bound, `$16` looks bound as well.
        if self.text.contains(&format!("${}", self.binds.len() + 1)) {
            return Err(wrong("the statement has more values than are bound"));
        }
        let mut bound = self.text.clone();
        // From the last to the first, since `$1` begins `$12`, too.
        for (index, bind) in self.binds.iter().enumerate().rev() {
            let place = format!("${}", index + 1);
            if !bound.contains(&place) {
                return Err(wrong(format!("the statement has no {place}")));
            }
            let value = if is_constant(bind) { (*bind).to_owned() } else { format!(":{bind}_{number}") };
            bound = bound.replace(&place, &value);
        }
        Ok(bound)
    }
}

fn is_constant(bind: &str) -> bool {
    bind == "NULL"
}

fn rate(told: &str) -> Option<&str> {
    told.lines().find_map(|line| line.strip_prefix("tps = "))?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script() -> Script {
        of("SELECT $1, $2, $3", &["user", "size", "NULL"])
    }

    fn of(text: &str, binds: &'static [&'static str]) -> Script {
        Script {
            name: "test",
            service: "messaging",
            statements: vec![Statement { text: text.into(), binds }],
            draw: "SELECT user, '25' AS size FROM t WHERE",
            rows: 100,
        }
    }

    #[test]
    fn values_are_drawn_once_and_bound_one_by_one() {
        let text = script().text().unwrap();
        assert!(text.starts_with("\\set first random(1, 81)\nSELECT (array_agg(size))[1] AS size_1, "));
        assert!(text.contains("\nSELECT :user_1, :size_1, NULL;\nSELECT :user_2, :size_2, NULL;\n"));
        assert!(text.ends_with("SELECT :user_20, :size_20, NULL;\n"));
    }

    #[test]
    fn a_statement_that_was_changed_is_noticed() {
        assert!(of("SELECT $1, $2", &["user", "size", "NULL"]).text().is_err());
        assert!(of("SELECT $1, $2, $3, $4", &["user", "size", "NULL"]).text().is_err());
        let one_more = "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11";
        assert!(of(one_more, &["user"; 10]).text().is_err());
    }

    #[test]
    fn statements_of_one_request_follow_each_other() {
        let mut both = script();
        both.statements.push(Statement { text: "SELECT $1 + 1".into(), binds: &["size"] });
        let text = both.text().unwrap();
        assert!(text.contains("\nSELECT :user_1, :size_1, NULL;\nSELECT :size_1 + 1;\nSELECT :user_2"));
    }

    #[test]
    fn the_rate_is_found() {
        assert_eq!(
            rate("latency average = 1 ms\ntps = 123.4 (without initial connection time)\n"),
            Some("123.4")
        );
        assert_eq!(rate("nothing"), None);
    }
}
