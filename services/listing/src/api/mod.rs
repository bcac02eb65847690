//! Wire types and handlers, a file per resource.

pub(crate) mod changes;
pub(crate) mod favorites;
pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod listings;
pub(crate) mod views;
