//! The files that messages and groups show.

use kit::{Result, UserId};

use crate::domain::content::FileId;
use crate::domain::conversation::ConversationId;
use crate::{Messaging, Refusal};

/// Whether somebody may show a file to the members of a conversation: it must lie in the conversation's own bucket or in
/// one of theirs. No files are known yet, so that none may be shown.
#[expect(clippy::unused_async, reason = "a file that is not in the copy is looked up at its owner")]
pub(crate) async fn may_share(
    _messaging: &Messaging,
    _by: UserId,
    _conversation: Option<ConversationId>,
    _file: FileId,
    field: &'static str,
) -> Result<()> {
    Err(Refusal::FileUnknown(field).into())
}
