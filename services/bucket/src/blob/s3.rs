//! Objects in S3, or whatever speaks like it.

use std::sync::Arc;
use std::time::Duration;

use kit::settings::SettingsError;
use object_store::aws::AmazonS3Builder;
use object_store::{BackoffConfig, RetryConfig};

use super::Blobs;
use super::http::Connector;
use crate::settings::S3Settings;

/// S3 takes no smaller parts, but for the last one.
const PART_BYTES: usize = 5 << 20;
/// A client waits: what does not work soon is said to be away.
const RETRY: Duration = Duration::from_secs(10);

/// The objects of a bucket in S3.
pub(super) fn open(settings: &S3Settings) -> Result<Blobs, SettingsError> {
    let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: RETRY };
    let store = AmazonS3Builder::new()
        .with_endpoint(&settings.endpoint)
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(settings.secret_access_key.expose())
        .with_allow_http(settings.endpoint.starts_with("http://"))
        .with_http_connector(Connector)
        .with_retry(retry)
        .build()
        .map_err(|error| SettingsError::at("storage.s3", error.to_string()))?;
    Ok(Blobs { store: Arc::new(store), part_bytes: PART_BYTES, dir: None })
}
