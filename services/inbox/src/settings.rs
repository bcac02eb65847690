//! What inbox needs besides what every service needs.

use std::time::Duration;

use chrono::TimeDelta;
use files::BucketTokenSettings;
use kit::settings::{SettingsError, Validate, comma_list};
use serde::Deserialize;

use crate::domain::networks::Networks;
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
    /// What visitors meet.
    #[serde(default)]
    pub widget: WidgetSettings,
    /// How companies' own systems are reached.
    #[serde(default)]
    pub webhooks: WebhookSettings,
}

/// Messages at random, to try a console with.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct SimulatorSettings {
    /// Whether there are any; by default everywhere but in the environment `production`.
    pub enabled: Option<bool>,
}

/// What visitors meet (`BANTER__WIDGET__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct WidgetSettings {
    /// How long a contact token is good, in minutes.
    pub token_minutes: i64,
    /// Whether a widget that lists no site is for all of them; by default everywhere but in the environment `production`.
    pub any_site: Option<bool>,
    /// Whether `X-Real-IP` is the visitor's address, as it is behind the gateway.
    pub trust_real_ip: bool,
    /// How often one address may begin a session.
    pub sessions: RateSettings,
    /// How often one address may say something.
    pub messages: RateSettings,
    /// How often one address may do anything else.
    pub reads: RateSettings,
}

/// One limit for each address and widget.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct RateSettings {
    /// Whether it is there.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How many a minute, in the long run.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}

fn yes() -> bool {
    true
}

impl RateSettings {
    const fn new(per_minute: u32, burst: u32) -> Self {
        Self { enabled: true, per_minute, burst }
    }
}

impl Default for WidgetSettings {
    fn default() -> Self {
        Self {
            token_minutes: 24 * 60,
            any_site: None,
            trust_real_ip: true,
            sessions: RateSettings::new(30, 30),
            messages: RateSettings::new(60, 30),
            reads: RateSettings::new(600, 200),
        }
    }
}

impl WidgetSettings {
    /// How long a contact token is good.
    #[must_use]
    pub fn token_life(&self) -> TimeDelta {
        TimeDelta::minutes(self.token_minutes)
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if !(1..=30 * 24 * 60).contains(&self.token_minutes) {
            return Err(SettingsError::at("widget.token_minutes", "must be from 1 to 43200"));
        }
        let rates = [("sessions", self.sessions), ("messages", self.messages), ("reads", self.reads)];
        for (name, RateSettings { per_minute, burst, .. }) in rates {
            if per_minute == 0 || burst == 0 {
                return Err(SettingsError::at(
                    &format!("widget.{name}"),
                    "takes per_minute and burst from 1",
                ));
            }
        }
        Ok(())
    }
}

/// How companies' own systems are reached (`BANTER__WEBHOOKS__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct WebhookSettings {
    /// Networks that are not of the public internet, and may be reached all the same: CIDRs or addresses, `a,b,c`.
    #[serde(deserialize_with = "comma_list")]
    pub allowed_networks: Vec<String>,
    /// How long a receiver may take, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self { allowed_networks: Vec::new(), timeout_ms: 10_000 }
    }
}

impl WebhookSettings {
    /// Where webhooks may go.
    ///
    /// # Errors
    /// What is no network.
    pub fn networks(&self) -> Result<Networks, SettingsError> {
        Networks::new(&self.allowed_networks)
            .map_err(|problem| SettingsError::at("webhooks.allowed_networks", problem))
    }

    /// How long a receiver may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if !(1..=60_000).contains(&self.timeout_ms) {
            return Err(SettingsError::at("webhooks.timeout_ms", "must be from 1 to 60000"));
        }
        self.networks().map(|_| ())
    }
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        self.directory.validate()?;
        self.widget.validate()?;
        self.webhooks.validate()?;
        self.owners.validate()?;
        self.catalogue.validate()?;
        self.files.validate()
    }
}
