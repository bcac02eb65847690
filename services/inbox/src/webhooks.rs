//! Webhooks: how what waits in the outbox reaches companies' own systems.

mod client;
mod worker;

pub use client::{LookUp, Webhooks};
pub use worker::{background, sweep, turn};
