//! What goes by itself: objects that no row will have, files that no message carries, and those of deleted users.

use std::time::Duration;

use ::files::{private_bucket_of, public_bucket_of};
use chrono::{DateTime, TimeDelta, Utc};
use events::Occasion;
use kit::{App, Result, Tx};

use crate::blob::Blobs;
use crate::domain::file::FileId;
use crate::domain::limits::Usage;
use crate::store::{buckets, carriers, departed_users, files, loose_objects};
use crate::{Refusal, announce, audit};

const EVERY: Duration = Duration::from_secs(10);
/// A walk over all files costs more, and should find nothing.
const AUDIT_EVERY: Duration = Duration::from_hours(24);
/// Objects a transaction.
const BITE: i64 = 100;
/// A deleted user may show a token for an hour, and an upload may last as long: so often their buckets are looked at …
const LOOK_EVERY: TimeDelta = TimeDelta::hours(1);
/// … for so long, which is longer than both.
const REMEMBERED: TimeDelta = TimeDelta::days(1);

/// Sweeps until the process stops.
pub(crate) async fn run(app: App, blobs: Blobs, grace: TimeDelta) {
    let mut audited = std::time::Instant::now();
    while app.stop().sleep(EVERY).await {
        if let Err(error) = once(&app, &blobs).await {
            log::warn!("objects not swept: {error}");
        }
        if let Err(error) = departures(&app).await {
            log::warn!("files of deleted users not looked for: {error}");
        }
        if let Err(error) = orphans(&app, &blobs, grace).await {
            log::warn!("orphans not collected: {error}");
        }
        if audited.elapsed() >= AUDIT_EVERY {
            audited = std::time::Instant::now();
            audited_once(&app, &blobs).await;
        }
    }
}

async fn audited_once(app: &App, blobs: &Blobs) {
    match audit::audit(app, blobs).await {
        Ok(report) if report.is_clean() => log::info!("{report}"),
        Ok(report) => {
            log::error!("{report}");
            let removed = audit::remove_strays(app, blobs, &report).await;
            removed.unwrap_or_else(|error| log::warn!("stray objects not removed: {error}"));
        }
        Err(error) => log::warn!("files not audited: {error}"),
    }
}

/// Removes all objects whose deadline has passed; how many.
///
/// # Errors
/// When the database or the storage is away.
pub async fn once(app: &App, blobs: &Blobs) -> Result<usize> {
    let mut swept = 0;
    loop {
        let now = app.now();
        let condemned = app.write(move |tx| Ok(loose_objects::condemn_overdue(tx, now, BITE)?)).await?;
        if condemned.is_empty() {
            return Ok(swept);
        }
        swept += condemned.len();
        remove(app, blobs, condemned).await?;
    }
}

/// Deletes all files that no message has carried for so long; how many.
///
/// # Errors
/// When the database is away.
pub async fn orphans(app: &App, blobs: &Blobs, grace: TimeDelta) -> Result<usize> {
    let mut collected = 0;
    loop {
        let now = app.now();
        let take = move |tx: &mut Tx<'_>| {
            let ids = files::orphans(tx, now - grace, BITE)?;
            for id in &ids {
                take_out(tx, *id, &Occasion::at(now, "orphans"))?;
            }
            Ok(ids)
        };
        let ids = app.write(take).await?;
        if ids.is_empty() {
            return Ok(collected);
        }
        collected += ids.len();
        discard(app, blobs, ids).await;
    }
}

/// Looks for files of users who were deleted; how many were found. Those that a message carries stay with it, which is
/// what its sender said; the others are withheld, and are orphans: the message may be heard of later than the departure.
///
/// # Errors
/// When the database is away.
pub async fn departures(app: &App) -> Result<usize> {
    let mut found = 0;
    loop {
        let now = app.now();
        match app.write(move |tx| disown(tx, now)).await? {
            Some(some) => found += some,
            None => return Ok(found),
        }
    }
}

/// Some of the files of one deleted user; none when there is no such user to look for now.
fn disown(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<Option<usize>> {
    let Some((user, departed_at)) = departed_users::due(tx, now)? else { return Ok(None) };
    let theirs = files::disown(tx, &[public_bucket_of(user), private_bucket_of(user)], BITE)?;
    if !theirs.is_empty() {
        carriers::release(tx, &theirs, now)?;
    } else if departed_at + REMEMBERED < now {
        departed_users::forget(tx, user)?;
    } else {
        departed_users::look_again(tx, user, now + LOOK_EVERY)?;
    }
    Ok(Some(theirs.len()))
}

/// From here on a file is not there; its object is removed next.
///
/// # Errors
/// When there is no such file.
pub(crate) fn take_out(tx: &mut Tx<'_>, id: FileId, occasion: &Occasion) -> Result<()> {
    let file = files::delete(tx, id)?.ok_or(Refusal::FileNotFound)?;
    buckets::take(tx, &file.bucket, Usage { bytes: file.size, files: 1 })?;
    loose_objects::insert(tx, id, occasion.now)?;
    Ok(announce::deleted(tx, occasion, &file)?)
}

/// Removes objects at once that no row has, unless a row has taken them meanwhile. What fails is the sweeper's.
pub(crate) async fn discard(app: &App, blobs: &Blobs, ids: Vec<FileId>) {
    let removed = match app.write(move |tx| condemn(tx, &ids)).await {
        Ok(condemned) => remove(app, blobs, condemned).await,
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        log::warn!("objects are left to the sweeper: {error}");
    }
}

/// Those of the objects that no row has. Some may have no note any more: the sweeper took it while they were written.
fn condemn(tx: &mut Tx<'_>, ids: &[FileId]) -> Result<Vec<FileId>> {
    loose_objects::condemn(tx, ids)?;
    let known = files::known(tx.conn(), ids)?;
    Ok(ids.iter().copied().filter(|id| !known.contains(id)).collect())
}

async fn remove(app: &App, blobs: &Blobs, condemned: Vec<FileId>) -> Result<()> {
    for id in &condemned {
        blobs.remove(*id).await?;
    }
    app.write(move |tx| Ok(loose_objects::forget(tx, &condemned)?)).await
}
