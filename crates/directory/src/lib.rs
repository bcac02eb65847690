#![doc = include_str!("../README.md")]

mod copy;
mod look_up;
mod reactions;

use diesel_migrations::embed_migrations;
use kit::EmbeddedMigrations;

pub use copy::{KnownUser, keep, named};
pub use look_up::{Directory, Keep, Settings};
pub use reactions::{user_created, user_deleted, user_updated};

/// The table of the copy.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
