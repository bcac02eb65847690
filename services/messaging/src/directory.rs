//! Who is who: our copy of the users, and auth itself for those that no event told us of yet.

use std::collections::HashSet;

use futures_util::future::try_join_all;
use kit::{App, Error, Result, UserId};
use serde::Deserialize;

use crate::Refusal;
use crate::store::users::{self, KnownUser};

/// How many users are looked up by one request.
const AT_ONCE: usize = 100;

/// Looks users up.
pub struct Directory {
    app: App,
    url: String,
}

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
    /// A directory that asks auth at this base URL.
    #[must_use]
    pub fn new(app: App, users_url: &str) -> Self {
        Self { app, url: format!("{}/v1/users", users_url.trim_end_matches('/')) }
    }

    /// Makes sure that all of these are users.
    ///
    /// # Errors
    /// 400 when some are not; 503 when some are new to us and auth cannot be asked.
    pub async fn must_know(&self, ids: Vec<UserId>) -> Result<()> {
        let asked = ids.clone();
        let mut known = self.app.read(move |conn| Ok(users::named(conn, &asked)?)).await?;
        let missing = missing(&ids, &known);
        if !missing.is_empty() {
            known.extend(self.look_up(&missing).await?);
        }
        let active: HashSet<UserId> =
            known.iter().filter(|user| user.is_active).map(|user| user.id).collect();
        if ids.iter().all(|id| active.contains(id)) {
            Ok(())
        } else {
            Err(Refusal::UnknownParticipants.into())
        }
    }

    /// Asks auth, and keeps what it says.
    async fn look_up(&self, ids: &[UserId]) -> Result<Vec<KnownUser>> {
        let found = try_join_all(ids.chunks(AT_ONCE).map(|ids| self.ask(ids))).await?.concat();
        let keep = found.clone();
        self.app.write(move |tx| Ok(users::keep(tx, &keep)?)).await?;
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
