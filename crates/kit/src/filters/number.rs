//! Filters by number.

/// Lies between two numbers, both included; either end may be open. What is absent does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberFilter {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

impl NumberFilter {
    /// A number that Postgres can compare with: neither infinite nor none.
    pub(super) fn read(text: &str) -> Option<f64> {
        text.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Whether a row with this number is asked for: what the condition in SQL says, too.
    #[must_use]
    pub fn matches(&self, number: Option<f64>) -> bool {
        let within = |it: f64| self.min.is_none_or(|min| min <= it) && self.max.is_none_or(|max| it <= max);
        number.is_some_and(within)
    }
}
