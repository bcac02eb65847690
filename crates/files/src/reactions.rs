//! What a service does on the bucket's events to keep its copy.

use events::Heard;
use events::bucket::{File, FileDeleted, FileUploaded};
use kit::{Error, Result, Tx};

use crate::{KnownFile, keep};

/// Keeps a new file.
///
/// # Errors
/// What Postgres says.
pub fn file_uploaded(tx: &mut Tx<'_>, event: &Heard<FileUploaded>) -> Result<()> {
    keep_one(tx, &event.data.file, true)
}

/// Keeps that a file is deleted.
///
/// # Errors
/// What Postgres says.
pub fn file_deleted(tx: &mut Tx<'_>, event: &Heard<FileDeleted>) -> Result<()> {
    keep_one(tx, &event.data.file, false)
}

fn keep_one(tx: &mut Tx<'_>, file: &File, is_active: bool) -> Result<()> {
    let known = KnownFile {
        id: file.id.into(),
        bucket: file.bucket.clone(),
        original_name: file.original_name.clone(),
        mime_type: file.mime_type.clone(),
        size: i64::try_from(file.size).map_err(Error::internal)?,
        is_active,
    };
    keep(tx, &[known])?;
    Ok(())
}
