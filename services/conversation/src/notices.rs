//! Telling the threads of a listing what became of it: a system message each, in batches, each batch in a transaction
//! that also notes how far it came. Whenever it is killed, it goes on there.

use std::time::Duration;

use events::Occasion;
use events::conversation::MessageCreated;
use kit::{App, Result, Tx};

use crate::announce;
use crate::domain::message::{MessageId, following};
use crate::domain::participant::Participant;
use crate::domain::thread::ThreadId;
use crate::store::notices::{self, Notice};
use crate::store::{messages, participants, threads};

/// How many threads are told in one transaction.
const BATCH: i64 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Tells whatever there is to tell, for ever.
pub async fn run(app: App) {
    while app.stop().sleep(LOOK_EVERY).await {
        if let Err(error) = tell_all(&app).await {
            log::warn!("threads not told of their listing: {error}");
        }
    }
}

/// Tells whatever there is to tell now.
///
/// # Errors
/// 503 when the database is away.
pub async fn tell_all(app: &App) -> Result<()> {
    while app.read(|conn| Ok(notices::is_any(conn)?)).await? && tell_some(app).await? {}
    Ok(())
}

/// Tells a batch of threads; false when another replica is at it, or nothing is left.
async fn tell_some(app: &App) -> Result<bool> {
    let now = app.now();
    app.write(move |tx| {
        let Some(notice) = notices::claim(tx)? else { return Ok(false) };
        let (listing, after) = (notice.listing_id, notice.told_up_to);
        let next = threads::about(tx.conn(), listing, after, notice.created_at, BATCH)?;
        for id in &next {
            tell(tx, *id, &notice, &Occasion::at(now, &notice.request_id))?;
        }
        match next.last() {
            Some(last) => notices::told(tx, &notice, *last)?,
            None => notices::done(tx, &notice)?,
        };
        Ok(true)
    })
    .await
}

/// It counts as unread for nobody.
fn tell(tx: &mut Tx<'_>, id: ThreadId, notice: &Notice, occasion: &Occasion) -> Result<()> {
    let people = participants::lock_both(tx, id)?;
    let thread = threads::lock(tx, id)?;
    let message_id: MessageId = kit::clock::uuid_v7(occasion.now).into();
    let message = following(&thread, message_id, notice.content.clone(), occasion.now);
    messages::insert(tx, &message)?;
    threads::append(tx, &message)?;
    let mut members = Vec::with_capacity(people.len());
    for person in people {
        let after = Participant { watermark: person.watermark.sent(), ..person };
        participants::save(tx, id, &after)?;
        members.push(announce::member(&after));
    }
    let data = MessageCreated { message: announce::message(&message), members };
    Ok(occasion.tell(tx, id, &thread.pair(), data)?)
}
