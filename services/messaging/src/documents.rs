//! The files that messages and groups show by their id.

use diesel::pg::PgConnection;
use files::{Attachments, FileId, private_bucket_of, public_bucket_of};
use kit::{Result, UserId};

use crate::domain::conversation::Conversation;
use crate::domain::message::Draft;
use crate::{Messaging, Refusal};

impl Messaging {
    /// Whether somebody may send a file as a message of its own, and what its files are called: it lies in the
    /// conversation's own bucket or in one of theirs. Of others' files nobody hears whether they are there.
    ///
    /// # Errors
    /// 400 naming `field` when they may not; 503 when the file is new to us and the bucket cannot be asked.
    pub(crate) async fn may_send_file(
        &self,
        draft: &Draft,
        file: FileId,
        field: &'static str,
    ) -> Result<Attachments> {
        let by = draft.sender_id;
        let buckets =
            [Conversation::bucket(draft.conversation_id), public_bucket_of(by), private_bucket_of(by)];
        self.must_be_in(file, &buckets, field).await?;
        let carried = draft.file_ids.clone();
        self.app.read(move |conn: &mut PgConnection| Ok(Attachments::find(conn, carried.into_iter())?)).await
    }

    /// Whether somebody may show a file as the picture of a group: it lies where everybody may read it, and no message has
    /// to carry it.
    ///
    /// # Errors
    /// As [`Messaging::may_send_file`].
    pub(crate) async fn may_picture(&self, by: UserId, file: FileId, field: &'static str) -> Result<()> {
        self.must_be_in(file, &[public_bucket_of(by)], field).await
    }

    async fn must_be_in(&self, file: FileId, buckets: &[String], field: &'static str) -> Result<()> {
        if self.files.is_in(file, buckets).await? { Ok(()) } else { Err(Refusal::FileUnknown(field).into()) }
    }
}
