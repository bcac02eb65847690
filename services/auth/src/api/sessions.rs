//! `/login`, `/refresh`, `/logout`, `/currentuser`

use actix_web::{HttpRequest, get, post, web};
use chrono::{DateTime, Utc};
use kit::clock::random_bytes;
use kit::openapi::ErrorEnvelope;
use kit::settings::Secret;
use kit::{Action, Answer, Body, Call, Result, SessionId, Tx, UserId, Visit, access_token, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::bundle::{self, BundleAnswer};
use crate::api::origin::Origin;
use crate::api::views::UserView;
use crate::domain::limit::Attempt;
use crate::domain::profile::{MAX_EMAIL, MAX_PASSWORD, normal_email};
use crate::domain::session::{self, Session};
use crate::domain::token::RefreshToken;
use crate::domain::user::User;
use crate::store::refresh_tokens::Issued;
use crate::store::users::Credentials;
use crate::store::{login_failures, refresh_tokens, sessions, users};
use crate::{Auth, Occasion, Refusal};

/// The longest text that is looked at as a refresh token; ours have 43 characters.
const MAX_TOKEN: usize = 1_000;

/// What a client sends to log in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct Login {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "correct horse battery")]
    password: String,
}

/// What a client sends for new tokens.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct Refresh {
    /// The newest that the client has.
    #[schema(example = "q1nmX0W5cS8gk0lYxH3cP1wB2yUO7fT6mD4zR9aVbEs")]
    refresh_token: String,
}

/// A session, which is over.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct SessionView {
    id: SessionId,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Whose it was.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(SessionAnswer { session: SessionView });

/// Logs in.
#[utoipa::path(
    operation_id = "login",
    tag = "sessions",
    request_body = Login,
    responses(
        (status = 200, description = "The user, and tokens for them.", body = BundleAnswer),
        (status = 401, description = "An unknown e-mail address or a wrong password; nobody is told which.", body = ErrorEnvelope),
        (status = 429, description = "Too many logins failed; `Retry-After` says for how long.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/login")]
pub(crate) async fn login(auth: web::Data<Auth>, visit: Visit, origin: Origin, body: Body) -> Result<Answer> {
    let email = normal_email(&body.required_text("email", MAX_EMAIL)?);
    let password = Secret::new(body.required_text("password", MAX_PASSWORD)?);
    let attempt = Attempt::new(&auth.limits, &email, origin.0, auth.app.now());
    let credentials = verified(&auth, attempt.clone(), email, password).await?;
    let token = RefreshToken::new(random_bytes());
    let session = Session::begin(auth.app.new_id(), credentials.user.id, attempt.now);
    let beginning = Beginning {
        session: session.clone(),
        credentials,
        attempt,
        token: token.clone(),
        seed: random_bytes(),
    };
    let user = auth.app.write(move |tx| beginning.run(tx)).await?;
    let frame = visit.frame(Action::Get, "user");
    bundle::with_all(frame, &auth.app, &user, session.id, &token)?.row(&UserView::whole(&user))
}

/// Whose password it is. An unknown account costs the same work, and is counted the same, as a wrong password.
async fn verified(auth: &Auth, attempt: Attempt, email: String, password: Secret) -> Result<Credentials> {
    let tried = attempt.clone();
    let look_up = move |conn: &mut _| {
        login_failures::admit(conn, &tried)?;
        users::credentials(conn, &email)
    };
    let known = auth.app.read(look_up).await?;
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let right = auth.passwords.verify(password, hash).await?;
    if let Some(credentials) = known.filter(|_| right) {
        return Ok(credentials);
    }
    auth.app.write(move |tx| login_failures::record(tx, &attempt)).await?;
    Err(Refusal::CredentialsNotValid.into())
}

/// A session that begins.
struct Beginning {
    session: Session,
    credentials: Credentials,
    attempt: Attempt,
    token: RefreshToken,
    seed: [u8; 32],
}

impl Beginning {
    fn run(&self, tx: &mut Tx<'_>) -> Result<User> {
        let Self { session, credentials, attempt, token, seed } = self;
        login_failures::forgive(tx, attempt)?;
        // Meanwhile the password may have been changed, or the user deleted.
        let user = users::still(tx, session.user_id, &credentials.password_hash)?;
        let user = user.ok_or(Refusal::CredentialsNotValid)?;
        sessions::insert(tx, session)?;
        let (created_at, expires_at) = (attempt.now, session.refresh_until(attempt.now));
        let issued = Issued { session_id: session.id, token, seed, created_at, expires_at };
        refresh_tokens::insert(tx, &issued)?;
        Ok(user)
    }
}

/// Exchanges a refresh token for new tokens. Within ten seconds the same one may be shown again and gets the same
/// successor; after that the session is revoked, since two hold what only one should.
#[utoipa::path(
    operation_id = "refresh",
    tag = "sessions",
    request_body = Refresh,
    responses(
        (status = 200, description = "The user, and new tokens for them.", body = BundleAnswer),
        (status = 401, description = "The token is none of ours, expired or used before, or the session has ended.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/refresh")]
