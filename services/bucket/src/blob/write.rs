//! Writing an object: in parts, one after the other, so that an upload holds one part in memory.

use bytes::Bytes;
use kit::Result;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};

use super::{Blobs, away};

/// An object that is being written. It is there when it was finished; dropped before, nothing of it remains.
pub struct Writer {
    blobs: Blobs,
    path: Path,
    waiting: Vec<Bytes>,
    waiting_bytes: usize,
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Writer {
    pub(super) fn new(blobs: Blobs, path: Path) -> Self {
        Self { blobs, path, waiting: Vec::new(), waiting_bytes: 0, upload: None }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// 503 when the storage is away or full.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.waiting_bytes += bytes.len();
        self.waiting.push(bytes);
        if self.waiting_bytes < self.blobs.part_bytes { Ok(()) } else { self.put_part().await }
    }

    /// Makes it an object, durably. What is small enough for one part is written at once.
    ///
    /// # Errors
    /// 503 when the storage is away or full.
    pub async fn finish(mut self) -> Result<()> {
        if self.upload.is_none() {
            let payload = self.take_waiting();
            self.blobs.store.put(&self.path, payload).await.map_err(away)?;
            return Ok(());
        }
        if self.waiting_bytes > 0 {
            self.put_part().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await.map_err(away)?;
        }
        self.upload = None;
        Ok(())
    }

    async fn put_part(&mut self) -> Result<()> {
        let payload = self.take_waiting();
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => self.upload.insert(self.blobs.store.put_multipart(&self.path).await.map_err(away)?),
        };
        upload.put_part(payload).await.map_err(away)
    }

    fn take_waiting(&mut self) -> PutPayload {
        self.waiting_bytes = 0;
        std::mem::take(&mut self.waiting).into_iter().collect()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let upload = self.upload.take().zip(tokio::runtime::Handle::try_current().ok());
        if let Some((mut upload, runtime)) = upload {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    log::debug!("an unfinished object is left to the sweeper: {error}");
                }
            });
        }
    }
}
