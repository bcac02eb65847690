//! Filters by what an array holds.

use super::with_null;
use crate::Id;

/// How an array is held against the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayOp {
    /// It holds all of them.
    Contains,
    /// It holds at least one of them.
    Overlap,
}

impl ArrayOp {
    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Contains, Self::Overlap].into_iter().find(|op| op.name() == text)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Overlap => "overlap",
        }
    }
}

/// Holds all of these ids, or any of them, or is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayFilter<I> {
    pub(super) ids: Vec<I>,
    pub(super) op: ArrayOp,
    pub(super) or_empty: bool,
}

impl<I> ArrayFilter<I> {
    /// The ids that it is held against.
    #[must_use]
    pub fn ids(&self) -> &[I] {
        &self.ids
    }

    /// How it is held against them.
    #[must_use]
    pub fn op(&self) -> ArrayOp {
        self.op
    }
}

impl<I: Id> ArrayFilter<I> {
    pub(super) fn parse(values: &[String], op: ArrayOp) -> Option<Self> {
        let (ids, or_empty) = with_null(values, |value| value.parse().ok())?;
        Some(Self { ids, op, or_empty })
    }
}

impl<I: PartialEq> ArrayFilter<I> {
    /// Whether a row with this array is asked for: what the condition in SQL says, too. An absent array is an empty one.
    #[must_use]
    pub fn matches(&self, array: &[I]) -> bool {
        let mut ids = self.ids.iter();
        let held = match self.op {
            ArrayOp::Contains => !self.ids.is_empty() && ids.all(|id| array.contains(id)),
            ArrayOp::Overlap => ids.any(|id| array.contains(id)),
        };
        held || (self.or_empty && array.is_empty())
    }
}
