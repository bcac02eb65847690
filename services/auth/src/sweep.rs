//! Forgetting what no request can need any more, in bites.

use std::time::Duration;

use chrono::TimeDelta;
use kit::{App, Result, Tx};

use crate::store::{login_failures, refresh_tokens, sessions};

const EVERY: Duration = Duration::from_mins(10);
/// Rows a statement.
const BITE: i64 = 1_000;
/// An ended session is known for as long as an access token of it can still be shown.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Sweeps until the process stops.
pub(crate) async fn run(app: App) {
    while app.stop().sleep(EVERY).await {
        if let Err(error) = once(&app).await {
            log::warn!("sessions not swept: {error}");
        }
    }
}

/// Sweeps all that is there; how many rows went.
///
/// # Errors
/// What Postgres says.
pub async fn once(app: &App) -> Result<usize> {
    let mut swept = 0;
    loop {
        let now = app.now();
        let bite = app.write(move |tx| bite(tx, now)).await?;
        swept += bite;
        if bite == 0 {
            return Ok(swept);
        }
    }
}

fn bite(tx: &mut Tx<'_>, now: chrono::DateTime<chrono::Utc>) -> Result<usize> {
    let tokens = refresh_tokens::sweep(tx, now, BITE)?;
    let sessions = sessions::sweep(tx, now - KEPT, BITE)?;
    Ok(tokens + sessions + login_failures::sweep(tx, now, BITE)?)
}
