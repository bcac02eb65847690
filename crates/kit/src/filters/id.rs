//! Filters by id.

use super::with_null;
use crate::Id;

/// Is one of these ids, or is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdFilter<I> {
    pub(super) ids: Vec<I>,
    pub(super) or_null: bool,
}

impl<I> IdFilter<I> {
    /// The ids, of which any will do.
    #[must_use]
    pub fn ids(&self) -> &[I] {
        &self.ids
    }

    /// Whether what has none matches, too.
    #[must_use]
    pub fn or_null(&self) -> bool {
        self.or_null
    }
}

impl<I: Id> IdFilter<I> {
    pub(super) fn parse(values: &[String]) -> Option<Self> {
        let (ids, or_null) = with_null(values, |value| value.parse().ok())?;
        Some(Self { ids, or_null })
    }

    /// The one id that is asked for, where it is only one.
    #[must_use]
    pub fn only(&self) -> Option<I> {
        match (self.ids.as_slice(), self.or_null) {
            ([id], false) => Some(*id),
            _ => None,
        }
    }
}

impl<I: PartialEq> IdFilter<I> {
    /// Whether a row with this id is asked for: what the condition in SQL says, too.
    #[must_use]
    pub fn matches(&self, id: Option<&I>) -> bool {
        id.map_or(self.or_null, |id| self.ids.contains(id))
    }
}
