//! What auth tells: users come, change and go; sessions end.

use chrono::{DateTime, Utc};
use kit::{Role, SessionId, UserId};
use serde::{Deserialize, Serialize};

use crate::Payload;

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

impl Payload for UserCreated {
    const SOURCE: &'static str = "auth";
    const TYPE: &'static str = "user-created";
    const VERSION: u32 = 1;
}

/// A user's name, picture, rank or time zone changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdated {
    /// The user after the change.
    pub user: User,
}

impl Payload for UserUpdated {
    const SOURCE: &'static str = "auth";
    const TYPE: &'static str = "user-updated";
    const VERSION: u32 = 1;
}

/// A user was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDeleted {
    /// The user, no longer active.
    pub user: User,
}

impl Payload for UserDeleted {
    const SOURCE: &'static str = "auth";
    const TYPE: &'static str = "user-deleted";
    const VERSION: u32 = 1;
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

impl Payload for SessionRevoked {
    const SOURCE: &'static str = "auth";
    const TYPE: &'static str = "session-revoked";
    const VERSION: u32 = 1;
}
