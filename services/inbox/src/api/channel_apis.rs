//! `/v1/channelapis`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::clock::random_bytes;
use kit::error::NOT_VALID;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, IfMatch, Page, Query, Result, Tx, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::filters::chatbots;
use crate::api::{id_in_path, scope};
use crate::domain::channel::ChannelApi;
use crate::domain::chatbot::Role;
use crate::domain::ids::{ChannelId, ChatbotId};
use crate::domain::networks::MAX_URL;
use crate::domain::webhook;
use crate::store::channel_apis;
use crate::{Inbox, Refusal};

/// What a client sends to make a channel to a system of its own.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateChannelApi {
    /// Whose.
    chatbot_id: ChatbotId,
    /// Where messages to contacts go, over http or https; without it the channel only receives.
    #[schema(max_length = 2000, example = "https://example.com/hooks/banter")]
    webhook_url: Option<String>,
}

/// What a client sends to change the channel: what is absent stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateChannelApi {
    /// Where messages to contacts go; null for nowhere.
    #[schema(max_length = 2000)]
    webhook_url: Option<String>,
    /// True makes a new secret: nothing is signed with the old one any more, and nothing that is gets in.
    rotate_secret: Option<bool>,
}

/// A channel to a company's own system.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelApiView {
    id: ChannelId,
    chatbot_id: ChatbotId,
    webhook_url: Option<String>,
    /// What webhooks are signed with, in both directions, as Standard Webhooks has it; null for agents.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The chatbot.
    #[serde(rename = "_owner")]
    owner: ChatbotId,
}

answer_schema!(ChannelApiAnswer { channel_api: ChannelApiView });
answer_schema!(ChannelApisAnswer { channel_apis: [ChannelApiView] });

/// The secret is for those who manage the chatbot.
fn view(of: &ChannelApi, role: Role) -> ChannelApiView {
    ChannelApiView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        webhook_url: of.webhook_url.clone(),
        secret: role.may_manage().is_ok().then(|| of.secret.clone()),
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.chatbot_id,
    }
}

/// A name is checked when it is sent to; only what can be told by now is refused.
fn webhook_url(service: &Inbox, body: &Body) -> Result<Option<String>> {
    let wrong = |why: &'static str| Error::field(&NOT_VALID, "webhookUrl").detail(why);
    let given = body.text("webhookUrl", MAX_URL)?;
    let read =
        |text: String| service.webhooks.networks().read(&text).map(|url| url.to_string()).map_err(wrong);
    given.map(read).transpose()
}

fn secret() -> String {
    webhook::secret(&random_bytes::<32>())
}

/// Make a channel to a system of one's own: by the owner or an admin. It works once it has an inbox.
#[utoipa::path(
    operation_id = "createChannelApi", tag = "channels", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateChannelApi,
    responses(
        (status = 201, description = "The channel.", body = ChannelApiAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/channelapis")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let (now, by) = (service.app.now(), call.clone());
    let new = ChannelApi {
        id: ChannelId::draw(),
        chatbot_id: body.required_id("chatbotId")?,
        webhook_url: webhook_url(&service, &body)?,
        secret: secret(),
        is_active: true,
        record_version: 1,
        created_at: now,
        updated_at: now,
    };
    let work = move |tx: &mut Tx<'_>| {
        let role = scope(tx.conn(), &by)?.role(new.chatbot_id)?;
        role.may_manage()?;
        channel_apis::insert(tx, &new)?;
        by.frame(Action::Create, "channelApi").row(&view(&new, role))
    };
    service.app.post(&call, &body, "POST /v1/channelapis", work).await
}

/// List the channels to systems of the caller's chatbots.
#[utoipa::path(
    operation_id = "listChannelApis", tag = "channels", security(("accessToken" = [])),
    params(
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "Of one of these."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, the oldest first.", body = ChannelApisAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelapis")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let (page, mut filters) = (Page::parse(&query)?, Filters::undated(&query));
    let (chatbots, applied) = (chatbots(&mut filters)?, filters.applied());
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&chatbots)?;
        let (found, total) = channel_apis::page(conn, &scope, page)?;
        let rows: Vec<_> =
            found.iter().filter_map(|it| Some(view(it, scope.role(it.chatbot_id).ok()?))).collect();
        call.frame(Action::List, "channelApis").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// Get a channel to a system.
#[utoipa::path(
    operation_id = "getChannelApi", tag = "channels", security(("accessToken" = [])),
    params(("channelApiId" = ChannelId, Path, description = "The channel.")),
    responses(
        (status = 200, description = "The channel.", body = ChannelApiAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelapis/{channelApiId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelApiId")?;
    let work = move |conn: &mut PgConnection| {
        let (found, role) = seen(conn, &call, id)?;
        Ok(call.frame(Action::Get, "channelApi").row(&view(&found, role))?.etag(found.record_version))
    };
    service.app.read(work).await
}

/// A channel of the caller's chatbots, and their role there.
pub(crate) fn seen(conn: &mut PgConnection, call: &Call, id: ChannelId) -> Result<(ChannelApi, Role)> {
    let scope = scope(conn, call)?;
    let found = channel_apis::find(conn, &scope, id)?.ok_or(Refusal::ChannelNotFound)?;
    let role = scope.role(found.chatbot_id)?;
    Ok((found, role))
}

/// Change a channel to a system: by the owner or an admin.
#[utoipa::path(
    operation_id = "updateChannelApi", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = Option<UpdateChannelApi>,
    responses(
        (status = 200, description = "The channel.", body = ChannelApiAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/channelapis/{channelApiId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelApiId")?;
    let (url, given) = (webhook_url(&service, &body)?, body.has("webhookUrl"));
    let fresh = body.boolean("rotateSecret")?.unwrap_or(false).then(secret);
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let after = ChannelApi {
            webhook_url: if given { url.clone() } else { before.webhook_url.clone() },
            secret: fresh.clone().unwrap_or_else(|| before.secret.clone()),
            ..before.clone()
        };
        let after = if after == before { after } else { saved(tx, after, now)? };
        Ok(call.frame(Action::Update, "channelApi").row(&view(&after, role))?.etag(after.record_version))
    };
    service.app.write(work).await
}

/// Delete a channel to a system: by the owner or an admin. Nothing goes out or comes in by it any more.
#[utoipa::path(
    operation_id = "deleteChannelApi", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The channel, no longer active.", body = ChannelApiAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/channelapis/{channelApiId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelApiId")?;
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let after = saved(tx, ChannelApi { is_active: false, ..before }, now)?;
        call.frame(Action::Delete, "channelApi").with("effect", json!("deleted")).row(&view(&after, role))
    };
    service.app.write(work).await
}

/// A channel that the caller may manage, locked, and their role.
fn locked(tx: &mut Tx<'_>, call: &Call, id: ChannelId) -> Result<(ChannelApi, Role)> {
    let (found, role) = seen(tx.conn(), call, id)?;
    role.may_manage()?;
    let locked = channel_apis::lock(tx, found.chatbot_id, id)?.ok_or(Refusal::ChannelNotFound)?;
    Ok((locked, role))
}

fn saved(tx: &mut Tx<'_>, of: ChannelApi, now: DateTime<Utc>) -> Result<ChannelApi> {
    let after = ChannelApi { record_version: of.record_version + 1, updated_at: now, ..of };
    channel_apis::save(tx, &after)?;
    Ok(after)
}
