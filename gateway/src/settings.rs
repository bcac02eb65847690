//! The gateway's own settings: who is served under which host, by what, and within which bounds.

use std::collections::BTreeMap;

use kit::settings::{SettingsError, Validate, comma_list};
use serde::Deserialize;

use crate::cors::Cors;
use crate::environments::Environments;
use crate::forwarded::TrustedProxies;

mod limits;

pub use limits::{Limits, RateSettings};

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
    /// Sizes, times and rates.
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
