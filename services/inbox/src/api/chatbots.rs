//! `/v1/chatbots`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use events::Occasion;
use events::inbox::{ChatbotUpdated, MemberUpdated};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, IfMatch, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::{filters, id_in_path, scope};
use crate::domain::chatbot::{Chatbot, MAX_CHATBOTS, Member, Role};
use crate::domain::ids::{ChatbotId, MemberId};
use crate::store::{chatbots, members};
use crate::{Inbox, Refusal, announce};

/// The longest name of a chatbot, an inbox or a contact, in characters.
pub(crate) const MAX_NAME: usize = 100;

/// What a client sends to make or rename a chatbot.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateChatbot {
    /// What it is called.
    #[schema(example = "Bikes & Co", min_length = 1, max_length = 100)]
    name: String,
}

/// A chatbot: a company's workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatbotView {
    id: ChatbotId,
    name: String,
    /// The caller's own role.
    role: Role,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Whose it is.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(ChatbotAnswer { chatbot: ChatbotView });
answer_schema!(ChatbotsAnswer { chatbots: [ChatbotView] });

fn view(of: &Chatbot, role: Role) -> ChatbotView {
    ChatbotView {
        id: of.id,
        name: of.name.clone(),
        role,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.owner_id,
    }
}

/// Make a chatbot: a company's workspace, which the caller then owns.
#[utoipa::path(
    operation_id = "createChatbot", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateChatbot,
    responses(
        (status = 201, description = "The chatbot.", body = ChatbotAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/chatbots")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let name = body.required_text("name", MAX_NAME)?;
    let (id, member_id, by, app) = (ChatbotId::draw(), MemberId::draw(), call.clone(), &service.app);
    let occasions: [Occasion; 2] = Occasion::draw(app, &call);
    let make = move |tx: &mut Tx<'_>| {
        let (now, owner_id) =
            (occasions.first().map_or_else(Default::default, |it| it.now), by.caller.user_id);
        let (name, is_active, record_version) = (name.clone(), true, 1);
        let new = Chatbot { id, name, owner_id, is_active, record_version, created_at: now, updated_at: now };
        let owner = Member {
            id: member_id,
            chatbot_id: id,
            user_id: owner_id,
            role: Role::Owner,
            is_active,
            record_version,
            created_at: now,
            updated_at: now,
        };
        insert(tx, &new, &owner, &occasions)?;
        by.frame(Action::Create, "chatbot").row(&view(&new, Role::Owner))
    };
    app.post(&call, &body, "POST /v1/chatbots", make).await
}

fn insert(tx: &mut Tx<'_>, new: &Chatbot, owner: &Member, [made, joined]: &[Occasion; 2]) -> Result<()> {
    if members::count_chatbots(tx.conn(), owner.user_id)? >= MAX_CHATBOTS {
        return Err(Refusal::TooManyChatbots.into());
    }
    chatbots::insert(tx, new)?;
    members::insert(tx, owner)?;
    made.tell(tx, new.id, &[owner.user_id], ChatbotUpdated { chatbot: announce::chatbot(new) })?;
    joined.tell(tx, new.id, &[owner.user_id], MemberUpdated { member: announce::member(owner) })?;
    Ok(())
}

/// List the chatbots that the caller answers for.
#[utoipa::path(
    operation_id = "listChatbots", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all.", example = 1, minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, by name.", body = ChatbotsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/chatbots")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let work = move |conn: &mut diesel::pg::PgConnection| {
        let scope = scope(conn, &call)?;
        let all = chatbots::of_scope(conn, &scope)?;
        let (part, total) = filters::part(&all, page);
        let views: Vec<_> = part.iter().filter_map(|it| Some(view(it, scope.role(it.id).ok()?))).collect();
        call.frame(Action::List, "chatbots").list(&views, page.of_total(total)?, &[])
    };
    service.app.read(work).await
}

/// Get a chatbot.
#[utoipa::path(
    operation_id = "getChatbot", tag = "chatbots", security(("accessToken" = [])),
    params(("chatbotId" = ChatbotId, Path, description = "The chatbot.")),
    responses(
        (status = 200, description = "The chatbot.", body = ChatbotAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/chatbots/{chatbotId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: ChatbotId = id_in_path(&path, "chatbotId")?;
    let work = move |conn: &mut diesel::pg::PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&[id])?;
        let found = chatbots::of_scope(conn, &scope)?.pop().ok_or(Refusal::ChatbotNotFound)?;
        let version = found.record_version;
        Ok(call.frame(Action::Get, "chatbot").row(&view(&found, scope.role(id)?))?.etag(version))
    };
    service.app.read(work).await
}

/// Rename a chatbot: by its owner or an admin.
#[utoipa::path(
    operation_id = "updateChatbot", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = CreateChatbot,
    responses(
        (status = 200, description = "The chatbot.", body = ChatbotAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/chatbots/{chatbotId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id: ChatbotId = id_in_path(&path, "chatbotId")?;
    let name = body.required_text("name", MAX_NAME)?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        role.may_manage()?;
        if_match.admit(before.record_version)?;
        let after = renamed(before.clone(), &name, occasion.now);
        if after != before {
            save(tx, &after, &occasion)?;
        }
        Ok(call.frame(Action::Update, "chatbot").row(&view(&after, role))?.etag(after.record_version))
    };
    service.app.write(work).await
}

fn renamed(of: Chatbot, name: &str, now: DateTime<Utc>) -> Chatbot {
    if of.name == name {
        return of;
    }
    Chatbot { name: name.to_owned(), record_version: of.record_version + 1, updated_at: now, ..of }
}

/// Delete a chatbot, and with it all that is its: by its owner.
#[utoipa::path(
    operation_id = "deleteChatbot", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The chatbot, no longer active.", body = ChatbotAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/chatbots/{chatbotId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id: ChatbotId = id_in_path(&path, "chatbotId")?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (before, role) = locked(tx, &call, id)?;
        role.may_own()?;
        if_match.admit(before.record_version)?;
        let record_version = before.record_version + 1;
        let after = Chatbot { is_active: false, record_version, updated_at: occasion.now, ..before };
        save(tx, &after, &occasion)?;
        call.frame(Action::Delete, "chatbot").with("effect", json!("deleted")).row(&view(&after, role))
    };
    service.app.write(work).await
}

/// A chatbot of the caller's, locked, and their role in it.
pub(crate) fn locked(tx: &mut Tx<'_>, call: &Call, id: ChatbotId) -> Result<(Chatbot, Role)> {
    let scope = scope(tx.conn(), call)?;
    let role = scope.role(id)?;
    let found = chatbots::lock(tx, &scope, id)?.filter(|it| it.is_active).ok_or(Refusal::ChatbotNotFound)?;
    Ok((found, role))
}

/// Stores and announces a locked chatbot.
fn save(tx: &mut Tx<'_>, after: &Chatbot, occasion: &Occasion) -> Result<()> {
    chatbots::save(tx, after)?;
    let all = members::users(tx.conn(), after.id)?;
    occasion.tell(tx, after.id, &all, ChatbotUpdated { chatbot: announce::chatbot(after) })?;
    Ok(())
}
