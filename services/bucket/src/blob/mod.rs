//! Where the bytes are. Nobody else knows whether that is a directory or S3, and nothing here knows what a file is called.

mod http;
mod local;
mod read;
mod s3;
mod write;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use kit::settings::SettingsError;
use kit::{Error, Result};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};

use crate::domain::file::FileId;
use crate::refusal::STORAGE_UNAVAILABLE;
use crate::settings::StorageSettings;
pub use write::Writer;

/// Bytes on their way out.
pub type Bytes = BoxStream<'static, Result<bytes::Bytes>>;

/// The objects of a deployment, by file id. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// As much is written at once: what an upload holds in memory.
    part_bytes: usize,
    /// Where half-written objects lie, if that is a directory.
    dir: Option<PathBuf>,
}

/// What lies in the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// An object under a file's id, of so many bytes.
    Object(FileId, u64),
    /// Something else, which is nobody's.
    Foreign(String),
}

impl Blobs {
    /// The storage that the settings describe.
    ///
    /// # Errors
    /// A directory that is not there, or settings of S3 that make no sense.
    pub fn new(settings: &StorageSettings) -> std::result::Result<Self, SettingsError> {
        match &settings.s3 {
            Some(s3) => s3::open(s3),
            None => local::open(&settings.dir),
        }
    }

    /// Begins to write an object, which is there once it is finished.
    #[must_use]
    pub fn writer(&self, id: FileId) -> Writer {
        Writer::new(self.clone(), path(id))
    }

    /// Removes an object, and what an interrupted upload left of it; no matter if there is none.
    ///
    /// # Errors
    /// 503 when the storage is away.
    pub async fn remove(&self, id: FileId) -> Result<()> {
        let path = path(id);
        if let Some(dir) = &self.dir {
            local::remove_staged(dir, &path).await.map_err(away)?;
        }
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(away(error)),
        }
    }

    /// How many bytes an object has, if it is there.
    ///
    /// # Errors
    /// 503 when the storage is away.
    pub async fn size(&self, id: FileId) -> Result<Option<u64>> {
        match self.store.head(&path(id)).await {
            Ok(object) => Ok(Some(object.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(error)),
        }
    }

    /// Everything that lies there, complete.
    pub fn list(&self) -> BoxStream<'static, Result<Found>> {
        self.store.list(None).map_ok(|object| found(&object)).map_err(away).boxed()
    }
}

/// Directories by the last two digits, which are random: the first ones are the time.
fn path(id: FileId) -> Path {
    let name = id.to_string();
    let shard = name.get(name.len().saturating_sub(2)..).unwrap_or_default();
    Path::from(format!("{shard}/{name}"))
}

fn found(object: &ObjectMeta) -> Found {
    let id = object.location.filename().and_then(|name| name.parse().ok());
    match id.filter(|id| path(*id) == object.location) {
        Some(id) => Found::Object(id, object.size),
        None => Found::Foreign(object.location.to_string()),
    }
}

fn away(error: impl std::fmt::Display) -> Error {
    Error::new(&STORAGE_UNAVAILABLE).because(error)
}
