//! Sessions: from a login to its logout, kept alive by refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};
use kit::{SessionId, UserId};

use crate::Refusal;

/// How long an access token is good, and a bucket token.
pub const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(60);
/// How long a refresh token is good: a session ends when it is not used for so long.
pub const REFRESH_LIFE: TimeDelta = TimeDelta::days(30);
/// How long a session may last at all.
pub const SESSION_LIFE: TimeDelta = TimeDelta::days(90);
/// How long after its use a refresh token still gives its successor: for an answer that was lost, for two tabs.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);

/// A login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id: `sid` of the access tokens, and all that others may know of it.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was ended: by a logout, a deletion, a change of password, or a refresh token used twice.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The session that a login begins.
    #[must_use]
    pub fn begin(id: SessionId, user_id: UserId, now: DateTime<Utc>) -> Self {
        Self { id, user_id, created_at: now, expires_at: now + SESSION_LIFE, revoked_at: None }
    }

    /// Whether it still goes on.
    #[must_use]
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }

    /// Until when a refresh token that it gets now is good.
    #[must_use]
    pub fn refresh_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.expires_at.min(now + REFRESH_LIFE)
    }
}

/// A refresh token that is being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The session that it belongs to.
    pub session_id: SessionId,
    /// What its successor is made with.
    pub seed: Vec<u8>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was used first: now, unless it was used before.
    pub used_at: DateTime<Utc>,
}

/// Decides whether a refresh token is exchanged for its successor, and until when that is good.
///
/// # Errors
/// The session has ended, the token has expired, or was used before: then the session must be revoked.
pub fn renew(session: &Session, shown: &Shown, now: DateTime<Utc>) -> Result<DateTime<Utc>, Refusal> {
    if !session.is_live(now) {
        return Err(Refusal::SessionHasEnded);
    }
    if shown.expires_at <= now {
        return Err(Refusal::RefreshTokenExpired);
    }
    if now - shown.used_at > GRACE {
        return Err(Refusal::RefreshTokenReused);
    }
    Ok(session.refresh_until(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn session() -> Session {
        Session::begin(uuid::Uuid::nil().into(), uuid::Uuid::nil().into(), NOW)
    }

    fn shown(used_at: DateTime<Utc>) -> Shown {
        Shown { session_id: session().id, seed: Vec::new(), expires_at: NOW + REFRESH_LIFE, used_at }
    }

    #[test]
    fn slides_by_30_days_and_ends_after_90() {
        let later = NOW + TimeDelta::days(29);
        assert_eq!(renew(&session(), &shown(later), later), Ok(NOW + TimeDelta::days(59)));
        assert_eq!(session().refresh_until(NOW + TimeDelta::days(80)), NOW + TimeDelta::days(90));
        let end = NOW + SESSION_LIFE;
        let shown = Shown { expires_at: end, ..shown(end) };
        assert_eq!(renew(&session(), &shown, end), Err(Refusal::SessionHasEnded));
    }

    #[test]
    fn a_second_use_is_forgiven_for_ten_seconds() {
        assert!(renew(&session(), &shown(NOW), NOW + GRACE).is_ok());
        let late = NOW + GRACE + TimeDelta::milliseconds(1);
        assert_eq!(renew(&session(), &shown(NOW), late), Err(Refusal::RefreshTokenReused));
        // Another replica's clock may be ahead.
        assert!(renew(&session(), &shown(NOW + TimeDelta::seconds(2)), NOW).is_ok());
    }

    #[test]
    fn an_expired_token_and_an_ended_session_renew_nothing() {
        let late = NOW + REFRESH_LIFE;
        assert_eq!(renew(&session(), &shown(late), late), Err(Refusal::RefreshTokenExpired));
        let ended = Session { revoked_at: Some(NOW), ..session() };
        assert_eq!(renew(&ended, &shown(NOW), NOW), Err(Refusal::SessionHasEnded));
    }
}
