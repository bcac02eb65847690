//! What goes wrong here is told to a person at a terminal: one sentence and its cause.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

type Cause = Box<dyn StdError + Send + Sync>;

/// A failure: what was attempted, and the cause if there is one beneath.
#[derive(Debug)]
pub struct Error {
    what: String,
    cause: Option<Cause>,
}

impl Error {
    /// A failure with no cause beneath it.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), cause: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Some(cause) => write!(out, "{}: {cause}", self.what),
            None => out.write_str(&self.what),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let cause: &(dyn StdError + 'static) = self.cause.as_deref()?;
        Some(cause)
    }
}

/// Says what was attempted when something failed.
pub(crate) trait Context<T> {
    /// Wraps the failure in what `what` says; it is asked only when there is one.
    fn context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: Into<Cause>> Context<T> for std::result::Result<T, E> {
    fn context<S: Into<String>>(self, what: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|cause| Error { what: what().into(), cause: Some(cause.into()) })
    }
}
