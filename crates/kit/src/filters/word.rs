//! Filters by a word out of a list, such as a status.

use super::with_null;

/// Is one of these words, or is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordFilter {
    pub(super) words: Vec<&'static str>,
    pub(super) or_null: bool,
}

impl WordFilter {
    pub(super) fn parse(values: &[String], read: impl Fn(&str) -> Option<&'static str>) -> Option<Self> {
        let (words, or_null) = with_null(values, read)?;
        Some(Self { words, or_null })
    }

    /// The words, of which any will do.
    #[must_use]
    pub fn words(&self) -> &[&'static str] {
        &self.words
    }

    /// Whether what has none matches, too.
    #[must_use]
    pub fn or_null(&self) -> bool {
        self.or_null
    }

    /// Whether a row with this word is asked for: what the condition in SQL says, too.
    #[must_use]
    pub fn matches(&self, word: Option<&str>) -> bool {
        word.map_or(self.or_null, |word| self.words.contains(&word))
    }
}
