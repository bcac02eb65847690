//! Attaching: which files may go with a message.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;
use kit::settings::{SettingsError, Validate};
use kit::{App, Error, Result, codes};
use serde::Deserialize;

use crate::{Attachments, FileId, KnownFile, keep, known};

/// How many files a message carries at most.
pub const MAX_FILES: usize = 10;

codes! {
    TOO_MANY_FILES = 400 "errMsg_fileIdsAreTooMany" "A message carries at most ten files.";
    FILES_NOT_KNOWN = 400 "errMsg_fileIdsAreNotKnown" "Some of fileIds are no files.";
    FILES_ARE_ELSEWHERE = 403 "errMsg_fileIdsAreElsewhere" "Files of a message lie in its own bucket or in the sender's public one.";
}

/// Where files are looked up.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The base URL of the bucket service; by default that of the containers.
    pub bucket_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bucket_url: "http://bucket:8080".to_owned() }
    }
}

impl Validate for Settings {
    fn validate(&self) -> std::result::Result<(), SettingsError> {
        if self.bucket_url.starts_with("http") {
            return Ok(());
        }
        Err(SettingsError::at("files.bucket_url", "must begin with http:// or https://"))
    }
}

/// Finds files.
pub struct Files {
    app: App,
    url: String,
}

#[derive(Deserialize)]
struct Found {
    data: Card,
}

/// A file as the bucket tells what it knows of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    file_id: FileId,
    bucket_name: String,
    original_name: String,
    mime_type: String,
    size: i64,
}

impl From<Card> for KnownFile {
    fn from(card: Card) -> Self {
        let Card { file_id, bucket_name, original_name, mime_type, size } = card;
        Self { id: file_id, bucket: bucket_name, original_name, mime_type, size, is_active: true }
    }
}

impl Files {
    /// Asks the bucket service where the settings say.
    #[must_use]
    pub fn new(app: App, settings: &Settings) -> Self {
        Self { app, url: format!("{}/bucket/meta", settings.bucket_url.trim_end_matches('/')) }
    }

    /// Whether this is a file, and in one of these buckets.
    ///
    /// # Errors
    /// 503 when it is new to us and the bucket cannot be asked.
    pub async fn is_in(&self, id: FileId, buckets: &[String]) -> Result<bool> {
        let found = self.find(&[id]).await?;
        Ok(found.get(&id).is_some_and(|file| file.is_active && buckets.contains(&file.bucket)))
    }

    /// Makes sure that all of these are files, and in one of these buckets; each once, in their order, and their names.
    ///
    /// # Errors
    /// 400 when they are too many or some are no files; 403 when some are elsewhere; 503 when some are new to us and the
    /// bucket cannot be asked.
    pub async fn attachable(
        &self,
        ids: Vec<FileId>,
        buckets: &[String],
    ) -> Result<(Vec<FileId>, Attachments)> {
        if ids.len() > MAX_FILES {
            return Err(Error::new(&TOO_MANY_FILES));
        }
        let mut seen = HashSet::new();
        let once: Vec<FileId> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
        if once.is_empty() {
            return Ok((once, Attachments::default()));
        }
        let found = self.find(&once).await?;
        for id in &once {
            let file = found.get(id).filter(|file| file.is_active).ok_or(Error::new(&FILES_NOT_KNOWN))?;
            if !buckets.contains(&file.bucket) {
                return Err(Error::new(&FILES_ARE_ELSEWHERE));
            }
        }
        Ok((once, Attachments::of(found)))
    }

    async fn find(&self, ids: &[FileId]) -> Result<HashMap<FileId, KnownFile>> {
        let asked = ids.to_vec();
        let mut found = self.app.read(move |conn| Ok(known(conn, &asked)?)).await?;
        let missing: Vec<FileId> =
            ids.iter().filter(|id| found.iter().all(|file| file.id != **id)).copied().collect();
        if !missing.is_empty() {
            found.extend(self.look_up(&missing).await?);
        }
        Ok(found.into_iter().map(|file| (file.id, file)).collect())
    }

    /// Asks the bucket, and keeps what it says.
    async fn look_up(&self, ids: &[FileId]) -> Result<Vec<KnownFile>> {
        let answers = try_join_all(ids.iter().map(|id| self.ask(*id))).await?;
        let found: Vec<KnownFile> = answers.into_iter().flatten().collect();
        let kept = found.clone();
        self.app.write(move |tx| Ok(keep(tx, &kept)?)).await?;
        Ok(found)
    }

    async fn ask(&self, id: FileId) -> Result<Option<KnownFile>> {
        let request = self.app.look_up(&format!("{}/{id}", self.url))?;
        let answer = request.send().await.map_err(Error::unavailable)?;
        if answer.status() == reqwest::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = answer.error_for_status().map_err(Error::unavailable)?;
        let found: Found = answer.json().await.map_err(Error::unavailable)?;
        Ok(Some(found.data.into()))
    }
}
