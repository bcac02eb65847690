//! Wire types and handlers, a file per resource.

mod access;
mod body;
pub(crate) mod download;
pub(crate) mod files;
mod form;
mod intake;
pub(crate) mod upload;
mod views;
