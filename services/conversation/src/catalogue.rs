//! The catalogue: our copy of the listings, and the listing service itself for those that no event told us of yet.

use events::listing::Listing;
use kit::settings::{SettingsError, Validate};
use kit::{App, Error, Result};
use serde::Deserialize;

use crate::domain::thread::ListingId;
use crate::store::listings;

/// Where listings are looked up.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The base URL of the listing service.
    pub listings_url: String,
}

impl Validate for Settings {
    fn validate(&self) -> std::result::Result<(), SettingsError> {
        if self.listings_url.starts_with("http") {
            return Ok(());
        }
        Err(SettingsError::at("catalogue.listings_url", "must begin with http:// or https://"))
    }
}

/// Finds listings.
pub struct Catalogue {
    app: App,
    url: String,
}

#[derive(Deserialize)]
struct Found {
    listings: Vec<Listing>,
}

impl Catalogue {
    /// A catalogue that asks the listing service where the settings say.
    #[must_use]
    pub fn new(app: App, settings: &Settings) -> Self {
        Self { app, url: format!("{}/v1/listings", settings.listings_url.trim_end_matches('/')) }
    }

    /// A listing, looked up if need be; deleted ones, too.
    ///
    /// # Errors
    /// 503 when it is new to us and the listing service cannot be asked.
    pub async fn find(&self, id: ListingId) -> Result<Option<Listing>> {
        let known = self.app.read(move |conn| Ok(listings::known(conn, &[id])?.remove(&id))).await?;
        match known {
            Some(listing) => Ok(Some(listing)),
            None => self.look_up(id).await,
        }
    }

    /// Asks the listing service, and keeps what it says.
    async fn look_up(&self, id: ListingId) -> Result<Option<Listing>> {
        let request = self.app.look_up(&self.url)?.query(&[("id", id.to_string())]);
        let answer =
            request.send().await.and_then(reqwest::Response::error_for_status).map_err(Error::unavailable)?;
        let found: Found = answer.json().await.map_err(Error::unavailable)?;
        let Some(listing) = found.listings.into_iter().find(|found| found.id == id.uuid()) else {
            return Ok(None);
        };
        let kept = listing.clone();
        self.app.write(move |tx| Ok(listings::keep(tx, &kept)?)).await?;
        Ok(Some(listing))
    }
}
