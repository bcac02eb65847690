//! `/v1/users`

use actix_web::{get, post, web};
use kit::error::NOT_VALID;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Error, Page, Query, Reader, Result, Role, Tx, Visit, is_web_address};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::fields::{checked, optional, user_id};
use crate::api::password;
use crate::api::views::{UserAnswer, UserCard, UserView, UsersAnswer};
use crate::domain::profile::{
    MAX_AVATAR, MAX_EMAIL, MAX_FULLNAME, MAX_TIMEZONE, is_email, is_fullname, is_timezone, normal_email,
};
use crate::domain::search::MAX_SEARCH;
use crate::domain::user::Registration;
use crate::store::users::{self, Filter};
use crate::{Auth, Occasion, Refusal};

/// At most so many users are asked for by id in one request.
const MAX_IDS: usize = 200;

/// What a client sends to register.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct Register {
    /// Trimmed and put in lower case.
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    email: String,
    /// 8 to 200 characters.
    #[schema(example = "correct horse battery", min_length = 8, max_length = 200)]
    password: String,
    /// 1 to 100 characters.
    #[schema(example = "Ada Lovelace", min_length = 1, max_length = 100)]
    fullname: String,
    /// An http(s) URL of at most 2,000 characters.
    #[schema(example = "https://example.com/ada.png", format = "uri", max_length = 2_000)]
    avatar: Option<String>,
    /// An IANA name.
    #[schema(example = "Europe/Vienna")]
    timezone: Option<String>,
}

/// Registers. Whoever does is a `user`; a `role` in the body is ignored.
#[utoipa::path(
    operation_id = "registerUser",
    tag = "users",
    request_body = Register,
    responses(
        (status = 201, description = "The new user.", body = UserAnswer),
        (status = 409, description = "The e-mail address is taken.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/users")]
pub(crate) async fn register(auth: web::Data<Auth>, visit: Visit, body: Body) -> Result<Answer> {
    let (registration, password) = (registration(&body)?, password::required(&body)?);
    let occasion = Occasion { now: auth.app.now(), request_id: visit.request_id.to_string() };
    let user = registration.accept(auth.app.new_id(), occasion.now);
    let (hash, new) = (auth.passwords.hash(password).await?, user.clone());
    let save = move |tx: &mut Tx<'_>| {
        users::insert(tx, &new, &hash)?;
        Ok(occasion.user_created(tx, &new)?)
    };
    auth.app.write(save).await?;
    Ok(visit.frame(Action::Create, "user").row(&UserView::whole(&user))?.etag(user.record_version))
}

fn registration(body: &Body) -> Result<Registration> {
    let email = normal_email(&body.required_text("email", MAX_EMAIL)?);
    Ok(Registration {
        email: checked(email, "email", is_email)?,
        fullname: checked(body.required_text("fullname", MAX_FULLNAME)?, "fullname", is_fullname)?,
        avatar: optional(body, "avatar", MAX_AVATAR, is_web_address)?,
        timezone: optional(body, "timezone", MAX_TIMEZONE, is_timezone)?,
    })
}

/// Lists users by name, for choosing one: at most 1,000 of those that match. A search of one or two characters finds
/// beginnings of words, a longer one any part; the staff find by e-mail address too. Other services may ask too, by a
/// token of their own.
#[utoipa::path(
    operation_id = "listUsers",
    tag = "users",
    params(
        ("search" = Option<String>, Query, description = "A part of the name.", example = "ada"),
        ("id" = Option<Vec<uuid::Uuid>>, Query, description = "Only these; may be repeated, at most 200."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all.", minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 where it is absent.", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page of users.", body = UsersAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[get("/v1/users")]
pub(crate) async fn list(auth: web::Data<Auth>, reader: Reader, query: Query) -> Result<Answer> {
    let viewer = match &reader {
        Reader::User(call) => call.caller.role,
        Reader::Service(_) => Role::User,
    };
    let (page, (filter, applied)) = (Page::parse(&query)?, filter(&query, viewer)?);
    let look_up = move |conn: &mut _| {
        let found = users::matching(conn, &filter)?;
        let (skip, rows) = (usize::try_from(page.offset()), usize::try_from(page.rows()));
        let shown = found.iter().skip(skip.unwrap_or(usize::MAX)).take(rows.unwrap_or(0));
        Ok((found.len(), users::of_ids(conn, &shown.copied().collect::<Vec<_>>())?))
    };
    let (total, rows) = auth.app.read(look_up).await?;
    let rows: Vec<_> = rows.into_iter().map(|user| UserCard::seen_by(viewer, user)).collect();
    let paging = page.of_total(i64::try_from(total).unwrap_or(i64::MAX))?;
    reader.frame(Action::List, "users").list(&rows, paging, &applied)
}

fn filter(query: &Query, viewer: Role) -> Result<(Filter, Vec<Value>)> {
    let mut filters = Filters::undated(query);
    let search = filters.search(MAX_SEARCH)?.map(str::to_owned);
    let ids = filters.present_ids("id")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
        return Err(Error::field(&NOT_VALID, "id").detail(format!("At most {MAX_IDS} ids.")));
    }
    Ok((Filter { ids, search, by_email: viewer.is_staff() }, filters.applied()))
}

/// A user. Other services may ask too, by a token of their own. The e-mail address is for the user themselves and the
/// staff.
#[utoipa::path(
    operation_id = "getUser",
    tag = "users",
    params(("userId" = uuid::Uuid, Path, description = "The user.")),
    responses(
        (status = 200, description = "The user.", body = UserAnswer),
        (status = 404, description = "There is no such user, or not any more.", body = ErrorEnvelope),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
    security(("accessToken" = [])),
)]
#[get("/v1/users/{userId}")]
pub(crate) async fn get(auth: web::Data<Auth>, reader: Reader, id: web::Path<String>) -> Result<Answer> {
    let id = user_id(&id)?;
    let user = auth.app.read(move |conn| users::find(conn, id)).await?.ok_or(Refusal::UserNotFound)?;
    let whole = match &reader {
        Reader::User(call) => call.caller.user_id == id || call.caller.role.is_staff(),
        Reader::Service(_) => false,
    };
    let view = if whole { UserView::whole(&user) } else { UserView::public(&user) };
    Ok(reader.frame(Action::Get, "user").row(&view)?.etag(user.record_version))
}
