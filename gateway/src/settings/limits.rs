//! The bounds that every request keeps to.

use std::time::Duration;

use kit::settings::SettingsError;
use serde::Deserialize;

/// Sizes in bytes, times in milliseconds, rates in requests. A name that is none of these is refused: a limit that is
/// misspelt would otherwise never hold, and nobody would notice.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest body, except for uploads.
    pub body_bytes: u64,
    /// The largest body of an upload: a file of 100 MB and the form around it.
    pub upload_bytes: u64,
    /// How long a client may pause within a body.
    pub chunk_ms: u64,
    /// How long connecting to a service may take.
    pub connect_ms: u64,
    /// How long a service may take from the end of the request to the head of its answer.
    pub answer_ms: u64,
    /// How long a request that could not reach its service is tried again.
    pub retry_ms: u64,
    /// Whether the requests of one user, that is with one token, are limited.
    pub user_enabled: bool,
    /// How many of them may come at once.
    pub user_burst: u32,
    /// How many of them may come in the long run.
    pub user_per_second: u32,
    /// Whether the requests from one address are limited.
    pub address_enabled: bool,
    /// How many of them may come at once.
    pub address_burst: u32,
    /// How many of them may come in the long run.
    pub address_per_second: u32,
    /// Whether logins, refreshes and registrations from one address are limited.
    pub sign_in_enabled: bool,
    /// How many of them may come at once.
    pub sign_in_burst: u32,
    /// How many of them may come in the long run.
    pub sign_in_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 4 << 20,
            upload_bytes: 101 << 20,
            chunk_ms: 30_000,
            connect_ms: 1_000,
            answer_ms: 30_000,
            retry_ms: 1_000,
            user_enabled: true,
            user_burst: 1_000,
            user_per_second: 200,
            address_enabled: true,
            address_burst: 3_000,
            address_per_second: 500,
            sign_in_enabled: true,
            sign_in_burst: 200,
            sign_in_per_second: 20,
        }
    }
}

/// One limit on how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSettings {
    /// How it is called in settings and answers.
    pub name: &'static str,
    /// Its switch.
    pub enabled: bool,
    /// How many requests may come at once.
    pub burst: u32,
    /// How many requests may come in the long run.
    pub per_second: u32,
}

/// The largest rate that makes sense: more than a gateway can do.
const HIGHEST_RATE: u32 = 1_000_000;

impl Limits {
    pub(crate) fn chunk(self) -> Duration {
        Duration::from_millis(self.chunk_ms)
    }

    pub(crate) fn answer(self) -> Duration {
        Duration::from_millis(self.answer_ms)
    }

    /// The limit of one user's requests.
    #[must_use]
    pub fn user(self) -> RateSettings {
        let Self { user_enabled: enabled, user_burst: burst, user_per_second: per_second, .. } = self;
        RateSettings { name: "user", enabled, burst, per_second }
    }

    /// The limit of requests from one address.
    #[must_use]
    pub fn address(self) -> RateSettings {
        let Self { address_enabled: enabled, address_burst: burst, address_per_second: per_second, .. } =
            self;
        RateSettings { name: "address", enabled, burst, per_second }
    }

    /// The limit of logins, refreshes and registrations from one address.
    #[must_use]
    pub fn sign_in(self) -> RateSettings {
        let Self { sign_in_enabled: enabled, sign_in_burst: burst, sign_in_per_second: per_second, .. } =
            self;
        RateSettings { name: "sign_in", enabled, burst, per_second }
    }

    pub(super) fn validate(self) -> Result<(), SettingsError> {
        let times = [("chunk", self.chunk_ms), ("connect", self.connect_ms), ("answer", self.answer_ms)];
        if let Some((name, _)) = times.iter().find(|(_, millis)| *millis == 0) {
            return Err(SettingsError::at(&format!("limits.{name}_ms"), "must be more than 0"));
        }
        [self.user(), self.address(), self.sign_in()].iter().try_for_each(RateSettings::validate)
    }
}

impl RateSettings {
    fn validate(&self) -> Result<(), SettingsError> {
        let name = self.name;
        let figures = [("burst", self.burst), ("per_second", self.per_second)];
        match figures.iter().find(|(_, figure)| !(1..=HIGHEST_RATE).contains(figure)) {
            Some((what, _)) => {
                let problem = format!("must be 1 to {HIGHEST_RATE}; {name}_enabled=false switches it off");
                Err(SettingsError::at(&format!("limits.{name}_{what}"), problem))
            }
            None => Ok(()),
        }
    }
}
