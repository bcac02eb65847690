//! What our tokens say: JWTs signed with EdDSA, each with its use, in one environment.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{SessionId, UserId};

/// What a token is good for. It stands in `typ`, and with the environment in `aud`; elsewhere the token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// A user calls an API.
    Access,
    /// A service calls another.
    Service,
    /// Somebody reads or writes a bucket.
    Bucket,
    /// A visitor of a web widget calls.
    Contact,
}

impl Use {
    /// The name as it stands in settings and tokens.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Service => "service",
            Self::Bucket => "bucket",
            Self::Contact => "contact",
        }
    }

    /// The use of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Access, Self::Service, Self::Bucket, Self::Contact].into_iter().find(|it| it.name() == name)
    }

    /// The audience of a token of this use in an environment: `production:access`.
    #[must_use]
    pub fn audience(self, environment: &str) -> String {
        format!("{environment}:{}", self.name())
    }
}

/// The rank of a user. Every rank but `user` is staff; staff are strangers to private messages all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Everybody.
    User,
    /// Moderates marketplace threads.
    Moderator,
    /// Manages users below its own rank.
    Admin,
    /// Manages admins.
    SuperAdmin,
    /// Runs the deployment.
    SaasAdmin,
}

impl Role {
    /// All, from the lowest.
    pub const ALL: [Self; 5] = [Self::User, Self::Moderator, Self::Admin, Self::SuperAdmin, Self::SaasAdmin];

    /// The name as clients and the database write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::SuperAdmin => "superAdmin",
            Self::SaasAdmin => "saasAdmin",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Everybody but `user`.
    #[must_use]
    pub fn is_staff(self) -> bool {
        self > Self::User
    }

    /// May manage users: admins and above.
    #[must_use]
    pub fn is_admin(self) -> bool {
        self >= Self::Admin
    }
}

/// A token's content: the registered claims, its use, and what that use adds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims<T> {
    /// The service that signed it.
    pub iss: String,
    /// Whom it speaks for.
    pub sub: String,
    /// `<environment>:<use>`.
    pub aud: String,
    /// Seconds since the epoch: not valid from here on.
    pub exp: i64,
    /// Seconds since the epoch: not valid before.
    pub nbf: i64,
    /// Seconds since the epoch: when it was signed.
    pub iat: i64,
    /// The use once more, so that it can be read without knowing the audience.
    pub typ: Use,
    /// What this use adds.
    #[serde(flatten)]
    pub extra: T,
}

impl<T> Claims<T> {
    /// Claims good from `now` for `life`.
    pub fn new(grant: Grant<'_, T>, now: DateTime<Utc>, life: TimeDelta) -> Self {
        let Grant { issuer, environment, typ, subject, extra } = grant;
        let (nbf, exp) = (now.timestamp(), (now + life).timestamp());
        let aud = typ.audience(environment);
        Self { iss: issuer.to_owned(), sub: subject, aud, exp, nbf, iat: nbf, typ, extra }
    }
}

/// What a new token is to say, but for its time.
#[derive(Debug)]
pub struct Grant<'a, T> {
    /// The service that signs it.
    pub issuer: &'a str,
    /// The environment that it is good in.
    pub environment: &'a str,
    /// What it is good for.
    pub typ: Use,
    /// Whom it speaks for.
    pub subject: String,
    /// What this use adds.
    pub extra: T,
}

/// What a token adds that speaks for a service: nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceClaims {}

/// What an access token adds: the login it belongs to and the user's rank when it was signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The session.
    pub sid: SessionId,
    /// The rank.
    pub role: Role,
}

/// Who calls, as an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The login.
    pub session_id: SessionId,
    /// The rank.
    pub role: Role,
}

impl TryFrom<Claims<AccessClaims>> for Caller {
    type Error = crate::ParseIdError;

    fn try_from(claims: Claims<AccessClaims>) -> Result<Self, Self::Error> {
        let AccessClaims { sid, role } = claims.extra;
        Ok(Self { user_id: claims.sub.parse()?, session_id: sid, role })
    }
}
