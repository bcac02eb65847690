//! `/v1/conversations`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::messaging::{ConversationCreated, ConversationHidden};
use kit::filters::Zone;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, Tx, UserId};
use serde_json::json;
use timeline::SeqRange;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::announce::{self, Occasion};
use crate::api::conversation_view::{
    BucketAccess, ConversationAnswer, ConversationOpened, ConversationsAnswer, OpenedConversationAnswer,
    People, by_id, people, view_one, views,
};
use crate::api::filters::{self, Wanted};
use crate::domain::conversation::{self, Conversation, ConversationId, Seen};
use crate::domain::participant::Participant;
use crate::store::conversations::{ConversationFilter, Slice};
use crate::store::overview::{Overview, Shown};
use crate::store::{conversations, marks, participants};
use crate::{Messaging, Refusal};

/// How many messages `explain` names.
const EXPLAINED: i64 = 1_000;

/// What a client sends to open a conversation.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateConversation {
    /// A group, or a 1:1.
    #[schema(example = false)]
    is_group: bool,
    /// The caller and the others: two for a 1:1, three to a thousand for a group. A single id counts as a list.
    #[schema(min_items = 2)]
    participant_ids: Vec<Uuid>,
    /// Checked, then ignored: the server owns it.
    last_message_at: Option<DateTime<Utc>>,
}

/// Open a conversation.
///
/// The caller is one of the participants. There is one 1:1 for a pair: where it exists, also when two requests race,
/// it comes back with 200 and `reused`; where it was deleted, it begins anew with 201.
#[utoipa::path(
    operation_id = "createConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
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

    let opening = conversation::open(call.caller.user_id, is_group, ids)?;
    messaging.must_know(&opening.member_ids, Refusal::UnknownParticipants).await?;
    let app = &messaging.app;
    let new = opening.start(call.caller.user_id, &messaging.pairs, app.new_id(), app.now());
    let ([occasion], by) = (Occasion::draw(app, &call), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        let opened = open(tx, by.caller.user_id, &new, &occasion)?;
        answer_opened(tx.conn(), &by, new.id, opened)
    };
    app.post(&call, &body, "POST /v1/conversations", work).await
}

impl Messaging {
    /// A new conversation is between users.
    pub(crate) async fn must_know(&self, ids: &[UserId], refusal: Refusal) -> Result<()> {
        let active = self.directory.active_among(ids.to_vec()).await?;
        if ids.iter().all(|id| active.contains(id)) { Ok(()) } else { Err(refusal.into()) }
    }
}

/// What became of the wish to open a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It is new, or begins anew.
    Begun,
    /// It was there.
    Found,
}

/// Stores and announces a new conversation, or finds the one that the pair has.
pub(crate) fn open(
    tx: &mut Tx<'_>,
    caller: UserId,
    new: &Conversation,
    occasion: &Occasion,
) -> Result<Opened> {
    if !conversations::insert(tx, new)? {
        return find_again(tx, caller, new, occasion);
    }
    let join = |user: &UserId| Participant::joining(*user, new.last_seq, new.created_at);
    let people: Vec<Participant> = new.member_ids.iter().map(join).collect();
    participants::save(tx, new.id, &people)?;
    begin(tx, new, &people, occasion)
}

/// The pair's conversation is there: it comes back, is shown again to a caller who hid it, or begins anew for both if it
/// was deleted: the same id and numbers, the history hidden.
fn find_again(tx: &mut Tx<'_>, caller: UserId, new: &Conversation, occasion: &Occasion) -> Result<Opened> {
    let people = participants::lock_all(tx, new.id)?;
    let there = conversations::lock(tx, new.id)?.ok_or(Refusal::ConversationNotFound)?;
    if !there.is_active {
        let people: Vec<Participant> =
            people.into_iter().map(|person| person.rejoining(there.last_seq, occasion.now)).collect();
        let (record_version, updated_at) = (there.record_version + 1, occasion.now);
        let revived = Conversation { is_active: true, record_version, updated_at, ..there };
        participants::save(tx, revived.id, &people)?;
        conversations::save(tx, &revived)?;
        return begin(tx, &revived, &people, occasion);
    }
    let caller_now = people.into_iter().find(|one| one.user_id == caller).and_then(Participant::showing);
    if let Some(member) = caller_now {
        participants::save(tx, there.id, &[member])?;
        let data = ConversationHidden { conversation_id: there.id.uuid(), member: announce::member(&member) };
        occasion.tell(tx, there.id, &[caller], data)?;
    }
    Ok(Opened::Found)
}

