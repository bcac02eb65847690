//! Attached files as answers name them.

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::pg::PgConnection;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{FileId, KnownFile, known};

/// A file that a message carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentView {
    /// Which it is.
    pub file_id: FileId,
    /// What it was called where it came from; null when it is gone.
    pub original_name: Option<String>,
    /// What it is, as its bytes say; null when it is gone.
    pub mime_type: Option<String>,
    /// In bytes; null when it is gone.
    pub size: Option<i64>,
    /// Where it can be downloaded with a token of its bucket, at the address of this API; null when it is gone.
    #[schema(example = "/bucket/download/0193517e-3000-7c41-9d58-4f1f6c6d2c01")]
    pub download_url: Option<String>,
}

/// The files that the messages of an answer carry: one query, however many messages.
#[derive(Debug, Clone, Default)]
pub struct Attachments(HashMap<FileId, KnownFile>);

impl Attachments {
    /// What is known of these files. Nothing is asked when there are none.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn find(conn: &mut PgConnection, ids: impl Iterator<Item = FileId>) -> QueryResult<Self> {
        let mut ids: Vec<FileId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let found = if ids.is_empty() { Vec::new() } else { known(conn, &ids)? };
        Ok(Self(found.into_iter().filter(|file| file.is_active).map(|file| (file.id, file)).collect()))
    }

    pub(crate) fn of(known: HashMap<FileId, KnownFile>) -> Self {
        Self(known)
    }

    /// The files of one message, in their order.
    #[must_use]
    pub fn views(&self, ids: &[FileId]) -> Vec<AttachmentView> {
        ids.iter().map(|id| self.view(*id)).collect()
    }

    fn view(&self, file_id: FileId) -> AttachmentView {
        let file = self.0.get(&file_id);
        AttachmentView {
            file_id,
            original_name: file.map(|file| file.original_name.clone()),
            mime_type: file.map(|file| file.mime_type.clone()),
            size: file.map(|file| file.size),
            download_url: file.map(|_| format!("/bucket/download/{file_id}")),
        }
    }
}
