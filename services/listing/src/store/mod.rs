//! The tables, each with one owner file; no rules.

pub mod departed_users;
pub mod favorites;
pub mod listings;
pub mod lists;
mod row;
mod schema;
pub mod views;
