#![doc = include_str!("../README.md")]

mod attach;
mod attachments;
mod claims;
mod copy;
mod reactions;

use diesel_migrations::embed_migrations;
use kit::EmbeddedMigrations;

pub use attach::{CODES, Files, MAX_FILES, Settings};
pub use attachments::{AttachmentView, Attachments};
pub use claims::{
    BucketClaims, BucketGrant, Mode, TokenSettings as BucketTokenSettings, private_bucket_of,
    public_bucket_of,
};
pub use copy::{KnownFile, keep, known};
pub use reactions::{file_deleted, file_uploaded};

kit::typed_id!(
    /// A file.
    FileId
);

/// The table of the copy.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
