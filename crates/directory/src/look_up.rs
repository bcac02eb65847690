//! Finding users: in the copy, and at auth itself those that no event told of yet.

use std::collections::HashSet;

use chrono_tz::Tz;
use diesel::prelude::QueryResult;
use futures_util::future::try_join_all;
use kit::filters::Zone;
use kit::settings::{SettingsError, Validate};
use kit::{App, Call, Error, Query, Result, Tx, UserId};
use serde::Deserialize;

use crate::{KnownUser, keep, named};

/// How many users are looked up by one request.
const AT_ONCE: usize = 100;

/// Where users are looked up.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// The base URL of auth.
    pub users_url: String,
}

impl Validate for Settings {
    fn validate(&self) -> std::result::Result<(), SettingsError> {
        if self.users_url.starts_with("http") {
            return Ok(());
        }
        Err(SettingsError::at("directory.users_url", "must begin with http:// or https://"))
    }
}

/// Finds users.
pub struct Directory {
    app: App,
    url: String,
    keep: Keep,
}

/// How what auth says is kept.
pub type Keep = fn(&mut Tx<'_>, &[KnownUser]) -> QueryResult<usize>;

#[derive(Deserialize)]
struct Found {
    users: Vec<Card>,
}

/// A user as auth lists them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    id: UserId,
    fullname: String,
    avatar: Option<String>,
    is_active: bool,
    record_version: i32,
    timezone: Option<String>,
}

impl From<Card> for KnownUser {
    fn from(card: Card) -> Self {
        let Card { id, fullname, avatar, is_active, record_version, timezone } = card;
        Self { id, fullname, avatar, is_active, record_version, timezone }
    }
}

impl Directory {
    /// A directory that asks auth where the settings say.
    #[must_use]
    pub fn new(app: App, settings: &Settings) -> Self {
        Self { app, url: format!("{}/v1/users", settings.users_url.trim_end_matches('/')), keep }
    }

    /// One that keeps whom it found in another way than [`keep`]: a service that has more of its own to keep with them.
    #[must_use]
    pub fn keeping(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }

    /// Those of these who are users, looked up if need be.
    ///
    /// # Errors
    /// 503 when some are new to us and auth cannot be asked.
    pub async fn active_among(&self, ids: Vec<UserId>) -> Result<HashSet<UserId>> {
        let asked = ids.clone();
        let mut known = self.app.read(move |conn| Ok(named(conn, &asked)?)).await?;
        let missing = missing(&ids, &known);
        if !missing.is_empty() {
            known.extend(self.look_up(&missing).await?);
        }
        Ok(known.into_iter().filter(|user| user.is_active).map(|user| user.id).collect())
    }

    /// In whose time zone the local days of the filter `name` are: the header's, else the caller's own, which is
    /// looked up only where a local day is asked for, else UTC.
    ///
    /// # Errors
    /// What Postgres says.
    pub async fn zone(&self, header: Zone, call: &Call, query: &Query, name: &str) -> Result<Tz> {
        if !query.all(name).any(|value| value.starts_with("$l")) {
            return Ok(header.or(None));
        }
        let user = call.caller.user_id;
        let known = self.app.read(move |conn| Ok(named(conn, &[user])?)).await?;
        Ok(header.or(known.into_iter().find_map(|user| user.timezone?.parse().ok())))
    }

    /// Asks auth, and keeps what it says.
    async fn look_up(&self, ids: &[UserId]) -> Result<Vec<KnownUser>> {
        let found = try_join_all(ids.chunks(AT_ONCE).map(|ids| self.ask(ids))).await?.concat();
        let (kept, keep) = (found.clone(), self.keep);
        self.app.write(move |tx| Ok(keep(tx, &kept)?)).await?;
        Ok(found)
    }

    async fn ask(&self, ids: &[UserId]) -> Result<Vec<KnownUser>> {
        let query: Vec<_> = ids.iter().map(|id| ("id", id.to_string())).collect();
        let request = self.app.look_up(&self.url)?.query(&query).query(&[("pageRowCount", AT_ONCE)]);
        let answer =
            request.send().await.and_then(reqwest::Response::error_for_status).map_err(Error::unavailable)?;
        let found: Found = answer.json().await.map_err(Error::unavailable)?;
        Ok(found.users.into_iter().map(KnownUser::from).collect())
    }
}

fn missing(ids: &[UserId], known: &[KnownUser]) -> Vec<UserId> {
    let known: HashSet<UserId> = known.iter().map(|user| user.id).collect();
    ids.iter().filter(|id| !known.contains(id)).copied().collect()
}
