//! Bringing the entries of large groups up to their newest messages: one statement for a thousand of them, however many
//! messages came since the last time. Whenever it is killed, the places that are ahead of their entries are still noted.

use std::time::{Duration, Instant};

use kit::{App, Result, Tx};

use crate::domain::inbox_entry::Place;
use crate::store::unified::{entries, places};

/// So soon, at most, it is seen that there is something to do.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// It rests so many times longer than it worked: busy groups, however large, cost a twentieth of one core and no more.
const SHARE: u32 = 19;
/// It rests no longer than that, nor shorter than [`LOOK_EVERY`].
const LONGEST: Duration = Duration::from_secs(1);

/// Does whatever there is to do, for ever.
pub async fn run(app: App) {
    let mut pause = LOOK_EVERY;
    while app.stop().sleep(pause).await {
        let begun = Instant::now();
        pause = match follow_all(&app).await {
            Ok(0) => LOOK_EVERY,
            Ok(_) => (begun.elapsed() * SHARE).clamp(LOOK_EVERY, LONGEST),
            Err(error) => {
                log::warn!("entries of large groups not brought up to date: {error}");
                LONGEST
            }
        }
    }
}

/// Does once what there is to do now; of how many groups.
///
/// # Errors
/// 503 when the database is away.
pub async fn follow_all(app: &App) -> Result<usize> {
    let ahead = app.read(|conn| Ok(places::ahead(conn)?)).await?;
    let count = ahead.len();
    for place in ahead {
        app.write(move |tx| follow(tx, &place)).await?;
    }
    Ok(count)
}

fn follow(tx: &mut Tx<'_>, place: &Place) -> Result<()> {
    if places::caught_up(tx, place)? > 0 {
        entries::bump(tx, place)?;
    }
    Ok(())
}
