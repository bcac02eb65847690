//! The files that messages and groups show by their id.

use files::{FileId, private_bucket_of, public_bucket_of};
use kit::{Result, UserId};

use crate::domain::conversation::{Conversation, ConversationId};
use crate::{Messaging, Refusal};

impl Messaging {
    /// Whether somebody may show a file to the members of a conversation: it lies in the conversation's own bucket or in
    /// one of theirs. Of others' files nobody hears whether they are there.
    ///
    /// # Errors
    /// 400 naming `field` when they may not; 503 when the file is new to us and the bucket cannot be asked.
    pub(crate) async fn may_show(
        &self,
        by: UserId,
        conversation: Option<ConversationId>,
        file: FileId,
        field: &'static str,
    ) -> Result<()> {
        let theirs = [public_bucket_of(by), private_bucket_of(by)];
        let buckets: Vec<String> = conversation.map(Conversation::bucket).into_iter().chain(theirs).collect();
        match self.files.attachable(vec![file], &buckets).await {
            Err(error) if error.code().status < 500 => Err(Refusal::FileUnknown(field).into()),
            found => found.map(|_| ()),
        }
    }
}
