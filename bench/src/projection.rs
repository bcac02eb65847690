//! Inbox's copy of what messaging has: making it, and waiting for it.

use std::time::Duration;

use crate::report::say;
use crate::stand::Stand;
use crate::wait::until;
use crate::{Result, wrong};

/// How long it may take to ask for everything.
const PATIENCE: Duration = Duration::from_mins(20);
/// How long it may take to do what was told meanwhile.
const BACKLOG: Duration = Duration::from_mins(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// Entries that inbox lacks.
const LACKING: &str = "
    SELECT count(*) AS number FROM messaging.participant p
    WHERE NOT EXISTS (
        SELECT FROM inbox.inbox_entry e
        WHERE e.user_id = p.user_id AND e.source = 'messaging' AND e.conversation_id = p.conversation_id::text)";
/// As when inbox is first started.
const ASK_AGAIN: &str = "
    UPDATE inbox.inbox_backfill SET asked_up_to = NULL, is_done = false WHERE source = 'messaging'";
const ASKING: &str = "SELECT count(*) AS number FROM inbox.inbox_backfill WHERE NOT is_done";
/// Entries that do not know of the newest message.
const LATE: &str = "
    SELECT count(*) AS number FROM inbox.inbox_entry e
    JOIN messaging.conversation c ON c.id::text = e.conversation_id
    WHERE e.source = 'messaging' AND e.last_seq < c.last_seq";
const HEARD: &str = "SELECT count(*) AS number FROM inbox.processed_event";

/// Lets inbox ask messaging for everything: `stack generate` has told nobody.
///
/// # Errors
/// When inbox does not get all of it.
pub(crate) fn fill(stand: &Stand) -> Result<()> {
    if stand.count(LACKING)? == 0 {
        return Ok(());
    }
    say("Inbox asks for all conversations; that takes a while the first time.");
    stand.stack.stop("inbox")?;
    stand.change(ASK_AGAIN)?;
    stand.stack.start("inbox")?;
    until((PATIENCE, PAUSE), "inbox has not asked for everything", || Ok(stand.count(ASKING)? == 0))?;
    match stand.count(LACKING)? {
        0 => stand.change("VACUUM (ANALYZE)"),
        lacking => Err(wrong(format!("inbox lacks {lacking} entries"))),
    }
}

/// Waits until inbox has heard of everything, and has done it.
///
/// # Errors
/// When it gets nowhere.
pub(crate) fn caught_up(stand: &Stand) -> Result<()> {
    stand.drained()?;
    let mut heard = -1;
    until((BACKLOG, PAUSE), "inbox does not catch up", || {
        let before = std::mem::replace(&mut heard, stand.count(HEARD)?);
        Ok(before == heard && stand.count(LATE)? == 0)
    })
}
