//! What services say to each other: contracts, outbox, relay and reactions.

pub mod auth;
mod event;
pub mod messaging;
pub mod outbox;
mod recipient;
mod schema;

pub use event::{Announcement, Envelope, Event, Payload};
pub use outbox::enqueue;
pub use recipient::{NotARecipient, Recipient};

use kit::{EmbeddedMigrations, embed_migrations};

/// The tables of events in every service's schema: a service lists them before its own.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
