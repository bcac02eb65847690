//! Commands that every service knows, for whoever runs it. Each needs only the settings that it uses.

use serde::Deserialize;

use super::{BootResult, Service, migrate};
use crate::settings::{DatabaseSettings, KeySettings, ProcessSettings, SettingsError, Source, Validate};
use crate::{Clock as _, SystemClock, keys, server};

/// The commands of every service.
pub(super) const KNOWN: &str = "`migrate`, `keys`, `keys rotate`, `health`";

/// The settings of `migrate`.
#[derive(Deserialize)]
struct ForMigrations {
    database: DatabaseSettings,
}

impl Validate for ForMigrations {
    fn validate(&self) -> Result<(), SettingsError> {
        self.database.validate()
    }
}

/// The settings of `keys`.
#[derive(Deserialize)]
struct ForKeys {
    keys: KeySettings,
}

impl Validate for ForKeys {
    fn validate(&self) -> Result<(), SettingsError> {
        Ok(())
    }
}

/// What a command of every service comes to; none when it is not one of them.
pub(super) fn obey<S: Service>(source: &Source, words: &[String]) -> Option<BootResult<String>> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words.as_slice() {
        ["migrate"] => Some(migrate_schema::<S>(source)),
        ["keys"] => Some(first_key(source)),
        ["keys", "rotate"] => Some(next_key(source)),
        ["health"] => Some(health(source)),
        _ => None,
    }
}

fn migrate_schema<S: Service>(source: &Source) -> BootResult<String> {
    migrate::<S>(source.load::<ForMigrations>()?.database.url.expose())?;
    Ok(format!("the schema of {} is up to date", S::NAME))
}

fn first_key(source: &Source) -> BootResult<String> {
    let created = keys::ensure(&source.load::<ForKeys>()?.keys.dir, SystemClock.now())?;
    Ok(created.map_or_else(|| "there is a signing key already".into(), |key| format!("{key} signs")))
}

fn next_key(source: &Source) -> BootResult<String> {
    let done = keys::rotate(&source.load::<ForKeys>()?.keys.dir, SystemClock.now())?;
    let deleted = done.deleted.iter().map(|key| format!("; {key} is deleted"));
    Ok(format!("{} signs in a minute{}", done.created, deleted.collect::<String>()))
}

fn health(source: &Source) -> BootResult<String> {
    server::ask_readiness(source.load::<ProcessSettings>()?.http.address)?;
    Ok("ready".into())
}
