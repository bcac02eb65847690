//! What the rules refuse, in the words of the domain, and what that is over HTTP.

use kit::error::FORBIDDEN;
use kit::{Error, codes};

codes! {
    CREDENTIALS_NOT_VALID = 401 "errMsg_credentialsAreNotValid" "There is no account with this e-mail address and password.";
    TOO_MANY_FAILED_LOGINS = 429 "errMsg_tooManyFailedLogins" "Too many logins failed, of this account or from this address; wait.";
    REFRESH_TOKEN_NOT_VALID = 401 "errMsg_refreshTokenIsNotValid" "The refresh token is none of ours; log in.";
    REFRESH_TOKEN_EXPIRED = 401 "errMsg_refreshTokenIsExpired" "The refresh token was not used in time; log in.";
    REFRESH_TOKEN_REUSED = 401 "errMsg_refreshTokenIsReused" "The refresh token was used before, so somebody else may have it: the session is revoked.";
    SESSION_HAS_ENDED = 401 "errMsg_sessionHasEnded" "The session was revoked or has expired, or its user is deleted; log in.";
    EMAIL_TAKEN = 409 "errMsg_emailIsTaken" "There is an account with this e-mail address already.";
    CURRENT_PASSWORD_NOT_VALID = 400 "errMsg_currentPasswordIsNotValid" "A new password takes the right current one.";
    PASSWORD_TOO_SHORT = 400 "errMsg_passwordIsTooShort" "A password has 8 to 200 characters.";
    USER_NOT_FOUND = 404 "errMsg_userIsNotFound" "There is no such user.";
}

/// Why a rule says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An unknown e-mail address, or a wrong password: nobody is told which.
    CredentialsNotValid,
    /// The account or the address has failed too often.
    TooManyFailedLogins {
        /// `account` or `address`.
        kind: &'static str,
        /// How many may fail.
        limit: i32,
        /// Seconds until it is admitted again.
        retry_after: u64,
    },
    /// A refresh token that never was, or was forgotten.
    RefreshTokenNotValid,
    /// A refresh token whose time is over.
    RefreshTokenExpired,
    /// A refresh token that was used before.
    RefreshTokenReused,
    /// A session that is over.
    SessionHasEnded,
    /// An e-mail address that somebody has.
    EmailTaken,
    /// A new password without the current one.
    CurrentPasswordNotValid,
    /// A user who is not there, or not any more.
    UserNotFound,
    /// Another's profile, or a rank that the caller cannot give.
    NotAllowed,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::CredentialsNotValid => Self::new(&CREDENTIALS_NOT_VALID),
            Refusal::TooManyFailedLogins { kind, limit, retry_after } => Self::new(&TOO_MANY_FAILED_LOGINS)
                .detail(format!("At most {limit} failed logins per {kind}; try again in {retry_after} s."))
                .retry_after(retry_after),
            Refusal::RefreshTokenNotValid => Self::new(&REFRESH_TOKEN_NOT_VALID),
            Refusal::RefreshTokenExpired => Self::new(&REFRESH_TOKEN_EXPIRED),
            Refusal::RefreshTokenReused => Self::new(&REFRESH_TOKEN_REUSED),
            Refusal::SessionHasEnded => Self::new(&SESSION_HAS_ENDED),
            Refusal::EmailTaken => Self::new(&EMAIL_TAKEN),
            Refusal::CurrentPasswordNotValid => Self::new(&CURRENT_PASSWORD_NOT_VALID),
            Refusal::UserNotFound => Self::new(&USER_NOT_FOUND),
            Refusal::NotAllowed => Self::new(&FORBIDDEN),
        }
    }
}
