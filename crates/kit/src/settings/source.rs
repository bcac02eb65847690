//! The file and the environment, and what to say when they do not fit.

use std::collections::BTreeMap;
use std::path::PathBuf;

use config::{Config, ConfigError, Environment, File};
use serde::de::DeserializeOwned;

use super::{SettingsError, Validate};

/// Where settings are read from: the file and the environment, layered.
pub struct Source(Config);

impl Source {
    /// Reads the file that `BANTER_CONFIG` names, if it is set, and the environment over it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read() -> Result<Self, SettingsError> {
        let mut builder = Config::builder();
        if let Ok(path) = std::env::var("BANTER_CONFIG") {
            builder = builder.add_source(File::from(PathBuf::from(path)));
        }
        let variables = Environment::with_prefix("BANTER").prefix_separator("__").separator("__");
        let config = builder.add_source(variables).build();
        config
            .map(Self)
            .map_err(|error| SettingsError { variable: "BANTER_CONFIG".into(), problem: error.to_string() })
    }

    /// A source for tests: the given settings and nothing else.
    ///
    /// # Errors
    /// When the pairs contradict one another.
    pub fn from_pairs(pairs: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut builder = Config::builder();
        for (path, value) in pairs {
            builder = builder.set_override(path, value.as_str()).map_err(complain)?;
        }
        builder.build().map(Self).map_err(complain)
    }

    /// The settings of type `T`, checked.
    ///
    /// # Errors
    /// The variable that is missing or wrong.
    pub fn load<T: DeserializeOwned + Validate>(&self) -> Result<T, SettingsError> {
        let settings = self.0.clone().try_deserialize::<T>();
        let settings = settings.map_err(|error| self.masked(self.deeper::<T>(complain(error))))?;
        settings.validate()?;
        Ok(settings)
    }

    /// Whatever serde says of a value must not quote it.
    fn masked(&self, error: SettingsError) -> SettingsError {
        match self.0.get_string(&error.path()) {
            Ok(value) if error.problem.contains(&value) => {
                SettingsError { problem: "must be something else".into(), ..error }
            }
            _ => error,
        }
    }

    /// A whole section that is missing is no variable: names the first that it needs.
    fn deeper<T: DeserializeOwned>(&self, error: SettingsError) -> SettingsError {
        let section = error.path();
        let empty = config::Map::<String, String>::new();
        let builder = Config::builder().add_source(self.0.clone()).set_override(&section, empty);
        let retried = builder
            .and_then(config::ConfigBuilder::<config::builder::DefaultState>::build)
            .and_then(Config::try_deserialize::<T>);
        match retried.map_err(complain) {
            Err(deeper) if deeper.variable.starts_with(&format!("{}__", error.variable)) => deeper,
            _ => error,
        }
    }
}

/// Names the variable, and keeps the value (which may be a secret) out of the message.
fn complain(error: ConfigError) -> SettingsError {
    match error {
        ConfigError::NotFound(path) => SettingsError::at(&path, "is not set"),
        ConfigError::Type { key: Some(path), expected, .. } => {
            SettingsError::at(&path, format!("must be {expected}"))
        }
        ConfigError::At { key: Some(path), error, .. } => {
            let SettingsError { problem, .. } = complain(*error);
            SettingsError::at(&path, problem)
        }
        ConfigError::Message(text) => missing_field(&text),
        other => SettingsError { variable: "BANTER__…".into(), problem: other.to_string() },
    }
}

/// serde tells of a missing field in words only.
fn missing_field(text: &str) -> SettingsError {
    let field =
        text.strip_prefix("missing field `").or_else(|| text.strip_prefix("missing configuration field \""));
    match field.and_then(|rest| rest.split(['`', '"']).next()) {
        Some(path) => SettingsError::at(path, "is not set"),
        None => SettingsError { variable: "BANTER__…".into(), problem: text.to_owned() },
    }
}
