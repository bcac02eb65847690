//! What messaging does on others' events: it keeps its copy of users.

use events::auth::{User, UserCreated, UserDeleted, UserUpdated};
use events::{Event, On, Reaction};
use kit::{Result, Tx};

use crate::store::users::{self, KnownUser};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[&On(user_created), &On(user_updated), &On(user_deleted)];

fn user_created(tx: &mut Tx<'_>, event: &Event<UserCreated>) -> Result<()> {
    keep(tx, &event.data.user)
}

fn user_updated(tx: &mut Tx<'_>, event: &Event<UserUpdated>) -> Result<()> {
    keep(tx, &event.data.user)
}

fn user_deleted(tx: &mut Tx<'_>, event: &Event<UserDeleted>) -> Result<()> {
    keep(tx, &event.data.user)
}

/// An older state than the one we have changes nothing, so the order of events does not matter.
fn keep(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    users::keep(tx, &[KnownUser::from(user)])?;
    Ok(())
}

impl From<&User> for KnownUser {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            fullname: user.fullname.clone(),
            avatar: user.avatar.clone(),
            is_active: user.is_active,
            record_version: user.record_version,
            timezone: user.timezone.clone(),
        }
    }
}
