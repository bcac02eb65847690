//! `PATCH` and `DELETE /v1/users/{userId}`

use actix_web::{delete, patch, web};
use kit::error::NOT_VALID;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Caller, Error, IfMatch, Result, Role, Tx, UserId, is_web_address};
use utoipa::ToSchema;

use crate::api::fields::{checked, optional, user_id};
use crate::api::origin::Origin;
use crate::api::password::{self, NewPassword};
use crate::api::views::{UserAnswer, UserView};
use crate::domain::profile::{MAX_AVATAR, MAX_FULLNAME, MAX_TIMEZONE, is_fullname, is_timezone};
use crate::domain::user::{self, Change, User};
use crate::store::{login_failures, sessions, users};
use crate::{Auth, Occasion, Refusal};

/// What a client sends to change a user; what is absent stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateUser {
    #[schema(example = "Ada King", min_length = 1, max_length = 100)]
    fullname: Option<String>,
    /// An http(s) URL, or null for none.
    #[schema(example = "https://example.com/ada.png", format = "uri", max_length = 2_000)]
    avatar: Option<String>,
    /// An IANA name, or null for none.
    #[schema(example = "Europe/Vienna")]
    timezone: Option<String>,
    /// A new password; it takes `currentPassword`, and ends the user's other sessions.
    #[schema(min_length = 8, max_length = 200)]
    password: Option<String>,
    /// The password so far.
    current_password: Option<String>,
    /// By admins: below their own rank, for users below it.
    role: Option<Role>,
}

/// Changes a user: their profile and password by themselves, their role by admins.
#[utoipa::path(
    operation_id = "updateUser",
    tag = "users",
    params(
        ("userId" = uuid::Uuid, Path, description = "The user."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that the change is of."),
    ),
    request_body = Option<UpdateUser>,
    responses(
        (status = 200, description = "The user after the change.", body = UserAnswer),
        (status = 403, description = "Another's profile, or a role that the caller cannot give.", body = ErrorEnvelope),
        (status = 409, description = "If-Match is not the current recordVersion.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[patch("/v1/users/{userId}")]
pub(crate) async fn update(
    auth: web::Data<Auth>,
    call: Call,
    origin: Origin,
    id: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id = user_id(&id)?;
    let change = change(&body)?;
    let password = password::replaced(&auth, &call, origin, id, &body).await?;
    let (caller, occasion) = (call.caller, occasion(&auth, &call));
    let apply = move |tx: &mut Tx<'_>| {
        let (actor, target) = both(tx, caller, id, &occasion)?;
        let decided = user::update(&actor, &target, &change, occasion.now)?;
        if_match.admit(target.record_version)?;
        let Some(after) = decided else { return Ok(target) };
        if let Some(new) = &password {
            set_password(tx, caller, new, &occasion)?;
        }
        users::save(tx, &after)?;
        occasion.user_updated(tx, &after)?;
        Ok(after)
    };
    let user = auth.app.write(apply).await?;
    let whole = id == caller.user_id || caller.role.is_staff();
    let view = if whole { UserView::whole(&user) } else { UserView::public(&user) };
    Ok(call.frame(Action::Update, "user").row(&view)?.etag(user.record_version))
}

fn change(body: &Body) -> Result<Change> {
    let fullname = body.has("fullname").then(|| body.required_text("fullname", MAX_FULLNAME)).transpose()?;
    let nullable = |field, max, rule| body.has(field).then(|| optional(body, field, max, rule)).transpose();
    Ok(Change {
        fullname: fullname.map(|text| checked(text, "fullname", is_fullname)).transpose()?,
        avatar: nullable("avatar", MAX_AVATAR, is_web_address)?,
        timezone: nullable("timezone", MAX_TIMEZONE, is_timezone)?,
        role: body.text("role", MAX_TIMEZONE)?.map(|text| role(&text)).transpose()?,
        password: body.has("password"),
    })
}

fn role(text: &str) -> Result<Role> {
    Role::parse(text).ok_or_else(|| Error::field(&NOT_VALID, "role"))
}

fn occasion(auth: &Auth, call: &Call) -> Occasion {
    Occasion { now: auth.app.now(), request_id: call.request_id().to_owned() }
}

/// The caller and the user whom they mean to change, as they are now and stay until the transaction ends: the role in
/// the token may be of yesterday, and the session revoked.
fn both(tx: &mut Tx<'_>, caller: Caller, target: UserId, occasion: &Occasion) -> Result<(User, User)> {
    let locked = users::lock(tx, &[caller.user_id, target])?;
    let find = |id| locked.iter().find(|user| user.id == id).cloned();
    let session = sessions::find(tx.conn(), caller.session_id)?;
    let live = session.is_some_and(|it| it.is_live(occasion.now) && it.user_id == caller.user_id);
    let actor = find(caller.user_id).filter(|_| live).ok_or(Refusal::SessionHasEnded)?;
    Ok((actor, find(target).ok_or(Refusal::UserNotFound)?))
}

/// Whoever has the old password is out: the user's other sessions end.
fn set_password(tx: &mut Tx<'_>, caller: Caller, new: &NewPassword, occasion: &Occasion) -> Result<()> {
    login_failures::forgive(tx, &new.attempt)?;
    if !users::set_password(tx, caller.user_id, &new.replaces, &new.hash)? {
        return Err(Refusal::CurrentPasswordNotValid.into());
    }
    end_sessions(tx, caller.user_id, Some(caller), occasion)
}

fn end_sessions(tx: &mut Tx<'_>, user: UserId, but: Option<Caller>, occasion: &Occasion) -> Result<()> {
    let kept = but.map(|caller| caller.session_id);
    let ended = sessions::revoke_all(tx, user, kept, occasion.now)?;
    Ok(ended.into_iter().try_for_each(|id| occasion.session_revoked(tx, user, id))?)
}

/// Deletes a user: by themselves, or by an admin above them. Their sessions end and the e-mail address is free again;
/// the name stays on what they wrote.
#[utoipa::path(
    operation_id = "deleteUser",
    tag = "users",
    params(
        ("userId" = uuid::Uuid, Path, description = "The user."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "What is left of the user.", body = UserAnswer),
        (status = 403, description = "Somebody else, not below the caller.", body = ErrorEnvelope),
        (status = 409, description = "If-Match is not the current recordVersion.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[delete("/v1/users/{userId}")]
pub(crate) async fn delete(
    auth: web::Data<Auth>,
    call: Call,
    id: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id = user_id(&id)?;
    let (caller, occasion) = (call.caller, occasion(&auth, &call));
    let apply = move |tx: &mut Tx<'_>| {
        let (actor, target) = both(tx, caller, id, &occasion)?;
        let gone = user::delete(&actor, &target, occasion.now)?;
        if_match.admit(target.record_version)?;
        users::erase(tx, &gone)?;
        end_sessions(tx, id, None, &occasion)?;
        occasion.user_deleted(tx, &gone)?;
        Ok(gone)
    };
    let gone = auth.app.write(apply).await?;
    Ok(call.frame(Action::Delete, "user").row(&UserView::public(&gone))?.etag(gone.record_version))
}
