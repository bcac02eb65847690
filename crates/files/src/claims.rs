//! What a bucket token says, and what buckets are called.

use chrono::TimeDelta;
use kit::UserId;
use serde::{Deserialize, Serialize};

/// What may be done with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Download and list.
    Read,
    /// Upload and delete.
    Write,
}

/// One thing that a bucket token allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketGrant {
    /// The bucket's name.
    pub bucket: String,
    /// What may be done with it.
    pub mode: Mode,
}

/// What a bucket token says besides the usual claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketClaims {
    /// All that it allows.
    pub grants: Vec<BucketGrant>,
}

impl BucketClaims {
    /// Reading and writing these buckets.
    #[must_use]
    pub fn both(buckets: &[String]) -> Self {
        let grant = |bucket: &String, mode| BucketGrant { bucket: bucket.clone(), mode };
        let grants =
            buckets.iter().flat_map(|bucket| [Mode::Read, Mode::Write].map(|mode| grant(bucket, mode)));
        Self { grants: grants.collect() }
    }
}

/// How long the right to the files of a place lasts once it is given: so long somebody who left can still use it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct TokenSettings {
    /// In seconds.
    pub life_seconds: u32,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self { life_seconds: 600 }
    }
}

impl TokenSettings {
    /// How long.
    #[must_use]
    pub fn life(self) -> TimeDelta {
        TimeDelta::seconds(self.life_seconds.into())
    }
}

/// The bucket of a user that everybody may read.
#[must_use]
pub fn public_bucket_of(user: UserId) -> String {
    format!("{user}-public-user-bucket")
}

/// The bucket of a user that nobody else may read.
#[must_use]
pub fn private_bucket_of(user: UserId) -> String {
    format!("{user}-private-user-bucket")
}
