//! The tables of the unified inbox. They hold all users' entries: what goes without a chatbot's id here goes by user, or by
//! the source and id of a conversation.

pub mod agents;
pub mod backfill;
pub mod entries;
pub mod known_listings;
pub mod list;
pub mod messages;
pub mod moves;
pub mod own;
pub mod people;
pub mod places;
pub mod search;
pub mod words;

use diesel::sql_types::Text;
use kit::{Planned, Result, Tx, planned};

use crate::domain::inbox_entry::{Place, Source, Told};

/// A statement about a place, whose source is `$1` and whose id `$2`.
fn about<'a>(place: &'a Place, sql: &'static str) -> Planned<'a> {
    planned(sql).bind::<Text, _>(place.source.name()).bind::<Text, _>(&place.id)
}

/// Keeps of what is told whatever is newer than what is known. The place's row is locked first, so that two that tell of one
/// conversation come one after the other. The entries of a large group follow its newest message afterwards, see
/// [`places::ahead`].
///
/// # Errors
/// What Postgres says.
pub fn merge(tx: &mut Tx<'_>, told: &Told) -> Result<()> {
    let is_large = places::merge(tx, told)?;
    if told.place.source == Source::Inbox {
        agents::merge(tx, &told.place)?;
    } else {
        entries::merge(tx, &told.place, &told.members)?;
        entries::see(tx, &told.place, &told.sights)?;
        if !is_large {
            entries::bump(tx, &told.place)?;
        }
    }
    if !told.messages.is_empty() {
        messages::merge(tx, &told.place, &told.messages)?;
        messages::prune(tx, &told.place)?;
    }
    Ok(())
}
