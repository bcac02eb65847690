//! What happens to listings by itself: they expire, and go with their owner. In bites, each a transaction with its
//! events; replicas share the work, since a bite leaves out what another has locked.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use events::Occasion;
use kit::{App, Result, Tx};

use crate::announce;
use crate::domain::listing::Listing;
use crate::store::{departed_users, listings};

const EVERY: Duration = Duration::from_secs(2);
/// Listings a transaction.
pub(crate) const BITE: i64 = 100;
/// A deleted user may show a token for an hour, and make listings with it.
const REMEMBERED: TimeDelta = TimeDelta::hours(2);

/// Sweeps until the process stops.
pub(crate) async fn run(app: App) {
    while app.stop().sleep(EVERY).await {
        if let Err(error) = once(&app).await {
            log::warn!("listings not swept: {error}");
        }
    }
}

/// Sweeps all that is there; how many listings changed.
///
/// # Errors
/// What Postgres says.
pub async fn once(app: &App) -> Result<usize> {
    let swept = until_none(app, expire).await? + until_none(app, bury_orphans).await?;
    let before = app.now() - REMEMBERED;
    app.write(move |tx| Ok(departed_users::sweep(tx, before)?)).await?;
    Ok(swept)
}

async fn until_none(app: &App, bite: fn(&mut Tx<'_>, DateTime<Utc>) -> Result<usize>) -> Result<usize> {
    let mut swept = 0;
    loop {
        let now = app.now();
        let bitten = app.write(move |tx| bite(tx, now)).await?;
        swept += bitten;
        if bitten == 0 {
            return Ok(swept);
        }
    }
}

fn expire(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<usize> {
    let over = listings::lock_expired(tx, now, BITE)?;
    let count = over.len();
    for listing in over {
        let after = listing.expired(now);
        listings::save(tx, &after)?;
        announce::updated(tx, &Occasion::at(now, "listing expiry"), &after)?;
    }
    Ok(count)
}

fn bury_orphans(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<usize> {
    let orphans = listings::lock_orphans(tx, BITE)?;
    let count = orphans.len();
    bury(tx, orphans, now, "listing of a deleted user")?;
    Ok(count)
}

/// Deletes locked listings whose owner is gone.
pub(crate) fn bury(
    tx: &mut Tx<'_>,
    orphans: Vec<Listing>,
    now: DateTime<Utc>,
    request_id: &str,
) -> Result<()> {
    for listing in orphans {
        let after = listing.orphaned(now);
        listings::save(tx, &after)?;
        announce::deleted(tx, &Occasion::at(now, request_id), &after)?;
    }
    Ok(())
}
