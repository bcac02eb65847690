//! `/v1/chatbots/{chatbotId}/members`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use directory::KnownUser;
use events::Occasion;
use events::inbox::MemberUpdated;
use kit::error::NOT_VALID;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::chatbots::locked;
use crate::api::{id_in_path, scope};
use crate::domain::chatbot::{MAX_CHATBOTS, MAX_MEMBERS, Member, Role, may_change, may_leave};
use crate::domain::ids::{ChatbotId, MemberId};
use crate::store::{chatbots, members};
use crate::{Inbox, Refusal, announce};

/// What a client sends to add somebody.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct AddMember {
    /// Who.
    user_id: UserId,
    /// As what; `agent` by default.
    role: Option<Role>,
}

/// What a client sends to give somebody another role.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateMember {
    /// Making another the `owner` hands the chatbot on: the former owner becomes an admin.
    role: Role,
}

/// Somebody who answers for a chatbot.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberView {
    id: MemberId,
    chatbot_id: ChatbotId,
    user_id: UserId,
    /// Null while we have not heard of them.
    fullname: Option<String>,
    avatar: Option<String>,
    role: Role,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The member.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(MemberAnswer { member: MemberView });
answer_schema!(MembersAnswer { members: [MemberView] });

fn views(conn: &mut PgConnection, of: &[Member]) -> Result<Vec<MemberView>> {
    let ids: Vec<UserId> = of.iter().map(|member| member.user_id).collect();
    let known = directory::named(conn, &ids)?;
    Ok(of.iter().map(|member| view(member, known.iter().find(|user| user.id == member.user_id))).collect())
}

fn view(of: &Member, known: Option<&KnownUser>) -> MemberView {
    let known = known.filter(|user| user.is_active);
    MemberView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        user_id: of.user_id,
        fullname: known.map(|user| user.fullname.clone()),
        avatar: known.and_then(|user| user.avatar.clone()),
        role: of.role,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.user_id,
    }
}

fn view_one(conn: &mut PgConnection, of: &Member) -> Result<MemberView> {
    let known = directory::named(conn, &[of.user_id])?;
    Ok(view(of, known.first()))
}

fn role_in(body: &Body) -> Result<Option<Role>> {
    let parse = |name: String| {
        Role::parse(&name).ok_or_else(|| Error::field(&NOT_VALID, "role").detail("owner, admin or agent."))
    };
    body.text("role", 10)?.map(parse).transpose()
}

/// Add somebody to a chatbot: agents by admins, admins by the owner.
#[utoipa::path(
    operation_id = "addChatbotMember", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = AddMember,
    responses(
        (status = 201, description = "The member.", body = MemberAnswer),
        (status = 200, description = "They were a member already.", body = MemberAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/chatbots/{chatbotId}/members")]
pub(crate) async fn add(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let chatbot: ChatbotId = id_in_path(&path, "chatbotId")?;
    let user: UserId = body.required_id("userId")?;
    let role = role_in(&body)?.unwrap_or(Role::Agent);
    let by = call.clone();
    service.app.read(move |conn| Ok(may_change(scope(conn, &by)?.role(chatbot)?, None, Some(role))?)).await?;
    if !service.directory.active_among(vec![user]).await?.contains(&user) {
        return Err(Refusal::UserNotKnown("userId").into());
    }
    let (id, by) = (MemberId::draw(), call.clone());
    let [occasion] = Occasion::draw(&service.app, &call);
    let now = occasion.now;
    let new = Member {
        id,
        chatbot_id: chatbot,
        user_id: user,
        role,
        is_active: true,
        record_version: 1,
        created_at: now,
        updated_at: now,
    };
    let work = move |tx: &mut Tx<'_>| join(tx, &by, &new, &occasion);
    service.app.post(&call, &body, "POST /v1/chatbots/{chatbotId}/members", work).await
}

/// The chatbot's lock keeps two that come at once from being one too many.
fn join(tx: &mut Tx<'_>, call: &Call, new: &Member, occasion: &Occasion) -> Result<Answer> {
    let (_, actor) = locked(tx, call, new.chatbot_id)?;
    may_change(actor, None, Some(new.role))?;
    if new.role == Role::Owner {
        return Err(Refusal::OwnerStays.into());
    }
    let frame = call.frame(Action::Create, "member");
    let former = members::lock(tx, new.chatbot_id, new.user_id)?;
    if let Some(member) = former.as_ref().filter(|member| member.is_active) {
        return frame.reused().row(&view_one(tx.conn(), member)?);
    }
    if i64::try_from(members::users(tx.conn(), new.chatbot_id)?.len()).unwrap_or(i64::MAX) >= MAX_MEMBERS {
        return Err(Refusal::TooManyMembers.into());
    }
    if members::count_chatbots(tx.conn(), new.user_id)? >= MAX_CHATBOTS {
        return Err(Refusal::TooManyChatbots.into());
    }
    let member = match former {
        Some(former) => former.changed(new.role, true, occasion.now),
        None => new.clone(),
    };
    if !members::insert(tx, &member)? {
        members::save(tx, &member)?;
    }
    tell(tx, &member, occasion)?;
    frame.row(&view_one(tx.conn(), &member)?)
}

/// A removed member hears of it, too.
fn tell(tx: &mut Tx<'_>, member: &Member, occasion: &Occasion) -> Result<()> {
    let mut to = members::users(tx.conn(), member.chatbot_id)?;
    if !to.contains(&member.user_id) {
        to.push(member.user_id);
    }
    occasion.tell(tx, member.chatbot_id, &to, MemberUpdated { member: announce::member(member) })?;
    Ok(())
}

/// List who answers for a chatbot.
#[utoipa::path(
    operation_id = "listChatbotMembers", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, in the order in which they came.", body = MembersAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/chatbots/{chatbotId}/members")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (chatbot, page): (ChatbotId, _) = (id_in_path(&path, "chatbotId")?, Page::parse(&query)?);
    let work = move |conn: &mut PgConnection| {
        scope(conn, &call)?.role(chatbot)?;
        let (found, total) = members::page(conn, chatbot, page)?;
        let (rows, paging) = (views(conn, &found)?, page.of_total(total)?);
        call.frame(Action::List, "members").list(&rows, paging, &[])
    };
    service.app.read(work).await
}

