//! Asking the owners of conversations for all that they know.

use std::time::Duration;

use events::conversation::ThreadState;
use events::listing::Listing;
use events::messaging::ConversationState;
use kit::settings::SettingsError;
use kit::{App, Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::told::Tells;
use crate::domain::inbox_entry::{Source, Told};

/// A part of all that an owner knows may take a while.
const DEADLINE: Duration = Duration::from_secs(20);

/// Where conversations are looked up.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct OwnersSettings {
    /// The base URL of messaging; without it, nothing is asked there.
    pub messaging_url: Option<String>,
    /// The base URL of conversation.
    pub conversation_url: Option<String>,
}

/// Where listings are looked up.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct CatalogueSettings {
    /// The base URL of the listing service; without it, threads have no titles until an event tells them.
    pub listings_url: Option<String>,
}

impl CatalogueSettings {
    /// Looks whether that is a URL.
    ///
    /// # Errors
    /// It is none.
    pub fn validate(&self) -> std::result::Result<(), SettingsError> {
        is_url("catalogue.listings_url", self.listings_url.as_ref())
    }
}

fn is_url(name: &'static str, url: Option<&String>) -> std::result::Result<(), SettingsError> {
    match url {
        Some(url) if !url.starts_with("http") => {
            Err(SettingsError::at(name, "must begin with http:// or https://"))
        }
        _ => Ok(()),
    }
}

impl OwnersSettings {
    /// Looks whether these are URLs.
    ///
    /// # Errors
    /// The one that is none.
    pub fn validate(&self) -> std::result::Result<(), SettingsError> {
        is_url("owners.messaging_url", self.messaging_url.as_ref())?;
        is_url("owners.conversation_url", self.conversation_url.as_ref())
    }
}

/// The owners of conversations that are not ours.
#[derive(Clone)]
pub struct Owners {
    app: App,
    settings: OwnersSettings,
    catalogue: CatalogueSettings,
}

/// A part of what an owner knows, and where the next part begins.
pub struct Part {
    /// What it tells.
    pub told: Vec<Told>,
    /// Where the next part begins, if there is one.
    pub next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conversations {
    conversation_states: Vec<ConversationState>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Threads {
    conversation_thread_states: Vec<ThreadState>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Listings {
    listings: Vec<Listing>,
}

impl Owners {
    /// Those whom the settings name.
    #[must_use]
    pub fn new(app: App, settings: OwnersSettings, catalogue: CatalogueSettings) -> Self {
        Self { app, settings, catalogue }
    }

    /// The part after a place, of one of these ids only where there are any; nothing where the owner is not known.
    ///
    /// # Errors
    /// 503 when the owner cannot be asked.
    pub async fn part(&self, of: Source, after: Option<&str>, ids: &[String]) -> Result<Option<Part>> {
        let mut query: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
        query.extend(after.map(|after| ("after", after)));
        match (of, &self.settings.messaging_url, &self.settings.conversation_url) {
            (Source::Messaging, Some(url), _) => {
                let part: Conversations = self.ask(url, "v1/conversationstates", &query).await?;
                let told = part.conversation_states.iter().map(Tells::told).collect();
                Ok(Some(Part { told, next: part.next }))
            }
            (Source::Conversation, _, Some(url)) => {
                let part: Threads = self.ask(url, "v1/conversationthreadstates", &query).await?;
                let told = part.conversation_thread_states.iter().map(Tells::told).collect();
                Ok(Some(Part { told, next: part.next }))
            }
            _ => Ok(None),
        }
    }

    /// Listings, at most 100 of them; none where their owner is not known.
    ///
    /// # Errors
    /// 503 when the owner cannot be asked.
    pub async fn listings(&self, ids: &[uuid::Uuid]) -> Result<Vec<Listing>> {
        let Some(url) = &self.catalogue.listings_url else { return Ok(Vec::new()) };
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut query: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
        query.push(("pageRowCount", "100"));
        Ok(self.ask::<Listings>(url, "v1/listings", &query).await?.listings)
    }

    async fn ask<T: DeserializeOwned>(&self, url: &str, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let request = self.app.look_up(&format!("{}/{path}", url.trim_end_matches('/')))?;
        let answer = request.query(query).timeout(DEADLINE).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).map_err(Error::unavailable)?;
        answer.json().await.map_err(Error::unavailable)
    }
}
