//! What auth needs besides what every service needs. Everything has a default.

use chrono::TimeDelta;
use kit::settings::{SettingsError, Validate};
use serde::Deserialize;

use crate::domain::limit::Limits;

/// Below this, Argon2id protects too little, in KiB.
const LEAST_MEMORY_KIB: u32 = 8 << 10;
/// Beyond this, a few logins at once take the machine down, in KiB.
const MOST_MEMORY_KIB: u32 = 1 << 20;

/// Auth's own settings.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Settings {
    /// How failed logins are limited.
    #[serde(default)]
    pub login: LoginSettings,
    /// How passwords are hashed.
    #[serde(default)]
    pub password: PasswordSettings,
}

/// How failed logins are limited (`BANTER__LOGIN__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct LoginSettings {
    /// Failures of one account within the window before it is refused.
    pub failures_per_account: i32,
    /// Failures from one address within the window before it is refused.
    pub failures_per_address: i32,
    /// How long after the first failure the count starts again, in seconds.
    pub window_seconds: i64,
    /// Whether `X-Real-IP` is the client's address, as it is behind the gateway. Where clients reach auth without it,
    /// they could write what they like there: set it to false.
    pub trust_real_ip: bool,
}

impl Default for LoginSettings {
    fn default() -> Self {
        Self {
            failures_per_account: 10,
            failures_per_address: 100,
            window_seconds: 15 * 60,
            trust_real_ip: true,
        }
    }
}

impl LoginSettings {
    /// The numbers that the rule works with.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            account: self.failures_per_account,
            address: self.failures_per_address,
            window: TimeDelta::seconds(self.window_seconds),
        }
    }
}

/// How passwords are hashed (`BANTER__PASSWORD__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct PasswordSettings {
    /// Memory that one hash takes, in KiB: what makes guessing dear, and each login.
    pub memory_kib: u32,
    /// How many are hashed at once; the others wait.
    pub at_once: usize,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { memory_kib: argon2::Params::DEFAULT_M_COST, at_once: 2 }
    }
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        let Self { login, password } = self;
        let check = |good: bool, path: &str, rule: String| {
            if good { Ok(()) } else { Err(SettingsError::at(path, rule)) }
        };
        let counts = 1..=1_000_000;
        check(
            counts.contains(&login.failures_per_account),
            "login.failures_per_account",
            "must be 1 to 1000000".into(),
        )?;
        check(
            counts.contains(&login.failures_per_address),
            "login.failures_per_address",
            "must be 1 to 1000000".into(),
        )?;
        check(
            (1..=86_400).contains(&login.window_seconds),
            "login.window_seconds",
            "must be 1 to 86400".into(),
        )?;
        check((1..=64).contains(&password.at_once), "password.at_once", "must be 1 to 64".into())?;
        check(
            (LEAST_MEMORY_KIB..=MOST_MEMORY_KIB).contains(&password.memory_kib),
            "password.memory_kib",
            format!("must be {LEAST_MEMORY_KIB} to {MOST_MEMORY_KIB}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use kit::settings::Source;

    use super::*;

    fn load(path: &str, value: &str) -> Result<Settings, SettingsError> {
        Source::from_pairs(&[(path.to_owned(), value.to_owned())].into()).unwrap().load()
    }

    #[test]
    fn nothing_must_be_set() {
        let settings = Source::from_pairs(&[].into()).unwrap().load::<Settings>().unwrap();
        assert_eq!((settings.login.failures_per_account, settings.login.failures_per_address), (10, 100));
        assert_eq!((settings.password.memory_kib, settings.password.at_once), (19_456, 2));
        assert!(settings.login.trust_real_ip);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (path, value) in [
            ("login.failures_per_account", "0"),
            ("login.failures_per_address", "-1"),
            ("login.window_seconds", "0"),
            ("password.at_once", "0"),
            ("password.memory_kib", "8191"),
        ] {
            let error = load(path, value).unwrap_err();
            assert_eq!(
                error,
                SettingsError { problem: error.problem.clone(), ..SettingsError::at(path, "") }
            );
        }
        assert_eq!(load("password.memory_kib", "8192").unwrap().password.memory_kib, 8_192);
    }
}
