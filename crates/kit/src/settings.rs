//! Typed settings: a TOML file (named by `BANTER_CONFIG`), then `BANTER__SECTION__KEY` from the environment.
//!
//! Every section validates itself, and whatever is wrong names the variable to set. Secrets are [`Secret`]s, which
//! print as `***`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::tokens::Use;

mod source;

pub use source::Source;

/// What is wrong with the settings, and the variable that mends it.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// For example `BANTER__DATABASE__URL`.
    pub variable: String,
    /// What is wrong with it; never its value.
    pub problem: String,
}

impl SettingsError {
    /// The complaint about the setting at `path`, written with dots (`database.url`).
    #[must_use]
    pub fn at(path: &str, problem: impl Into<String>) -> Self {
        let variable = format!("BANTER__{}", path.to_uppercase().replace('.', "__"));
        Self { variable, problem: problem.into() }
    }

    fn path(&self) -> String {
        self.variable.trim_start_matches("BANTER__").replace("__", ".").to_lowercase()
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.problem)
    }
}

impl std::error::Error for SettingsError {}

/// Settings that can tell whether they make sense.
pub trait Validate {
    /// Checks what types cannot.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    fn validate(&self) -> Result<(), SettingsError>;
}

/// The settings of a service that has none of its own.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Nothing {}

impl Validate for Nothing {
    fn validate(&self) -> Result<(), SettingsError> {
        Ok(())
    }
}

/// A value that must not be printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A list written as `a,b,c`.
///
/// # Errors
/// When the setting is no string.
pub fn comma_list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
}

/// What every process needs, the gateway too.
#[derive(Debug, Clone, Deserialize)]
pub struct ProcessSettings {
    /// The name of the environment (`preview`, `staging`, `production`): part of every token's audience.
    #[serde(default = "production")]
    pub environment: String,
    /// The public listener.
    pub http: HttpSettings,
    /// The private listener for metrics.
    #[serde(default)]
    pub metrics: MetricsSettings,
    /// Log lines.
    #[serde(default)]
    pub log: LogSettings,
}

fn production() -> String {
    "production".into()
}

impl Validate for ProcessSettings {
    fn validate(&self) -> Result<(), SettingsError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.environment.is_empty() || !self.environment.chars().all(plain) {
            return Err(SettingsError::at("environment", "must be lower-case letters, digits and hyphens"));
        }
        self.http.validate()
    }
}

/// The public listener of a process.
#[derive(Debug, Clone, Deserialize)]
pub struct HttpSettings {
    /// Where to listen, `ip:port`; port 0 takes a free one.
    pub address: SocketAddr,
    /// Worker threads. Without it a service has one, which is the fastest with the database on the same few cores, and the
    /// gateway one for each processor.
    pub workers: Option<usize>,
    /// The largest body, in bytes; more is 413.
    #[serde(default = "two_mebibytes")]
    pub body_limit: usize,
    /// How long a body may take to arrive, in milliseconds; longer is 408.
    #[serde(default = "ten_seconds")]
    pub body_timeout_ms: u64,
    /// How long after SIGTERM requests are still taken, each answered with `Connection: close`.
    #[serde(default = "half_a_second")]
    pub drain_ms: u64,
    /// How long requests in flight may go on after that, in seconds.
    #[serde(default = "half_a_minute")]
    pub shutdown_seconds: u64,
}

fn two_mebibytes() -> usize {
    2 << 20
}
fn ten_seconds() -> u64 {
    10_000
}
fn half_a_second() -> u64 {
    500
}
fn half_a_minute() -> u64 {
    30
}

impl Validate for HttpSettings {
    fn validate(&self) -> Result<(), SettingsError> {
        if self.workers.is_some_and(|workers| !(1..=64).contains(&workers)) {
            return Err(SettingsError::at("http.workers", "must be 1 to 64"));
        }
        if self.body_timeout_ms == 0 {
            return Err(SettingsError::at("http.body_timeout_ms", "must be more than 0"));
        }
        Ok(())
    }
}

