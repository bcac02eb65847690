//! What the bucket service tells the others, in the transaction that changes the state.

use diesel::QueryResult;
use events::Occasion;
use events::bucket::{File as Told, FileDeleted, FileUploaded};
use kit::{Tx, UserId};

use crate::domain::file::File;

/// A file is there.
pub(crate) fn uploaded(tx: &mut Tx<'_>, occasion: &Occasion, file: &File) -> QueryResult<()> {
    occasion.tell(tx, file.id, &whom(file), FileUploaded { file: told(file) })
}

/// A file is gone.
pub(crate) fn deleted(tx: &mut Tx<'_>, occasion: &Occasion, file: &File) -> QueryResult<()> {
    occasion.tell(tx, file.id, &whom(file), FileDeleted { file: told(file) })
}

/// The user who uploaded it, if a token of theirs did.
fn whom(file: &File) -> Vec<UserId> {
    file.uploaded_by.parse().into_iter().collect()
}

fn told(file: &File) -> Told {
    Told {
        id: file.id.uuid(),
        bucket: file.bucket.to_string(),
        original_name: file.original_name.clone(),
        mime_type: file.mime_type.clone(),
        size: file.size,
        sha256: kit::hex(&file.sha256),
        is_public: file.bucket.is_public(),
        uploaded_by: file.uploaded_by.clone(),
        created_at: file.created_at,
    }
}
