//! `/v1/inboxes`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::Occasion;
use kit::clock::random_bytes;
use kit::error::NOT_VALID;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{
    Action, Answer, Body, Call, Error, IfMatch, OnConstraint as _, Page, Query, Result, Tx, answer_schema,
    hex,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::chatbots::MAX_NAME;
use crate::api::filters::chatbots;
use crate::api::{id_in_path, scope};
use crate::domain::chatbot::Role;
use crate::domain::ids::{ChannelId, ChatbotId, InboxId};
use crate::domain::inbox::{self, ConversationPolicy};
use crate::store::inboxes;
use crate::{Inbox, Refusal, channels};

/// What a client sends to open an inbox on a channel.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateInbox {
    /// Whose.
    chatbot_id: ChatbotId,
    /// The kind of channel, such as `ChannelWebWidget`.
    #[schema(example = "ChannelWebWidget", min_length = 1, max_length = 100)]
    channel_type: String,
    /// The channel, which must be made before.
    channel_id: ChannelId,
    /// What it is called.
    #[schema(example = "Our shop", min_length = 1, max_length = 100)]
    name: String,
    /// `single` by default.
    conversation_policy: Option<ConversationPolicy>,
    /// Whether visitors must prove who they are; false by default.
    identity_required: Option<bool>,
}

/// What a client sends to change an inbox: what is absent stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateInbox {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// For contacts that come from now on.
    conversation_policy: Option<ConversationPolicy>,
    /// On every call of a visitor's from now on.
    identity_required: Option<bool>,
    /// True makes a new secret: identities signed with the old one are none any more.
    rotate_identity_secret: Option<bool>,
}

/// An inbox: where contacts write in, by one channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InboxView {
    id: InboxId,
    chatbot_id: ChatbotId,
    channel_type: String,
    channel_id: ChannelId,
    name: String,
    conversation_policy: ConversationPolicy,
    identity_required: bool,
    /// What signs visitors' identities (HS256); null for agents.
    identity_secret: Option<String>,
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

answer_schema!(InboxAnswer { inbox: InboxView });
answer_schema!(InboxesAnswer { inboxes: [InboxView] });

/// The secret is for those who manage the chatbot.
fn view(of: &inbox::Inbox, role: Role) -> InboxView {
    InboxView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        channel_type: of.channel_type.clone(),
        channel_id: of.channel_id,
        name: of.name.clone(),
        conversation_policy: of.conversation_policy,
        identity_required: of.identity_required,
        identity_secret: role.may_manage().is_ok().then(|| of.identity_secret.clone()),
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.chatbot_id,
    }
}

fn policy(body: &Body) -> Result<Option<ConversationPolicy>> {
    let refusal = || Error::field(&NOT_VALID, "conversationPolicy").detail("single or perSession.");
    let parse = |name: String| ConversationPolicy::parse(&name).ok_or_else(refusal);
    body.text("conversationPolicy", 20)?.map(parse).transpose()
}

/// Open an inbox on a channel: by the owner or an admin.
#[utoipa::path(
    operation_id = "createInbox", tag = "inboxes", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateInbox,
    responses(
        (status = 201, description = "The inbox.", body = InboxAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/inboxes")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let now = service.app.now();
    let channel_type = body.required_text("channelType", MAX_NAME)?;
    let channel = channels::find(&channel_type).ok_or_else(|| Error::field(&NOT_VALID, "channelType"))?;
    let new = inbox::Inbox {
        id: InboxId::draw(),
        chatbot_id: body.required_id("chatbotId")?,
        channel_type,
        channel_id: body.required_id("channelId")?,
        name: body.required_text("name", MAX_NAME)?,
        conversation_policy: policy(&body)?.unwrap_or(ConversationPolicy::Single),
        identity_secret: secret(),
        identity_required: body.boolean("identityRequired")?.unwrap_or(false),
        is_active: true,
        record_version: 1,
        created_at: now,
        updated_at: now,
    };
    let by = call.clone();
    let work = move |tx: &mut Tx<'_>| {
        let role = scope(tx.conn(), &by)?.role(new.chatbot_id)?;
        role.may_manage()?;
        if !channel.exists(tx.conn(), new.chatbot_id, new.channel_id)? {
            return Err(Refusal::ChannelNotFound.into());
        }
        inboxes::insert(tx, &new).on_constraint("inbox_channel_key", Refusal::ChannelInUse)?;
        by.frame(Action::Create, "inbox").row(&view(&new, role))
    };
    service.app.post(&call, &body, "POST /v1/inboxes", work).await
}

