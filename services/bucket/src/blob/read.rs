//! Reading an object, block by block.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use kit::{Error, Result};
use object_store::{GetOptions, GetRange, GetResultPayload};

use super::{Blobs, Bytes, away, path};
use crate::domain::file::FileId;

/// As much of a file is read at once: what a download holds in memory.
const BLOCK: u64 = 128 << 10;

impl Blobs {
    /// These bytes of an object, of which there is at least one.
    ///
    /// # Errors
    /// 503 when the storage is away; internal when the object is not there although its row is.
    pub async fn open(&self, id: FileId, range: Range<u64>) -> Result<Bytes> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        let object = self.store.get_opts(&path(id), options).await.map_err(|error| match error {
            object_store::Error::NotFound { .. } => Error::internal(format!("file {id} has no object")),
            error => away(error),
        })?;
        let range = object.range;
        Ok(match object.payload {
            GetResultPayload::File(file, _) => blocks(file, range),
            GetResultPayload::Stream(stream) => stream.map_err(away).boxed(),
        })
    }
}

fn blocks(file: File, range: Range<u64>) -> Bytes {
    let file = Arc::new(file);
    let blocks = stream::try_unfold(range.start, move |start| {
        let (file, end) = (file.clone(), range.end.min(start.saturating_add(BLOCK)));
        async move {
            if start >= end {
                return Ok(None);
            }
            let read = tokio::task::spawn_blocking(move || read(&file, start..end)).await;
            let block = read.map_err(Error::internal)?.map_err(away)?;
            Ok(Some((block, end)))
        }
    });
    blocks.boxed()
}

fn read(file: &File, range: Range<u64>) -> io::Result<bytes::Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut block = vec![0; length];
    file.read_exact_at(&mut block, range.start)?;
    Ok(block.into())
}
