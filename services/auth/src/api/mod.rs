//! The routes: wire types and handlers.

mod bundle;
pub(crate) mod changes;
mod fields;
mod origin;
mod password;
pub(crate) mod sessions;
pub(crate) mod users;
mod views;
