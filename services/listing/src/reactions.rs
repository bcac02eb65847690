//! What the catalogue does on others' events: the listings of a deleted user go with them.

use events::auth::UserDeleted;
use events::{Heard, On, Reaction};
use kit::{Result, Tx};

use crate::store::{departed_users, listings};
use crate::sweep::{BITE, bury};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[&On(user_deleted)];

/// Most users have few listings, which are deleted here. Of those who have more, the sweep deletes the rest, bite by bite:
/// thousands in one transaction would hold up the events of all others.
fn user_deleted(tx: &mut Tx<'_>, event: &Heard<UserDeleted>) -> Result<()> {
    let user = event.data.user.id;
    departed_users::insert(tx, user, event.time)?;
    let theirs = listings::lock_of(tx, user, BITE)?;
    bury(tx, theirs, event.time, &event.request_id)
}
