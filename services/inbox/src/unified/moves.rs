//! Putting right the entries of those who came to a chatbot or went: in bites, each a transaction that also notes how far
//! it came. Whenever it is killed, it goes on there.

use std::time::Duration;

use kit::{App, Result, Tx};

use crate::domain::inbox_entry::{Place, Source};
use crate::store::unified::moves::{self, Move};
use crate::store::unified::{agents, entries};

/// How many conversations are put right in one transaction.
const BITE: i64 = 200;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Does whatever there is to do, for ever.
pub async fn run(app: App) {
    while app.stop().sleep(LOOK_EVERY).await {
        if let Err(error) = move_all(&app).await {
            log::warn!("entries of members who came or went not put right: {error}");
        }
    }
}

/// Does whatever there is to do now.
///
/// # Errors
/// 503 when the database is away.
pub async fn move_all(app: &App) -> Result<()> {
    while app.write(move_some).await? {}
    Ok(())
}

/// Takes a bite; false when another replica is at it, or nothing is left. Who answers is looked up as it is now, so that
/// it does not matter in which order that was told.
fn move_some(tx: &mut Tx<'_>) -> Result<bool> {
    let Some(of) = moves::claim(tx)? else { return Ok(false) };
    let next = moves::next(tx, &of, BITE)?;
    for id in &next {
        entries::make(tx, &Place { source: Source::Inbox, id: id.clone() }, &[of.user_id])?;
    }
    agents::follow(tx, &next, Some(of.user_id))?;
    end(tx, &of, next.last().map(String::as_str))?;
    Ok(true)
}

fn end(tx: &mut Tx<'_>, of: &Move, last: Option<&str>) -> Result<()> {
    match last {
        Some(last) => moves::moved(tx, of, last)?,
        None => moves::done(tx, of)?,
    };
    Ok(())
}
