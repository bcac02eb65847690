//! What auth tells: users come, change and go; sessions end.

use chrono::{DateTime, Utc};
use kit::{Role, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::event::payloads;

payloads! { "auth":
    UserCreated = "user-created", version 1;
    UserUpdated = "user-updated", version 1;
    UserDeleted = "user-deleted", version 1;
    SessionRevoked = "session-revoked", version 1;
}

/// A user, as other services may know them: never with an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Who it is.
    pub id: UserId,
    /// The name that others see, 1 to 100 characters.
    pub fullname: String,
    /// Where the picture is, if there is one.
    pub avatar: Option<String>,
    /// The rank.
    pub role: Role,
    /// The IANA name of the time zone, if it is known.
    pub timezone: Option<String>,
    /// False once the user was deleted.
    pub is_active: bool,
    /// Goes up by one with each change: the highest is the newest.
    pub record_version: i32,
    /// When the user registered.
    #[serde(with = "kit::date")]
    pub created_at: DateTime<Utc>,
    /// When the user last changed.
    #[serde(with = "kit::date")]
    pub updated_at: DateTime<Utc>,
}

/// Somebody registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCreated {
    /// The new user.
    pub user: User,
}

/// A user's name, picture, rank or time zone changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdated {
    /// The user after the change.
    pub user: User,
}

/// A user was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// The user, no longer active.
    pub user: User,
}

/// A login ended, by its user or because a refresh token was used twice. It carries ids only, no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRevoked {
    /// The login.
    pub session_id: SessionId,
    /// Whose it was.
    pub user_id: UserId,
}
