//! How much there may be.

use crate::Refusal;

/// The limits, by the names that refusals give them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of one file, in bytes.
    pub file_bytes: u64,
    /// Of one request's body, in bytes.
    pub request_bytes: u64,
    /// Files of one request.
    pub files: usize,
    /// Parts of one request, files and others.
    pub parts: usize,
    /// Of all files of a bucket, in bytes.
    pub bucket_bytes: u64,
    /// Files of a bucket.
    pub bucket_files: u64,
}

/// What a bucket holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// In bytes.
    pub bytes: u64,
    /// How many files.
    pub files: u64,
}

impl Usage {
    /// What it holds with so much more.
    #[must_use]
    pub fn with(self, more: Self) -> Self {
        Self { bytes: self.bytes.saturating_add(more.bytes), files: self.files.saturating_add(more.files) }
    }

    /// Whether a bucket may hold this.
    ///
    /// # Errors
    /// The limit that it is beyond.
    pub fn within(self, limits: &Limits) -> Result<(), Refusal> {
        if self.bytes > limits.bucket_bytes {
            return Err(Refusal::Beyond("bucket_bytes", limits.bucket_bytes));
        }
        if self.files > limits.bucket_files {
            return Err(Refusal::Beyond("bucket_files", limits.bucket_files));
        }
        Ok(())
    }
}
