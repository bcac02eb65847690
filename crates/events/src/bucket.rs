//! What bucket tells: files come and go.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::payloads;

payloads! { "bucket":
    FileUploaded = "file-uploaded", version 1;
    FileDeleted = "file-deleted", version 1;
}

/// A file of a bucket, as other services may know it. Files never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Which it is.
    pub id: Uuid,
    /// The name of the bucket that it is in.
    pub bucket: String,
    /// What it was called where it came from.
    pub original_name: String,
    /// What it is, as its bytes say.
    pub mime_type: String,
    /// In bytes.
    pub size: u64,
    /// Its digest, in hexadecimal.
    pub sha256: String,
    /// Whether everybody may download it.
    pub is_public: bool,
    /// Whom the token spoke for that it was uploaded with.
    pub uploaded_by: String,
    /// When it was complete.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
}

/// A file was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUploaded {
    /// The file.
    pub file: File,
}

/// A file was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDeleted {
    /// The file as it was.
    pub file: File,
}
