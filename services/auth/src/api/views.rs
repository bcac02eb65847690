//! Users as clients see them.

use chrono::{DateTime, Utc};
use kit::{Role, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::user::User;

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(crate) struct UserView {
    id: UserId,
    #[schema(example = "Ada Lovelace")]
    fullname: String,
    avatar: Option<String>,
    #[schema(example = "Europe/Vienna")]
    timezone: Option<String>,
    /// For the user themselves and the staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    role: Role,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The user themselves.
    #[serde(rename = "_owner")]
    owner: UserId,
}

impl UserView {
    /// As everybody sees them.
    pub(crate) fn public(user: &User) -> Self {
        let user = user.clone();
        Self {
            id: user.id,
            fullname: user.fullname,
            avatar: user.avatar,
            timezone: user.timezone,
            email: None,
            role: user.role,
            is_active: user.is_active,
            record_version: user.record_version,
            created_at: user.created_at,
            updated_at: user.updated_at,
            owner: user.id,
        }
    }

    /// As they themselves and the staff see them.
    pub(crate) fn whole(user: &User) -> Self {
        Self { email: Some(user.email.clone()), ..Self::public(user) }
    }
}

/// A user in a list: what a combo box shows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UserCard)]
pub(crate) struct UserCard {
    id: UserId,
    #[schema(example = "Ada Lovelace")]
    fullname: String,
    avatar: Option<String>,
    #[schema(example = "Europe/Vienna")]
    timezone: Option<String>,
    /// For the staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// For the staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The user themselves.
    #[serde(rename = "_owner")]
    owner: UserId,
}

impl UserCard {
    /// As a caller of that rank sees them.
    pub(crate) fn seen_by(viewer: Role, user: User) -> Self {
        Self {
            id: user.id,
            fullname: user.fullname,
            avatar: user.avatar,
            timezone: user.timezone,
            email: viewer.is_staff().then_some(user.email),
            role: viewer.is_staff().then_some(user.role),
            is_active: user.is_active,
            record_version: user.record_version,
            created_at: user.created_at,
            updated_at: user.updated_at,
            owner: user.id,
        }
    }
}

answer_schema!(UserAnswer { user: UserView });
answer_schema!(UsersAnswer { users: [UserCard] });
