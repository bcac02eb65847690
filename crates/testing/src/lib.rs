#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fixture that breaks must fail its test, loudly"
)]

mod catalogue;
mod database;
mod described;
mod documented;
mod eventually;
mod follower;
mod forgeries;
mod issuer;
mod reply;
mod running;

pub use catalogue::printed_schema;
pub use database::Database;
pub use described::described;
pub use documented::documented;
pub use eventually::eventually;
pub use follower::Follower;
pub use issuer::{ENVIRONMENT, Issuer, Person};
pub use reply::{Ask, Reply};
pub use running::{Running, boot, boot_at};
