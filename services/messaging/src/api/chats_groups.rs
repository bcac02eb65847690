//! `/chats/groups`: groups, what they are called and how they look.

use actix_web::{get, patch, post, web};
use events::messaging::ConversationUpdated;
use files::FileId;
use kit::error::REQUIRED;
use kit::{Answer, Body, Call, Error, IfMatch, Result, Tx, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::{self, Occasion};
use crate::api::chats::{ChatsError, OK};
use crate::api::content::link;
use crate::api::conversations::{open, see};
use crate::api::membership::Roster;
use crate::domain::content::MAX_LINK;
use crate::domain::conversation::{Conversation, ConversationId, Profile};
use crate::domain::group::{self, Edit, Restyling};
use crate::domain::notice::News;
use crate::notices::Notice;
use crate::store::conversations;
use crate::{Messaging, Refusal};

/// The longest name of a group, in characters.
const MAX_NAME: usize = 100;
/// The longest description of a group, in characters.
const MAX_DESC: usize = 1_000;

/// What a client sends to make a group.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateGroup {
    /// Who is to be in it; the caller is added. At least two others, at most 999.
    users: Vec<Uuid>,
    /// What it is called: at most 100 characters, kept as they come.
    #[schema(example = "Trip 🏔️", max_length = 100)]
    name: Option<String>,
    /// Its picture: the id of a file in the caller's public bucket, or an http(s) address.
    #[schema(example = "https://example.com/trip.png", max_length = 2_000)]
    icon: Option<String>,
    /// What it is about: at most 1,000 characters.
    #[schema(example = "Where we go in May", max_length = 1_000)]
    desc: Option<String>,
}

/// What a client sends to change a group; null and "" take away.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateGroup {
    #[schema(example = "Trip 🏔️", max_length = 100)]
    name: Option<String>,
    #[schema(example = "https://example.com/trip.png", max_length = 2_000)]
    icon: Option<String>,
    #[schema(example = "Where we go in May", max_length = 1_000)]
    desc: Option<String>,
}

/// A group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupAnswer {
    #[schema(example = 200)]
    code: u16,
    id: ConversationId,
    /// The same.
    chat_id: ConversationId,
    /// The same.
    group_id: ConversationId,
    name: Option<String>,
    /// The id of a file, or an http(s) address.
    icon: Option<String>,
    desc: Option<String>,
    /// Its members, in the order in which they came.
    users: Vec<UserId>,
    /// Who made it, or the longest-standing member once they left.
    owner: UserId,
    /// `removed` or `left`, where somebody is in it no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'static str>,
}

/// A group, after whatever happened to it.
pub(crate) fn answer(of: Conversation, effect: Option<&'static str>) -> Result<Answer> {
    let Profile { name, icon, description } = of.profile;
    let (id, version) = (of.id, of.record_version);
    let group = GroupAnswer {
        code: OK,
        id,
        chat_id: id,
        group_id: id,
        name,
        icon,
        desc: description,
        users: of.member_ids,
        owner: of.creator_id,
        effect,
    };
    Ok(Answer::bare(OK, &group)?.etag(version))
}

/// What the body says of a group's profile.
async fn restyling(messaging: &Messaging, call: &Call, body: &Body) -> Result<Restyling> {
    let (name, icon) = (edit(body, "name", MAX_NAME)?, edit(body, "icon", MAX_LINK)?);
    if let Edit::Set(icon) = &icon {
        match icon.parse::<FileId>() {
            Ok(file) => messaging.may_picture(call.caller.user_id, file, "icon").await?,
            Err(_) => link(icon, "icon")?,
        }
    }
    Ok(Restyling { name, icon, description: edit(body, "desc", MAX_DESC)? })
}

/// A text that is to be; null and "" take it away.
fn edit(body: &Body, name: &'static str, max: usize) -> Result<Edit> {
    match body.text(name, max)?.filter(|text| !text.is_empty()) {
        Some(blank) if blank.trim().is_empty() => Err(Error::field(&REQUIRED, name)),
        Some(text) => Ok(Edit::Set(text)),
        None if body.has(name) => Ok(Edit::Clear),
        None => Ok(Edit::Keep),
    }
}