/// Give a member another role: by the owner. Making them the owner hands the chatbot on.
#[utoipa::path(
    operation_id = "updateChatbotMember", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("userId" = UserId, Path, description = "The member."),
    ),
    request_body = UpdateMember,
    responses(
        (status = 200, description = "The member.", body = MemberAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/chatbots/{chatbotId}/members/{userId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<(String, String)>,
    body: Body,
) -> Result<Answer> {
    let (chatbot, user) = ids(&path)?;
    let role = role_in(&body)?.ok_or_else(|| Error::field(&kit::error::REQUIRED, "role"))?;
    let occasions: [Occasion; 2] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (found, actor) = locked(tx, &call, chatbot)?;
        let before = active(tx, chatbot, user)?;
        if before.role == role {
            return call.frame(Action::Update, "member").row(&view_one(tx.conn(), &before)?);
        }
        may_change(actor, Some(before.role), Some(role))?;
        let [one, other] = &occasions;
        if role == Role::Owner {
            // The index that keeps owners single sees the former one go first.
            let former = active(tx, chatbot, found.owner_id)?.changed(Role::Admin, true, other.now);
            save(tx, &former, other)?;
            let record_version = found.record_version + 1;
            let handed_on = crate::domain::chatbot::Chatbot { owner_id: user, record_version, ..found };
            chatbots::save(tx, &handed_on)?;
        }
        let after = before.changed(role, true, one.now);
        save(tx, &after, one)?;
        call.frame(Action::Update, "member").row(&view_one(tx.conn(), &after)?)
    };
    service.app.write(work).await
}

fn save(tx: &mut Tx<'_>, member: &Member, occasion: &Occasion) -> Result<()> {
    members::save(tx, member)?;
    tell(tx, member, occasion)
}

fn ids(path: &(String, String)) -> Result<(ChatbotId, UserId)> {
    Ok((id_in_path(&path.0, "chatbotId")?, id_in_path(&path.1, "userId")?))
}

fn active(tx: &mut Tx<'_>, chatbot: ChatbotId, user: UserId) -> Result<Member> {
    let found = members::lock(tx, chatbot, user)?.filter(|member| member.is_active);
    found.ok_or(Refusal::MemberNotFound.into())
}

/// Remove somebody from a chatbot, or leave it.
#[utoipa::path(
    operation_id = "removeChatbotMember", tag = "chatbots", security(("accessToken" = [])),
    params(
        ("chatbotId" = ChatbotId, Path, description = "The chatbot."),
        ("userId" = UserId, Path, description = "The member."),
    ),
    responses(
        (status = 200, description = "The member, no longer active.", body = MemberAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/chatbots/{chatbotId}/members/{userId}")]
pub(crate) async fn remove(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<(String, String)>,
) -> Result<Answer> {
    let (chatbot, user) = ids(&path)?;
    let [occasion] = Occasion::draw(&service.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        let (_, actor) = locked(tx, &call, chatbot)?;
        let before = active(tx, chatbot, user)?;
        let is_self = user == call.caller.user_id;
        if is_self {
            may_leave(actor)?;
        } else {
            may_change(actor, Some(before.role), None)?;
        }
        let role = before.role;
        let after = before.changed(role, false, occasion.now);
        save(tx, &after, &occasion)?;
        let effect = if is_self { "left" } else { "removed" };
        let frame = call.frame(Action::Delete, "member").with("effect", json!(effect));
        frame.row(&view_one(tx.conn(), &after)?)
    };
    service.app.write(work).await
}
