//! The people of threads as others see them.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use directory::KnownUser;
use kit::{Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody is called who is no user any more.
const DELETED: &str = "Deleted user";

/// Somebody, as the other one sees them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonView {
    id: UserId,
    /// `Deleted user` for somebody who is none any more; null for somebody whom we have not heard of yet.
    fullname: Option<String>,
    avatar: Option<String>,
}

/// Somebody's name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NameView {
    /// As in `otherUser`.
    fullname: Option<String>,
}

/// The people whom an answer names, found by one query.
pub(crate) struct People(HashMap<UserId, KnownUser>);

impl People {
    /// These people.
    pub(crate) fn find(conn: &mut PgConnection, ids: impl Iterator<Item = UserId>) -> Result<Self> {
        let mut ids: Vec<UserId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let known = if ids.is_empty() { Vec::new() } else { directory::named(conn, &ids)? };
        Ok(Self(known.into_iter().map(|user| (user.id, user)).collect()))
    }

    /// One of them.
    pub(crate) fn view(&self, id: UserId) -> PersonView {
        let user = self.0.get(&id);
        let avatar = user.filter(|user| user.is_active).and_then(|user| user.avatar.clone());
        PersonView { id, fullname: user.map(name), avatar }
    }

    /// The name of one of them: a list of one, as joined records come.
    pub(crate) fn names(&self, id: Option<UserId>) -> Vec<NameView> {
        id.map(|id| NameView { fullname: self.0.get(&id).map(name) }).into_iter().collect()
    }
}

fn name(of: &KnownUser) -> String {
    if of.is_active { of.fullname.clone() } else { DELETED.to_owned() }
}
