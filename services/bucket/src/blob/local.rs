//! Objects as files of a directory. What is finished is on the disk, as is its name: both are synced.

use std::io;
use std::path::Path as FsPath;
use std::sync::Arc;

use kit::settings::SettingsError;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use super::Blobs;

/// As much is written at once.
const PART_BYTES: usize = 256 << 10;

/// The objects of a directory, which is made if need be.
pub(super) fn open(dir: &FsPath) -> Result<Blobs, SettingsError> {
    let wrong = |error: &dyn std::fmt::Display| SettingsError::at("storage.dir", error.to_string());
    std::fs::create_dir_all(dir).map_err(|error| wrong(&error))?;
    let store = LocalFileSystem::new_with_prefix(dir).map_err(|error| wrong(&error))?.with_fsync(true);
    Ok(Blobs { store: Arc::new(store), part_bytes: PART_BYTES, dir: Some(dir.to_owned()) })
}

/// Removes what was being written under an object's name when a process was killed. Ids are never used twice, so it is
/// always the first of that name.
pub(super) async fn remove_staged(dir: &FsPath, path: &Path) -> io::Result<()> {
    match tokio::fs::remove_file(dir.join(format!("{path}#1"))).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
