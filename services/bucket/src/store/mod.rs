//! The tables, each with one owner file; no rules.

pub mod buckets;
pub mod carriers;
pub mod departed_users;
pub mod files;
pub mod loose_objects;
mod schema;
