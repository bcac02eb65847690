//! What a client gets at a login, and again at each refresh: who it is, and tokens for what it may do.

use kit::{AccessClaims, App, Caller, Frame, Result, SessionId, Use, answer_schema};
use serde_json::json;

use crate::api::views::UserView;
use crate::domain::bucket;
use crate::domain::session::ACCESS_LIFE;
use crate::domain::token::RefreshToken;
use crate::domain::user::User;

answer_schema!(BundleAnswer {
    access_token: String,
    refresh_token: Option<String>,
    user_bucket_token: String,
    application_bucket_token: Option<String>,
    user: UserView
});

/// Signs an access token.
pub(crate) fn access_token(app: &App, user: &User, sid: SessionId) -> Result<String> {
    app.sign(Use::Access, user.id.to_string(), AccessClaims { sid, role: user.role }, ACCESS_LIFE)
}

/// Adds the caller and new tokens to an answer, with the refresh token that follows.
pub(crate) fn with_all<'a>(
    frame: Frame<'a>,
    app: &App,
    user: &User,
    sid: SessionId,
    refresh_token: &RefreshToken,
) -> Result<Frame<'a>> {
    let caller = Caller { user_id: user.id, session_id: sid, role: user.role };
    let frame = frame.by(caller).with("refreshToken", json!(refresh_token.expose()));
    with_tokens(frame, app, user, &access_token(app, user, sid)?)
}

/// Adds an access token and bucket tokens to an answer.
pub(crate) fn with_tokens<'a>(frame: Frame<'a>, app: &App, user: &User, access: &str) -> Result<Frame<'a>> {
    let sign = |claims| app.sign(Use::Bucket, user.id.to_string(), claims, ACCESS_LIFE);
    let frame = frame.with("accessToken", json!(access));
    let frame = frame.with("userBucketToken", json!(sign(bucket::of_user(user.id))?));
    match bucket::of_application(user.role) {
        Some(claims) => Ok(frame.with("applicationBucketToken", json!(sign(claims)?))),
        None => Ok(frame),
    }
}
