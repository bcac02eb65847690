//! Filters by true and false.

use super::with_null;

/// Is true, is false, or is absent: whichever of the three were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoolFilter {
    pub(super) values: Vec<bool>,
    pub(super) or_null: bool,
}

impl BoolFilter {
    pub(super) fn parse(values: &[String]) -> Option<Self> {
        let (values, or_null) = with_null(values, |value| value.parse().ok())?;
        Some(Self { values, or_null })
    }

    /// Whether a row with this value is asked for: what the condition in SQL says, too.
    #[must_use]
    pub fn matches(&self, value: Option<bool>) -> bool {
        value.map_or(self.or_null, |value| self.values.contains(&value))
    }
}
