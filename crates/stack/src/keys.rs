//! Signing keys of the services: a directory for each, below the home.

use chrono::{DateTime, Utc};
use kit::keys::Rotation;

use crate::error::{Context, Result};
use crate::home::{Home, private_dir};

/// Gives a service its first key, which signs at once; does nothing when it has one.
pub(crate) fn ensure(home: &Home, service: &str, now: DateTime<Utc>) -> Result<()> {
    let dir = home.keys(service);
    private_dir(&dir, 0o700)?;
    kit::keys::ensure(&dir, now).map(drop).context(|| format!("cannot make a key in {}", dir.display()))
}

/// Writes a key that will sign in a minute, and deletes keys that were superseded more than two hours ago.
pub(crate) fn rotate(home: &Home, service: &str, now: DateTime<Utc>) -> Result<Rotation> {
    let dir = home.keys(service);
    kit::keys::rotate(&dir, now).context(|| format!("cannot rotate the keys in {}", dir.display()))
}
