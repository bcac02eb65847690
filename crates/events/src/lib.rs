#![doc = include_str!("../README.md")]

mod attach;
pub mod auth;
mod backoff;
mod broker;
pub mod bucket;
mod consumer;
pub mod conversation;
pub mod dead_letters;
mod death;
mod event;
pub mod inbox;
mod lease;
mod letter;
pub mod listing;
mod member;
pub mod messaging;
mod occasion;
pub mod outbox;
mod publisher;
mod reaction;
mod recipient;
pub mod registry;
mod relay;
mod schema;
mod status;
pub mod topology;
mod undertaker;

pub use attach::{attach, sweep};
pub use event::{Announcement, Envelope, Event, Payload};
pub use member::Member;
pub use occasion::Occasion;
pub use outbox::enqueue;
pub use reaction::{Applied, Handler, Heard, On, React, Reaction, Work, apply};
pub use recipient::{NotARecipient, Recipient};
pub use registry::{Contract, REGISTRY};
pub use relay::Relay;
pub use topology::Topology;

use kit::{EmbeddedMigrations, embed_migrations};

/// The tables of events in every service's schema: a service lists them before its own.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
