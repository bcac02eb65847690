//! The gateway's own settings: who is served under which host, by what, and within which bounds.

use std::collections::BTreeMap;
use std::time::Duration;

use kit::settings::{SettingsError, Validate, comma_list};
use serde::Deserialize;

use crate::cors::Cors;
use crate::environments::Environments;
use crate::forwarded::TrustedProxies;

/// All of the gateway's own settings.
#[derive(Debug, Clone, Deserialize)]
pub struct GatewaySettings {
    /// The environments by name.
    #[serde(default)]
    pub environments: BTreeMap<String, EnvironmentSettings>,
    /// Proxies in front of the gateway.
    #[serde(default)]
    pub proxy: ProxySettings,
    /// Pages of other origins.
    #[serde(default)]
    pub cors: CorsSettings,
    /// Sizes and times.
    #[serde(default)]
    pub limits: Limits,
}

impl Validate for GatewaySettings {
    fn validate(&self) -> Result<(), SettingsError> {
        Environments::new(&self.environments)?;
        TrustedProxies::new(&self.proxy.trusted)?;
        Cors::new(&self.cors.origins)?;
        self.limits.validate()
    }
}

/// One environment.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct EnvironmentSettings {
    /// Host names, exact or with one `*`; the most specific of all environments wins.
    #[serde(default, deserialize_with = "comma_list")]
    pub hosts: Vec<String>,
    /// Where clients reach it, such as `https://app.example.com`.
    #[serde(default)]
    pub base_url: String,
    /// Its services by name, each with its address, such as `http://10.0.0.7:8001`.
    #[serde(default)]
    pub services: BTreeMap<String, String>,
}

/// Proxies in front of the gateway.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProxySettings {
    /// Networks (CIDR) or addresses whose `X-Forwarded-…` headers are believed.
    #[serde(default, deserialize_with = "comma_list")]
    pub trusted: Vec<String>,
}

/// Pages of other origins.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CorsSettings {
    /// Origins that may call, exact or with one `*`, such as `http://localhost:*`.
    #[serde(default, deserialize_with = "comma_list")]
    pub origins: Vec<String>,
}

/// Sizes in bytes, times in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
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
        }
    }
}

impl Limits {
    pub(crate) fn chunk(self) -> Duration {
        Duration::from_millis(self.chunk_ms)
    }

    pub(crate) fn answer(self) -> Duration {
        Duration::from_millis(self.answer_ms)
    }

    fn validate(self) -> Result<(), SettingsError> {
        let times = [("chunk", self.chunk_ms), ("connect", self.connect_ms), ("answer", self.answer_ms)];
        match times.iter().find(|(_, millis)| *millis == 0) {
            Some((name, _)) => Err(SettingsError::at(&format!("limits.{name}_ms"), "must be more than 0")),
            None => Ok(()),
        }
    }
}
