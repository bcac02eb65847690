//! What a service does on auth's events to keep its copy.

use events::Heard;
use events::auth::{User, UserCreated, UserDeleted, UserUpdated};
use kit::{Result, Tx};

use crate::{KnownUser, keep};

/// Keeps a new user.
///
/// # Errors
/// What Postgres says.
pub fn user_created(tx: &mut Tx<'_>, event: &Heard<UserCreated>) -> Result<()> {
    keep_one(tx, &event.data.user)
}

/// Keeps a changed user.
///
/// # Errors
/// What Postgres says.
pub fn user_updated(tx: &mut Tx<'_>, event: &Heard<UserUpdated>) -> Result<()> {
    keep_one(tx, &event.data.user)
}

/// Keeps that a user is deleted.
///
/// # Errors
/// What Postgres says.
pub fn user_deleted(tx: &mut Tx<'_>, event: &Heard<UserDeleted>) -> Result<()> {
    keep_one(tx, &event.data.user)
}

/// An older state than the one we have changes nothing, so the order of events does not matter.
fn keep_one(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    keep(tx, &[KnownUser::from(user)])?;
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
