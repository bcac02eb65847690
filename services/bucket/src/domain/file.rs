//! A file: what is known of bytes that are there, complete.

use chrono::{DateTime, Utc};

use crate::domain::bucket::BucketName;

kit::typed_id!(
    /// A file. Its object has this name, and no other.
    FileId
);

/// A file of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Which it is.
    pub id: FileId,
    /// Where it is.
    pub bucket: BucketName,
    /// What it was called where it came from: data, and no path anywhere.
    pub original_name: String,
    /// What it is, as its bytes say.
    pub mime_type: String,
    /// In bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: [u8; 32],
    /// Whom the token spoke for.
    pub uploaded_by: String,
    /// When it was complete.
    pub created_at: DateTime<Utc>,
}

impl File {
    /// What tells this content from any other.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", kit::hex(&self.sha256))
    }
}
