//! What the bucket service needs besides what every service needs.

use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use kit::settings::{Secret, SettingsError, Validate};
use serde::Deserialize;

use crate::domain::limits::Limits;

/// The service's own settings.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Where the bytes are.
    #[serde(default)]
    pub storage: StorageSettings,
    /// How much there may be.
    #[serde(default)]
    pub limits: LimitSettings,
    /// The addresses that answers give.
    pub links: LinkSettings,
    /// How long an upload may take.
    #[serde(default)]
    pub upload: UploadSettings,
}

/// Where the bytes are (`BANTER__STORAGE__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct StorageSettings {
    /// A directory of this machine, which all replicas must share.
    pub dir: PathBuf,
    /// Instead of a directory: S3.
    pub s3: Option<S3Settings>,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self { dir: "files".into(), s3: None }
    }
}

/// A bucket in S3 (`BANTER__STORAGE__S3__…`).
#[derive(Debug, Clone, Deserialize)]
pub struct S3Settings {
    /// `https://host` or `http://host:port`.
    pub endpoint: String,
    /// Its name there. It must exist.
    pub bucket: String,
    /// Its region.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// Who reads and writes there.
    pub access_key_id: String,
    /// With which secret.
    pub secret_access_key: Secret,
}

fn us_east_1() -> String {
    "us-east-1".into()
}

/// How much there may be (`BANTER__LIMITS__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct LimitSettings {
    /// Of one file, in bytes.
    pub file_bytes: u64,
    /// Of one request's body, in bytes.
    pub request_bytes: u64,
    /// Files of one request.
    pub files: usize,
    /// Parts of one request, files and others.
    pub parts: usize,
    /// Of all files of a bucket, in bytes.
    pub bucket_bytes: u64,
    /// Files of a bucket.
    pub bucket_files: u64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            file_bytes: 100 << 20,
            request_bytes: 101 << 20,
            files: 20,
            parts: 40,
            bucket_bytes: 1 << 30,
            bucket_files: 10_000,
        }
    }
}

impl LimitSettings {
    /// The numbers that the rules work with.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let &Self { file_bytes, request_bytes, files, parts, bucket_bytes, bucket_files } = self;
        Limits { file_bytes, request_bytes, files, parts, bucket_bytes, bucket_files }
    }
}

/// The addresses that answers give (`BANTER__LINKS__…`).
#[derive(Debug, Clone, Deserialize)]
pub struct LinkSettings {
    /// Where clients reach the environment: what `downloadUrl` begins with.
    pub base_url: String,
    /// What links are signed under, at least 32 characters.
    pub secret: Secret,
    /// How long a link is good, in seconds.
    #[serde(default = "five_minutes")]
    pub life_seconds: i64,
}

fn five_minutes() -> i64 {
    300
}

impl LinkSettings {
    /// How long a link is good.
    #[must_use]
    pub fn life(&self) -> TimeDelta {
        TimeDelta::seconds(self.life_seconds)
    }
}

/// How long an upload may take (`BANTER__UPLOAD__…`).
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct UploadSettings {
    /// As a whole, in seconds.
    pub most_seconds: u64,
    /// Between two pieces of its body, in milliseconds.
    pub pause_ms: u64,
    /// How long a file that needs a message waits for one, in seconds.
    pub grace_seconds: u32,
}

impl Default for UploadSettings {
    fn default() -> Self {
        Self { most_seconds: 3_600, pause_ms: 30_000, grace_seconds: 7 * 24 * 3_600 }
    }
}

impl UploadSettings {
    /// How long a file that needs a message waits for one.
    #[must_use]
    pub fn grace(&self) -> TimeDelta {
        TimeDelta::seconds(self.grace_seconds.into())
    }

    /// As a whole.
    #[must_use]
    pub fn most(&self) -> Duration {
        Duration::from_secs(self.most_seconds)
    }

    /// Between two pieces of its body.
    #[must_use]
    pub fn pause(&self) -> Duration {
        Duration::from_millis(self.pause_ms)
    }
}

impl Validate for Settings {
    fn validate(&self) -> Result<(), SettingsError> {
        let check = |good: bool, path: &str, rule: &str| {
            if good { Ok(()) } else { Err(SettingsError::at(path, rule)) }
        };
        let Self { limits, links, upload, .. } = self;
        let sizes = 1..=1_u64 << 40;
        check(sizes.contains(&limits.file_bytes), "limits.file_bytes", "must be 1 to 2^40")?;
        check(sizes.contains(&limits.request_bytes), "limits.request_bytes", "must be 1 to 2^40")?;
        check(limits.bucket_bytes <= 1 << 50, "limits.bucket_bytes", "must be at most 2^50")?;
        check((1..=1_000).contains(&limits.files), "limits.files", "must be 1 to 1000")?;
        check((1..=10_000).contains(&limits.parts), "limits.parts", "must be 1 to 10000")?;
        check(links.base_url.starts_with("http"), "links.base_url", "must begin with http:// or https://")?;
        check((1..=3_600).contains(&links.life_seconds), "links.life_seconds", "must be 1 to 3600")?;
        check((1..=86_400).contains(&upload.most_seconds), "upload.most_seconds", "must be 1 to 86400")?;
        check((1..=60_000).contains(&upload.pause_ms), "upload.pause_ms", "must be 1 to 60000")
    }
}

#[cfg(test)]
mod tests {
    use kit::settings::Source;

    use super::*;

    fn load(own: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let needed = [("links.base_url", "http://localhost"), ("links.secret", "x")];
        let pairs = needed.iter().chain(own).map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
        Source::from_pairs(&pairs.collect()).unwrap().load()
    }

    #[test]
    fn what_need_not_be_set_has_a_default() {
        let settings = load(&[]).unwrap();
        assert_eq!(settings.limits.file_bytes, 104_857_600);
        assert!(settings.storage.s3.is_none());
        let s3 =
            [("endpoint", "http://s3"), ("bucket", "b"), ("access_key_id", "k"), ("secret_access_key", "s")];
        let s3 = s3.map(|(name, value)| (format!("storage.s3.{name}"), value));
        let s3: Vec<_> = s3.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(load(&s3).unwrap().storage.s3.unwrap().region, "us-east-1");
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (path, value) in [
            ("limits.file_bytes", "0"),
            ("limits.request_bytes", "0"),
            ("limits.files", "0"),
            ("limits.parts", "0"),
            ("links.base_url", "ftp://x"),
            ("links.life_seconds", "0"),
            ("upload.most_seconds", "0"),
            ("upload.pause_ms", "0"),
        ] {
            let error = load(&[(path, value)]).unwrap_err();
            assert_eq!(error.variable, SettingsError::at(path, "").variable);
        }
    }
}
