//! What goes by itself: objects that no row will have.

use std::time::Duration;

use kit::{App, Result};

use crate::audit;
use crate::blob::Blobs;
use crate::domain::file::FileId;
use crate::store::loose_objects;

const EVERY: Duration = Duration::from_secs(10);
/// A walk over all files costs more, and should find nothing.
const AUDIT_EVERY: Duration = Duration::from_hours(24);
/// Objects a transaction.
const BITE: i64 = 100;

/// Sweeps until the process stops.
pub(crate) async fn run(app: App, blobs: Blobs) {
    let mut audited = std::time::Instant::now();
    while app.stop().sleep(EVERY).await {
        if let Err(error) = once(&app, &blobs).await {
            log::warn!("objects not swept: {error}");
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

/// Removes objects at once that no row has, unless a row has taken them meanwhile. What fails is the sweeper's.
pub(crate) async fn discard(app: &App, blobs: &Blobs, ids: Vec<FileId>) {
    let condemned = app.write(move |tx| Ok(loose_objects::condemn(tx, &ids)?)).await;
    let removed = match condemned {
        Ok(condemned) => remove(app, blobs, condemned).await,
        Err(error) => Err(error),
    };
    if let Err(error) = removed {
        log::warn!("objects are left to the sweeper: {error}");
    }
}

async fn remove(app: &App, blobs: &Blobs, condemned: Vec<FileId>) -> Result<()> {
    for id in &condemned {
        blobs.remove(*id).await?;
    }
    app.write(move |tx| Ok(loose_objects::forget(tx, &condemned)?)).await
}
