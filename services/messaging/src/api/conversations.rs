//! `/v1/conversations`

use std::collections::HashMap;

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::messaging::{Conversation as Told, ConversationCreated, Member};
use events::{Announcement, Recipient};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use timeline::Watermark;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::conversation::{self, Conversation, ConversationId, LastMessage, Seen};
use crate::domain::message::MessageId;
use crate::store::{conversations, participants, users};
use crate::{Messaging, Refusal};

/// How many participants an answer names; it always counts all.
const NAMED_PARTICIPANTS: usize = 20;

/// What a client sends to open a conversation.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateConversation {
    /// A group, or a 1:1.
    #[schema(example = false)]
    is_group: bool,
    /// The caller and the others: two for a 1:1, three to a thousand for a group. A single id counts as a list.
    participant_ids: Vec<Uuid>,
    /// Checked, then ignored: the server owns it.
    last_message_at: Option<DateTime<Utc>>,
}

/// A conversation as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationView {
    id: ConversationId,
    is_group: bool,
    participant_ids: Vec<UserId>,
    /// When the newest message was sent; before that, when the conversation was opened.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Who opened it.
    #[serde(rename = "_owner")]
    owner: UserId,
    /// At most 20 of the participants, with their names.
    participants: Vec<PersonView>,
    /// How many participants there are.
    participant_count: usize,
    /// How many messages the caller has not read.
    unread_count: i64,
    /// The newest message that the caller can see.
    last_message: Option<LastMessageView>,
}

/// Somebody, as others see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonView {
    id: UserId,
    /// Null for somebody whom we have not heard of yet.
    fullname: Option<String>,
    avatar: Option<String>,
}

/// The newest message of a conversation, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: MessageId,
    seq: i64,
    /// At most 200 characters.
    content: String,
    #[serde(rename = "type")]
    kind: &'static str,
    sender_user_id: UserId,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

answer_schema!(ConversationAnswer { conversation: ConversationView });
answer_schema!(ConversationsAnswer { conversations: [ConversationView] });

/// Open a conversation.
///
/// The caller is one of the participants. There is one 1:1 for a pair: where it exists, also when two requests race,
/// it comes back with 200 and `reused`.
#[utoipa::path(
    operation_id = "createConversation", tag = "conversations", security(("accessToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.")),
    request_body = CreateConversation,
    responses(
        (status = 201, description = "A new conversation.", body = ConversationAnswer),
        (status = 200, description = "The pair's conversation was there.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations")]
pub(crate) async fn create(messaging: web::Data<Messaging>, call: Call, body: Body) -> Result<Answer> {
    let is_group = body.boolean("isGroup")?.ok_or_else(|| Error::field(&kit::error::REQUIRED, "isGroup"))?;
    let ids =
        body.ids("participantIds")?.ok_or_else(|| Error::field(&kit::error::REQUIRED, "participantIds"))?;
    body.date("lastMessageAt")?;

    let caller = call.caller.user_id;
    let opening = conversation::open(caller, is_group, ids)?;
    messaging.directory.must_know(opening.member_ids.clone()).await?;
    let app = &messaging.app;
    let new = opening.start(caller, &messaging.pairs, app.new_id(), app.now());
    let (event_id, call2) = (app.new_id::<ConversationId>().uuid(), call.clone());
    app.post(&call, &body, "POST /v1/conversations", move |tx| open(tx, &call2, &new, event_id)).await
}

/// Stores and announces a new conversation, or finds the one that the pair has.
fn open(tx: &mut Tx<'_>, call: &Call, new: &Conversation, event_id: Uuid) -> Result<Answer> {
    let frame = call.frame(Action::Create, "conversation");
    if !conversations::insert(tx, new)? {
        let existing = see(tx.conn(), new.id, call.caller.user_id)?;
        return frame.reused().row(&view_one(tx.conn(), existing)?);
    }
    let begin = Watermark::joined(new.last_seq);
    participants::insert_all(tx, new, begin, new.created_at)?;
    events::enqueue(tx, &announcement(new, begin, call, event_id))?;
    let seen = Seen { conversation: new.clone(), watermark: begin };
    frame.row(&view_one(tx.conn(), seen)?)
}

fn announcement(
    new: &Conversation,
    begin: Watermark,
    call: &Call,
    id: Uuid,
) -> Announcement<ConversationCreated> {
    let members = new.member_ids.iter().map(|user| member(*user, begin)).collect();
    Announcement {
        id,
        time: new.created_at,
        request_id: call.request_id().to_owned(),
        subject: new.id.to_string(),
        recipients: new.member_ids.iter().map(|user| Recipient::User(*user)).collect(),
        data: ConversationCreated { conversation: told(new), members },
    }
}