/// The private listener: `/metrics` in Prometheus' text format.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct MetricsSettings {
    /// Where to listen, `ip:port`; without it no metrics are served.
    pub address: Option<SocketAddr>,
}

/// How log lines look.
#[derive(Debug, Clone, Deserialize)]
pub struct LogSettings {
    /// `human` for a terminal, `json` for a collector.
    #[serde(default)]
    pub format: LogFormat,
    /// A level, or `env_logger`'s filter syntax.
    #[serde(default = "info")]
    pub level: String,
}

fn info() -> String {
    "info".into()
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: info() }
    }
}

/// The shape of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a terminal.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// What a service needs besides [`ProcessSettings`].
#[derive(Debug, Clone, Deserialize)]
pub struct ServiceSettings {
    /// Its schema in Postgres.
    pub database: DatabaseSettings,
    /// RabbitMQ.
    pub broker: BrokerSettings,
    /// Its own signing keys.
    pub keys: KeySettings,
    /// Whose keys are good for what, by issuer.
    #[serde(default)]
    pub trust: BTreeMap<String, TrustSettings>,
}

impl Validate for ServiceSettings {
    fn validate(&self) -> Result<(), SettingsError> {
        self.database.validate()?;
        if !self.broker.url.expose().starts_with("amqp") {
            return Err(SettingsError::at("broker.url", "must begin with amqp:// or amqps://"));
        }
        self.trust.iter().try_for_each(|(issuer, trust)| trust.check(issuer))
    }
}

/// A Postgres role whose `search_path` is the service's own schema.
#[derive(Debug, Clone, Deserialize)]
pub struct DatabaseSettings {
    /// `postgres://role:password@host:port/database`.
    pub url: Secret,
    /// Connections; also how many requests may be in the database at once.
    #[serde(default = "eight")]
    pub pool: u32,
    /// How long a request waits for a connection before it is 503, in milliseconds.
    #[serde(default = "two_seconds")]
    pub wait_ms: u64,
}

fn eight() -> u32 {
    8
}
fn two_seconds() -> u64 {
    2_000
}

impl Validate for DatabaseSettings {
    fn validate(&self) -> Result<(), SettingsError> {
        if !self.url.expose().starts_with("postgres") {
            return Err(SettingsError::at("database.url", "must begin with postgres://"));
        }
        if self.pool == 0 || self.pool > 1_000 {
            return Err(SettingsError::at("database.pool", "must be 1 to 1000"));
        }
        Ok(())
    }
}

/// The message broker.
#[derive(Debug, Clone, Deserialize)]
pub struct BrokerSettings {
    /// `amqp://user:password@host:port/vhost`.
    pub url: Secret,
    /// What stands before the names of the exchange and the queues; deployments that share a broker each have one.
    #[serde(default = "banter")]
    pub namespace: String,
}

fn banter() -> String {
    "banter".into()
}

/// The service's own signing keys.
#[derive(Debug, Clone, Deserialize)]
pub struct KeySettings {
    /// A directory of `<kid>.pem` files: Ed25519, PKCS#8; the kid is the UTC time from which it signs.
    pub dir: PathBuf,
}

/// One issuer of the trust list.
#[derive(Debug, Clone, Deserialize)]
pub struct TrustSettings {
    /// Where its public keys are.
    pub jwks_url: String,
    /// What its tokens are good for here: `access,service,bucket,contact`.
    #[serde(deserialize_with = "comma_list")]
    pub uses: Vec<String>,
}

impl TrustSettings {
    fn check(&self, issuer: &str) -> Result<(), SettingsError> {
        if self.uses.iter().any(|name| Use::parse(name).is_none()) {
            let path = format!("trust.{issuer}.uses");
            return Err(SettingsError::at(&path, "must be among access, service, bucket and contact"));
        }
        Ok(())
    }
}