fn secret() -> String {
    hex(&random_bytes::<32>())
}

/// List the inboxes of the caller's chatbots.
#[utoipa::path(
    operation_id = "listInboxes", tag = "inboxes", security(("accessToken" = [])),
    params(
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "Of one of these."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, by name.", body = InboxesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/inboxes")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let (page, mut filters) = (Page::parse(&query)?, Filters::undated(&query));
    let (chatbots, applied) = (chatbots(&mut filters)?, filters.applied());
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&chatbots)?;
        let (found, total) = inboxes::page(conn, &scope, page)?;
        let rows: Vec<_> =
            found.iter().filter_map(|it| Some(view(it, scope.role(it.chatbot_id).ok()?))).collect();
        call.frame(Action::List, "inboxes").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// Get an inbox.
#[utoipa::path(
    operation_id = "getInbox", tag = "inboxes", security(("accessToken" = [])),
    params(("inboxId" = InboxId, Path, description = "The inbox.")),
    responses(
        (status = 200, description = "The inbox.", body = InboxAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/inboxes/{inboxId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: InboxId = id_in_path(&path, "inboxId")?;
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?;
        let found = inboxes::find(conn, &scope, id)?.ok_or(Refusal::InboxNotFound)?;
        let (role, version) = (scope.role(found.chatbot_id)?, found.record_version);
        Ok(call.frame(Action::Get, "inbox").row(&view(&found, role))?.etag(version))
    };
    service.app.read(work).await
}

/// Change an inbox: by the owner or an admin.
#[utoipa::path(
    operation_id = "updateInbox", tag = "inboxes", security(("accessToken" = [])),
    params(
        ("inboxId" = InboxId, Path, description = "The inbox."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = Option<UpdateInbox>,
    responses(
        (status = 200, description = "The inbox.", body = InboxAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/inboxes/{inboxId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id: InboxId = id_in_path(&path, "inboxId")?;
    let name = if body.has("name") { Some(body.required_text("name", MAX_NAME)?) } else { None };
    let (policy, required) = (policy(&body)?, body.boolean("identityRequired")?);
    let fresh = body.boolean("rotateIdentitySecret")?.unwrap_or(false).then(secret);
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let after = inbox::Inbox {
            name: name.clone().unwrap_or_else(|| before.name.clone()),
            conversation_policy: policy.unwrap_or(before.conversation_policy),
            identity_required: required.unwrap_or(before.identity_required),
            identity_secret: fresh.clone().unwrap_or_else(|| before.identity_secret.clone()),
            ..before.clone()
        };
        let after = if after == before { after } else { saved(tx, after, now)? };
        Ok(call.frame(Action::Update, "inbox").row(&view(&after, role))?.etag(after.record_version))
    };
    service.app.write(work).await
}

/// Close an inbox: by the owner or an admin. Its conversations stay; nobody new writes in.
#[utoipa::path(
    operation_id = "deleteInbox", tag = "inboxes", security(("accessToken" = [])),
    params(
        ("inboxId" = InboxId, Path, description = "The inbox."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The inbox, no longer active.", body = InboxAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/inboxes/{inboxId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id: InboxId = id_in_path(&path, "inboxId")?;
    let [Occasion { now, .. }] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let after = saved(tx, inbox::Inbox { is_active: false, ..before }, now)?;
        call.frame(Action::Delete, "inbox").with("effect", json!("deleted")).row(&view(&after, role))
    };
    service.app.write(work).await
}

/// An inbox that the caller may manage, locked, and their role.
fn locked(tx: &mut Tx<'_>, call: &Call, id: InboxId) -> Result<(inbox::Inbox, Role)> {
    let scope = scope(tx.conn(), call)?;
    let found = inboxes::find(tx.conn(), &scope, id)?.ok_or(Refusal::InboxNotFound)?;
    let role = scope.role(found.chatbot_id)?;
    role.may_manage()?;
    let locked = inboxes::lock(tx, found.chatbot_id, id)?.ok_or(Refusal::InboxNotFound)?;
    Ok((locked, role))
}

fn saved(tx: &mut Tx<'_>, of: inbox::Inbox, now: DateTime<Utc>) -> Result<inbox::Inbox> {
    let after = inbox::Inbox { record_version: of.record_version + 1, updated_at: now, ..of };
    inboxes::save(tx, &after)?;
    Ok(after)
}