fn begin(tx: &mut Tx<'_>, of: &Conversation, people: &[Participant], occasion: &Occasion) -> Result<Opened> {
    let data =
        ConversationCreated { conversation: announce::conversation(of), members: announce::members(people) };
    occasion.tell(tx, of.id, &of.member_ids, data)?;
    Ok(Opened::Begun)
}

fn answer_opened(conn: &mut PgConnection, call: &Call, id: ConversationId, opened: Opened) -> Result<Answer> {
    let seen = see(conn, id, call.caller.user_id)?;
    let frame = call.frame(Action::Create, "conversation");
    frame.reused_unless(opened != Opened::Found).row(&view_one(conn, seen)?)
}

/// List the caller's conversations.
///
/// The latest message first.
#[utoipa::path(
    operation_id = "listConversations", tag = "conversations", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("isGroup" = Option<String>, Query, description = "`true`, `false` or `null`.",
            pattern = "^(true|false|null)$"),
        ("participantIds" = Option<Vec<Uuid>>, Query, description = "With all of these, or `null`."),
        ("participantIds_op" = Option<String>, Query, description = "`contains` (all, the default) or `overlap`.",
            pattern = "^(contains|overlap)$"),
        ("lastMessageAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
    ),
    responses(
        (status = 200, description = "A page.", body = ConversationsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations")]
pub(crate) async fn list(
    messaging: web::Data<Messaging>,
    call: Call,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let Wanted { filter, applied } = filters::of_conversations(&messaging, &call, &query, zone).await?;
    let work = move |conn: &mut PgConnection| {
        let Listed { seen, people, total } = listed(conn, call.caller.user_id, &filter, page.into())?;
        let paging = page.of_total(total)?;
        call.frame(Action::List, "conversations").list(&views(seen, &people), paging, &applied)
    };
    messaging.app.read(work).await
}

/// Conversations of a list, with the people whom they name.
pub(crate) struct Listed {
    pub(crate) seen: Vec<Seen>,
    pub(crate) people: People,
    /// How many there are in all.
    pub(crate) total: i64,
}

/// In one statement, where nothing is filtered and there is something.
pub(crate) fn listed(
    conn: &mut PgConnection,
    user: UserId,
    filter: &ConversationFilter,
    slice: Slice,
) -> Result<Listed> {
    let is_plain = filter.is_plain() && slice.behind.is_none();
    let overview = if is_plain { Overview::of(user, slice.rows, slice.offset).load(conn)? } else { None };
    if let Some(Shown { seen, total, people }) = overview {
        return Ok(Listed { seen, people: by_id(people), total });
    }
    let (seen, total) = conversations::page(conn, user, filter, slice)?;
    Ok(Listed { people: people(conn, &seen)?, seen, total })
}

/// Get a conversation.
#[utoipa::path(
    operation_id = "getConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = Uuid, Path, description = "The conversation."),
        ("explain" = Option<bool>, Query, description = "Adds `explain`: the messages that `unreadCount` counts."),
    ),
    responses(
        (status = 200, description = "The conversation.", body = OpenedConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations/{conversationId}")]
pub(crate) async fn get(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, explained) = (id_in_path(&path)?, explain(&query)?);
    let access = BucketAccess::sign(&messaging, id, call.caller.user_id)?;
    let work = move |conn: &mut PgConnection| {
        let seen = see(conn, id, call.caller.user_id)?;
        let version = seen.conversation.record_version;
        let frame = call.frame(Action::Get, "conversation");
        let frame = if explained { frame.with("explain", explanation(conn, &seen)?) } else { frame };
        let opened = ConversationOpened { conversation: view_one(conn, seen)?, access };
        Ok(frame.row(&opened)?.etag(version))
    };
    messaging.app.read(work).await
}

fn explain(query: &Query) -> Result<bool> {
    match query.one("explain")? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::field(&kit::error::NOT_A_BOOLEAN, "explain")),
    }
}

/// The naive count beside the numbers that the count is made of.
fn explanation(conn: &mut PgConnection, seen: &Seen) -> Result<serde_json::Value> {
    let (of, member) = (&seen.conversation, &seen.member);
    let counting = match SeqRange::new(member.watermark.floor().next(), of.last_seq) {
        Some(above) => marks::counting_in(conn, of.id, member.user_id, above, EXPLAINED)?,
        None => Vec::new(),
    };
    Ok(json!({
        "lastSeq": of.last_seq,
        "watermark": member.watermark,
        "counting": counting,
        "countedOneByOne": counting.len(),
    }))
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