/// The group's id as the path has it.
pub(crate) fn id_in_path(path: &str) -> Result<ConversationId> {
    path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "groupId"))
}

/// 新建群聊 · Make a group
#[utoipa::path(
    operation_id = "createGroup", tag = "chats", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateGroup,
    responses(
        (status = 200, description = "The group.", body = GroupAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[post("/chats/groups")]
pub(crate) async fn create(messaging: web::Data<Messaging>, call: Call, body: Body) -> Result<Answer> {
    let users = body.ids("users")?.ok_or_else(|| Error::field(&REQUIRED, "users"))?;
    let wish = restyling(&messaging, &call, &body).await?;
    let user = call.caller.user_id;
    let new = messaging.gather(user, users, "users").await?;
    let new = Conversation { profile: group::restyle(&new, wish)?, ..new };
    let [occasion] = Occasion::draw(&messaging.app, &call);
    let work = move |tx: &mut Tx<'_>| {
        open(tx, user, &new, &occasion)?;
        answer(new.clone(), None)
    };
    messaging.app.post(&call, &body, "POST /chats/groups", work).await
}

/// 查看群组信息 · Get a group
#[utoipa::path(
    operation_id = "getGroup", tag = "chats", security(("accessToken" = [])),
    params(("groupId" = Uuid, Path, description = "The group.")),
    responses(
        (status = 200, description = "The group.", body = GroupAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[get("/chats/groups/{groupId}")]
pub(crate) async fn get(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let (id, user) = (id_in_path(&path)?, call.caller.user_id);
    let of = messaging.app.read(move |conn| see(conn, id, user)).await?.conversation;
    if of.is_group { answer(of, None) } else { Err(Refusal::GroupsOnly.into()) }
}

/// 修改群组信息 · Change a group's name, icon or description
///
/// Any member may; all are told by a system message.
#[utoipa::path(
    operation_id = "updateGroup", tag = "chats", security(("accessToken" = [])),
    params(
        ("groupId" = Uuid, Path, description = "The group."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion (`ETag`) that the change is meant for."),
    ),
    request_body = Option<UpdateGroup>,
    responses(
        (status = 200, description = "The group.", body = GroupAnswer),
        (status = "4XX", description = "Refused.", body = ChatsError),
    ),
)]
#[patch("/chats/groups/{groupId}")]
pub(crate) async fn update(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let wish = restyling(&messaging, &call, &body).await?;
    let ([occasion], notice) = (Occasion::draw(&messaging.app, &call), Notice::draw(&messaging.app, &call));
    let user = call.caller.user_id;
    let work = move |tx: &mut Tx<'_>| {
        let before = Roster::lock(tx, id, user)?.conversation;
        if_match.admit(before.record_version)?;
        let profile = group::restyle(&before, wish.clone())?;
        let news = news(&before.profile, &profile);
        if news.is_empty() {
            return answer(before, None);
        }
        let after = restyle(tx, before, profile, &occasion)?;
        notice.give(tx, &after, user, &news)?;
        answer(after, None)
    };
    messaging.app.write(work).await
}

/// Stores and announces a group's new profile.
fn restyle(
    tx: &mut Tx<'_>,
    before: Conversation,
    profile: Profile,
    occasion: &Occasion,
) -> Result<Conversation> {
    let (record_version, updated_at) = (before.record_version + 1, occasion.now);
    let after = Conversation { profile, record_version, updated_at, ..before };
    conversations::save(tx, &after)?;
    let data = ConversationUpdated { conversation: announce::conversation(&after), members: Vec::new() };
    occasion.tell(tx, after.id, &after.member_ids, data)?;
    Ok(after)
}

/// What is to be told of a change of profile.
fn news(before: &Profile, after: &Profile) -> Vec<News> {
    let named = (before.name != after.name).then(|| News::Named(after.name.clone()));
    let pictured = (before.icon != after.icon).then_some(News::Pictured);
    let described = (before.description != after.description).then_some(News::Described);
    [named, pictured, described].into_iter().flatten().collect()
}