pub(crate) async fn refresh(auth: web::Data<Auth>, visit: Visit, body: Body) -> Result<Answer> {
    let shown = body.required_text("refreshToken", MAX_TOKEN)?;
    let shown = RefreshToken::parse(&shown).ok_or(Refusal::RefreshTokenNotValid)?;
    let occasion = Occasion { now: auth.app.now(), request_id: visit.request_id.to_string() };
    let seed: [u8; 32] = random_bytes();
    let renewed = auth.app.write(move |tx| renew(tx, &shown, &seed, &occasion)).await??;
    let frame = visit.frame(Action::Get, "user");
    let frame = bundle::with_all(frame, &auth.app, &renewed.user, renewed.session_id, &renewed.token)?;
    frame.row(&UserView::whole(&renewed.user))
}

struct Renewed {
    user: User,
    session_id: SessionId,
    token: RefreshToken,
}

/// A refusal is a result of the transaction, not its failure: the session that it revokes must stay revoked.
fn renew(
    tx: &mut Tx<'_>,
    token: &RefreshToken,
    seed: &[u8],
    occasion: &Occasion,
) -> Result<std::result::Result<Renewed, Refusal>> {
    let now = occasion.now;
    let Some(shown) = refresh_tokens::use_up(tx, token, now)? else {
        return Ok(Err(Refusal::RefreshTokenNotValid));
    };
    let session = sessions::lock(tx, shown.session_id)?;
    let expires_at = match session::renew(&session, &shown, now) {
        Ok(expires_at) => expires_at,
        Err(Refusal::RefreshTokenReused) => {
            revoke(tx, &session, occasion)?;
            return Ok(Err(Refusal::RefreshTokenReused));
        }
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(user) = users::find(tx.conn(), session.user_id)? else {
        return Ok(Err(Refusal::SessionHasEnded));
    };
    let token = token.successor(&shown.seed);
    let issued = Issued { session_id: session.id, token: &token, seed, created_at: now, expires_at };
    refresh_tokens::insert(tx, &issued)?;
    Ok(Ok(Renewed { user, session_id: session.id, token }))
}

fn revoke(tx: &mut Tx<'_>, session: &Session, occasion: &Occasion) -> Result<()> {
    if sessions::revoke(tx, session.id, occasion.now)? {
        occasion.session_revoked(tx, session.user_id, session.id)?;
    }
    Ok(())
}

/// Ends the caller's session: its refresh token is good for nothing any more. One that has ended already stays so.
#[utoipa::path(
    operation_id = "logout",
    tag = "sessions",
    responses(
        (status = 200, description = "The session, which is over.", body = SessionAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[post("/logout")]
pub(crate) async fn logout(auth: web::Data<Auth>, call: Call) -> Result<Answer> {
    let caller = call.caller;
    let occasion = Occasion { now: auth.app.now(), request_id: call.request_id().to_owned() };
    let ended = auth.app.write(move |tx| end(tx, caller.user_id, caller.session_id, &occasion)).await?;
    let updated_at = ended.revoked_at.unwrap_or(ended.expires_at);
    call.frame(Action::Delete, "session").row(&SessionView {
        id: ended.id,
        is_active: false,
        record_version: 2,
        created_at: ended.created_at,
        updated_at,
        owner: ended.user_id,
    })
}

fn end(tx: &mut Tx<'_>, user: UserId, id: SessionId, occasion: &Occasion) -> Result<Session> {
    let session = sessions::find(tx.conn(), id)?.filter(|session| session.user_id == user);
    let session = session.ok_or(Refusal::SessionHasEnded)?;
    if session.is_live(occasion.now) {
        revoke(tx, &session, occasion)?;
        return Ok(Session { revoked_at: Some(occasion.now), ..session });
    }
    Ok(session)
}

/// The caller, the access token that they showed, and new bucket tokens. The session is looked up: one that was
/// revoked is refused here although its access token is still good elsewhere for a while.
#[utoipa::path(
    operation_id = "getCurrentUser",
    tag = "sessions",
    responses(
        (status = 200, description = "The user, and tokens for them.", body = BundleAnswer),
        (status = 401, description = "The session has ended.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[get("/currentuser")]
pub(crate) async fn current_user(auth: web::Data<Auth>, call: Call, request: HttpRequest) -> Result<Answer> {
    let (caller, now) = (call.caller, auth.app.now());
    let look_up = move |conn: &mut _| {
        let session = sessions::find(conn, caller.session_id)?;
        let live = session.is_some_and(|it| it.is_live(now) && it.user_id == caller.user_id);
        let user = if live { users::find(conn, caller.user_id)? } else { None };
        Ok(user.ok_or(Refusal::SessionHasEnded)?)
    };
    let user = auth.app.read(look_up).await?;
    let shown = access_token(request.headers()).unwrap_or_default();
    let frame = call.frame(Action::Get, "user");
    bundle::with_tokens(frame, &auth.app, &user, shown)?.row(&UserView::whole(&user))
}
