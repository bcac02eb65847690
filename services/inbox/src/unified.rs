//! The unified inbox: an entry for each user and conversation, of messaging, of conversation and of this service, kept by
//! events alone (see docs/decisions/0016-one-list-of-everything.md).

pub mod ahead;
pub mod backfill;
pub mod command;
pub mod moves;
mod owners;
mod reactions;
mod told;
pub mod verify;

pub use owners::{CatalogueSettings, Owners, OwnersSettings, Part};
pub(crate) use reactions::{
    chatbot_updated, follow, listing, member_updated, user_created, user_deleted, user_updated,
};
pub use told::Tells;
