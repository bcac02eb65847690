//! A new password, which takes the current one.

use kit::settings::Secret;
use kit::{Body, Call, Error, Result, UserId};

use crate::api::origin::Origin;
use crate::domain::limit::Attempt;
use crate::domain::profile::{MAX_PASSWORD, MIN_PASSWORD};
use crate::refusal::PASSWORD_TOO_SHORT;
use crate::store::{login_failures, users};
use crate::{Auth, Refusal};

/// A password that may replace another.
pub(crate) struct NewPassword {
    /// Its hash.
    pub(crate) hash: String,
    /// The hash of the current one, as it was verified.
    pub(crate) replaces: String,
    /// Guessing at the current one is limited as logins are.
    pub(crate) attempt: Attempt,
}

/// The field `password` where it must be there.
pub(crate) fn required(body: &Body) -> Result<Secret> {
    let text = body.required_text("password", MAX_PASSWORD)?;
    if text.chars().nth(MIN_PASSWORD - 1).is_none() {
        return Err(Error::new(&PASSWORD_TOO_SHORT));
    }
    Ok(Secret::new(text))
}

/// The new password of `target` that a body asks for, if it does.
pub(crate) async fn replaced(
    auth: &Auth,
    call: &Call,
    origin: Origin,
    target: UserId,
    body: &Body,
) -> Result<Option<NewPassword>> {
    if !body.has("password") {
        return Ok(None);
    }
    if call.caller.user_id != target {
        return Err(Refusal::NotAllowed.into());
    }
    let (wanted, current) =
        (required(body)?, Secret::new(body.required_text("currentPassword", MAX_PASSWORD)?));
    let (replaces, attempt) = verified(auth, origin, target, current).await?;
    Ok(Some(NewPassword { hash: auth.passwords.hash(wanted).await?, replaces, attempt }))
}

/// The hash of the current password, if that is it.
async fn verified(auth: &Auth, origin: Origin, id: UserId, current: Secret) -> Result<(String, Attempt)> {
    let (limits, now) = (auth.limits, auth.app.now());
    let look_up = move |conn: &mut _| {
        let user = users::find(conn, id)?.ok_or(Refusal::SessionHasEnded)?;
        let attempt = Attempt::new(&limits, &user.email, origin.0, now);
        login_failures::admit(conn, &attempt)?;
        let known = users::credentials(conn, &user.email)?.ok_or(Refusal::SessionHasEnded)?;
        Ok((known.password_hash, attempt))
    };
    let (hash, attempt) = auth.app.read(look_up).await?;
    if auth.passwords.verify(current, Some(hash.clone())).await? {
        return Ok((hash, attempt));
    }
    auth.app.write(move |tx| login_failures::record(tx, &attempt)).await?;
    Err(Refusal::CurrentPasswordNotValid.into())
}
