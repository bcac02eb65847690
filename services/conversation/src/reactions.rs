//! What conversation does on others' events: it keeps its copies of users, files and listings, and has the threads of a listing
//! told when that ends.

use events::listing::{Listing, ListingCreated, ListingDeleted, ListingUpdated};
use events::{Heard, On, Reaction};
use kit::{Result, Tx};

use crate::domain::listing::notice;
use crate::store::listings;
use crate::store::notices::{self, Notice};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[
    &On(directory::user_created),
    &On(directory::user_updated),
    &On(directory::user_deleted),
    &On(files::file_uploaded),
    &On(files::file_deleted),
    &On(listing_created),
    &On(listing_updated),
    &On(listing_deleted),
];

fn listing_created(tx: &mut Tx<'_>, event: &Heard<ListingCreated>) -> Result<()> {
    keep(tx, event, &event.data.listing)
}

fn listing_updated(tx: &mut Tx<'_>, event: &Heard<ListingUpdated>) -> Result<()> {
    keep(tx, event, &event.data.listing)
}

fn listing_deleted(tx: &mut Tx<'_>, event: &Heard<ListingDeleted>) -> Result<()> {
    keep(tx, event, &event.data.listing)
}

/// An older state than the one we have changes nothing, so the order of events does not matter; nobody is told of a
/// state that was over before we heard of it.
fn keep<P>(tx: &mut Tx<'_>, event: &Heard<P>, after: &Listing) -> Result<()> {
    let before = listings::lock(tx, after.id.into())?;
    let is_news = listings::keep(tx, after)?;
    let content = before.filter(|_| is_news).and_then(|before| notice(&before, after));
    if let Some(content) = content {
        let notice = Notice {
            event_id: event.id,
            listing_id: after.id.into(),
            content: content.to_owned(),
            request_id: event.request_id.clone(),
            created_at: event.time,
            told_up_to: None,
        };
        notices::insert(tx, &notice)?;
    }
    Ok(())
}
