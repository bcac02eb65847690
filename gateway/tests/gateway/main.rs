//! The gateway on real sockets, between clients and services that say exactly what a test wants on the wire.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests too"
)]

mod codes;
mod cors;
mod described;
mod docs;
mod draining;
mod failing;
mod forms;
mod forwarding;
mod health;
mod limits;
mod process;
mod rates;
mod routing;
mod smuggling;
mod sockets;
mod stage;
mod streaming;
mod wire;
