//! What inbox needs besides what every service needs.

use files::BucketTokenSettings;
use kit::settings::{SettingsError, Validate};
use serde::Deserialize;

use crate::unified::{CatalogueSettings, OwnersSettings};

/// What inbox needs besides what every service needs.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Where users are looked up that no event told us of.
    pub directory: directory::Settings,
    /// Where files are.
    #[serde(default)]
    pub files: files::Settings,
    /// How long the right to a conversation's files lasts once it is given.
    #[serde(default)]
    pub bucket_tokens: BucketTokenSettings,
    /// Where the conversations of the unified inbox are looked up.
    #[serde(default)]
    pub owners: OwnersSettings,
    /// Where the listings of its threads are.
    #[serde(default)]
    pub catalogue: CatalogueSettings,
    /// Messages at random, to try a console with.
    #[serde(default)]
    pub simulator: SimulatorSettings,
}

/// Messages at random, to try a console with.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct SimulatorSettings {
    /// Whether there are any; by default everywhere but in the environment `production`.
    pub enabled: Option<bool>,
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        self.directory.validate()?;
        self.owners.validate()?;
        self.catalogue.validate()?;
        self.files.validate()
    }
}
