//! One condition of a `tsquery`.

use std::fmt;

/// What a text must have to be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Requirement {
    /// A term that begins like this.
    Prefix(String),
    /// This very term.
    Exact(String),
}

impl Requirement {
    /// The same of another term.
    pub(crate) fn map(self, term: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Prefix(it) => Self::Prefix(term(it)),
            Self::Exact(it) => Self::Exact(term(it)),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(term) => write!(f, "{}:*", quoted(term)),
            Self::Exact(term) => f.write_str(&quoted(term)),
        }
    }
}

/// A lexeme as Postgres reads it between quotes: quotes and backslashes doubled.
fn quoted(term: &str) -> String {
    format!("'{}'", term.replace('\\', r"\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::Requirement;

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        assert_eq!(Requirement::Prefix(r"a'b\c".to_owned()).to_string(), r"'a''b\\c':*");
        assert_eq!(Requirement::Exact("中国".to_owned()).to_string(), "'中国'");
    }
}