/// A member's state as events carry it.
pub(crate) fn member(user_id: UserId, watermark: Watermark) -> Member {
    let Watermark { read_seq, uncounted, visible_from, rev } = watermark;
    Member { user_id, read_seq: read_seq.get(), uncounted, visible_from: visible_from.get(), rev }
}

fn told(of: &Conversation) -> Told {
    Told {
        id: of.id.uuid(),
        is_group: of.is_group,
        participant_ids: of.member_ids.clone(),
        last_message_at: of.last_message_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.creator_id,
    }
}

/// List the caller's conversations.
///
/// The latest message first.
#[utoipa::path(
    operation_id = "listConversations", tag = "conversations", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1),
        ("pageRowCount" = Option<i64>, Query, description = "1 to 200; 25 by default.", example = 25),
    ),
    responses(
        (status = 200, description = "A page.", body = ConversationsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations")]
pub(crate) async fn list(messaging: web::Data<Messaging>, call: Call, query: Query) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let work = move |conn: &mut PgConnection| {
        let (seen, total) = conversations::page(conn, call.caller.user_id, page)?;
        let paging = page.of_total(total)?;
        call.frame(Action::List, "conversations").list(&views(conn, seen)?, paging, &[])
    };
    messaging.app.read(work).await
}

/// Get a conversation.
#[utoipa::path(
    operation_id = "getConversation", tag = "conversations", security(("accessToken" = [])),
    params(("conversationId" = Uuid, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "The conversation.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations/{conversationId}")]
pub(crate) async fn get(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let work = move |conn: &mut PgConnection| {
        let seen = see(conn, id, call.caller.user_id)?;
        let version = seen.conversation.record_version;
        let view = view_one(conn, seen)?;
        Ok(call.frame(Action::Get, "conversation").row(&view)?.etag(version))
    };
    messaging.app.read(work).await
}

/// The conversation's id as the path has it.
pub(crate) fn id_in_path(path: &str) -> Result<ConversationId> {
    path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "conversationId"))
}

/// The conversation as the user sees it, or the reason why they do not.
pub(crate) fn see(conn: &mut PgConnection, id: ConversationId, user: UserId) -> Result<Seen> {
    let found = conversations::find(conn, id, user)?;
    let exists = found.is_some() || conversations::is_there(conn, id)?;
    conversation::may_see(found, exists).map_err(Refusal::into)
}

/// One conversation, its participants named.
pub(crate) fn view_one(conn: &mut PgConnection, seen: Seen) -> Result<ConversationView> {
    let people = people(conn, std::slice::from_ref(&seen))?;
    Ok(view(seen, &people))
}

fn views(conn: &mut PgConnection, seen: Vec<Seen>) -> Result<Vec<ConversationView>> {
    let people = people(conn, &seen)?;
    Ok(seen.into_iter().map(|seen| view(seen, &people)).collect())
}

/// The people whom these conversations name, in one query.
fn people(conn: &mut PgConnection, of: &[Seen]) -> Result<HashMap<UserId, PersonView>> {
    let shown = |seen: &Seen| seen.conversation.member_ids.clone().into_iter().take(NAMED_PARTICIPANTS);
    let mut ids: Vec<UserId> = of.iter().flat_map(shown).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = users::named(conn, &ids)?.into_iter();
    Ok(known.map(|u| (u.id, PersonView { id: u.id, fullname: Some(u.fullname), avatar: u.avatar })).collect())
}

fn view(seen: Seen, people: &HashMap<UserId, PersonView>) -> ConversationView {
    let (unread_count, last_message) =
        (seen.unread(), seen.last_message().map(|last| last_view(&seen, last)));
    let of = seen.conversation;
    let named = of.member_ids.iter().take(NAMED_PARTICIPANTS);
    let unnamed = |id: UserId| PersonView { id, fullname: None, avatar: None };
    ConversationView {
        id: of.id,
        is_group: of.is_group,
        participants: named.map(|id| people.get(id).cloned().unwrap_or_else(|| unnamed(*id))).collect(),
        participant_count: of.member_ids.len(),
        participant_ids: of.member_ids,
        last_message_at: of.last_message_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.creator_id,
        unread_count,
        last_message,
    }
}

fn last_view(of: &Seen, last: &LastMessage) -> LastMessageView {
    LastMessageView {
        id: last.id,
        seq: of.conversation.last_seq.get(),
        content: last.preview.clone(),
        kind: last.kind.name(),
        sender_user_id: last.sender_id,
        sent_at: of.conversation.last_message_at,
    }
}
