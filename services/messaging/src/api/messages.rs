//! `/v1/messages`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::pg::PgConnection;
use files::Attachments;
use kit::filters::{IdFilter, Zone};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, MAX_TEXT, Page, Paging, Query, Result, SeqQuery, UserId};
use serde_json::Value;
use timeline::{Seq, Window};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::content::{self, client_message_id, kind};
use crate::api::conversations::see;
use crate::api::filters::{self, Wanted};
use crate::api::message_view::{Beside, MessageAnswer, MessagesAnswer, view, views};
use crate::api::sending::{Answers, Delivery};
use crate::domain::conversation::{Conversation, ConversationId, Seen};
use crate::domain::message::{self, Message, MessageId, Wish};
use crate::store::history::{History, MessageFilter, page_across};
use crate::store::stretch::{Shown, Stretch};
use crate::store::{conversations, messages, participants};
use crate::{Messaging, Refusal};

const ROUTE: &str = "POST /v1/messages";

/// What a client sends to say something.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateMessage {
    /// Where.
    conversation_id: Uuid,
    /// What; at most 10,000 characters, kept as it comes.
    #[schema(example = "Hello Ben, is Tuesday fine?", min_length = 1, max_length = 10_000)]
    content: String,
    /// `text`, if nothing else is said; `docId` and `profileId`: `content` is the id of a file or user; `link`: an http(s)
    /// address; `location`: JSON text, `{"lat": 48.2, "lng": 16.4, "name": "Prater"}`.
    #[schema(example = "text", pattern = "^(text|docId|link|location|profileId)$")]
    r#type: Option<String>,
    /// The message of this conversation that it answers.
    reply_to: Option<Uuid>,
    /// Files that go with it, at most 10: of the conversation's bucket, or of the sender's public one.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<Uuid>>,
    /// What the client calls it, at most 200 characters: a repetition returns the first message.
    #[schema(example = "c0ffee-1", max_length = 200)]
    client_message_id: Option<String>,
    /// If present, the caller.
    sender_user_id: Option<Uuid>,
    /// Checked, then ignored: the server owns it.
    sent_at: Option<DateTime<Utc>>,
    /// Checked, then ignored: the server owns it.
    read_by: Option<Vec<Uuid>>,
    /// Checked, then ignored: the server owns it.
    deleted_for: Option<Vec<Uuid>>,
}

/// Send a message.
///
/// It gets the conversation's next number, becomes its last message and is announced, all at once or not at all.
#[utoipa::path(
    operation_id = "createMessage", tag = "messages", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateMessage,
    responses(
        (status = 201, description = "The message.", body = MessageAnswer),
        (status = 200, description = "The first message of this clientMessageId.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/messages")]
pub(crate) async fn create(messaging: web::Data<Messaging>, call: Call, body: Body) -> Result<Answer> {
    let mut wish = wish(&body)?;
    let app = &messaging.app;
    let buckets = [Conversation::bucket(wish.conversation_id), files::public_bucket_of(call.caller.user_id)];
    let attachments;
    (wish.file_ids, attachments) = messaging.files.attachable(wish.file_ids, &buckets).await?;
    let draft = message::compose(wish, call.caller.user_id, app.new_id(), app.now())?;
    let attachments = messaging.may_say(&draft).await?.unwrap_or(attachments);
    let answers = Answers { route: ROUTE, new: answer_new, first: answer_first };
    Delivery::of(app, &call, draft).carrying(attachments).run(&messaging, call, &body, answers).await
}

fn wish(body: &Body) -> Result<Wish> {
    body.date("sentAt")?;
    body.ids::<UserId>("readBy")?;
    body.ids::<UserId>("deletedFor")?;
    let kind = kind(body)?;
    Ok(Wish {
        conversation_id: body.required_id("conversationId")?,
        sender_id: body.id("senderUserId")?,
        kind,
        content: content::of_text(kind, body.required_text("content", MAX_TEXT)?)?,
        client_message_id: client_message_id(body)?,
        reply_to: body.id("replyTo")?,
        file_ids: body.ids("fileIds")?.unwrap_or_default(),
    })
}

fn answer_new(call: &Call, sent: Message, attachments: &Attachments) -> Result<Answer> {
    let beside = Beside::just_sent(attachments.clone());
    call.frame(Action::Create, "message").row(&view(call.caller.user_id, sent, &beside))
}

fn answer_first(conn: &mut PgConnection, call: &Call, first: Message) -> Result<Answer> {
    let beside = Beside::of(conn, std::slice::from_ref(&first))?;
    call.frame(Action::Create, "message").reused().row(&view(call.caller.user_id, first, &beside))
}

/// List messages.
///
/// Of a conversation, ascending by `seq`: by page, or the nearest to a place by `beforeSeq`, `afterSeq`, `aroundSeq`
/// or the newest by `limit` alone. Without `conversationId`, of all the caller's conversations by `sentAt`.
#[utoipa::path(
    operation_id = "listMessages", tag = "messages", security(("accessToken" = [])),
    params(
        ("conversationId" = Option<Vec<Uuid>>, Query, description = "The conversation, or several."),
        ("senderUserId" = Option<Vec<Uuid>>, Query, description = "Sent by one of these."),
        ("sentAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("sentAt_min" = Option<String>, Query, description = "Not before this day or time."),
        ("sentAt_max" = Option<String>, Query, description = "Not after this day or time."),
        ("unreadBy" = Option<Uuid>, Query, description = "Those that this participant has not read."),
        ("pageNumber" = Option<i64>, Query, description = "From 1, the oldest; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("beforeSeq" = Option<i64>, Query, description = "The newest before this one, in one conversation.",
            minimum = 0),
        ("afterSeq" = Option<i64>, Query, description = "The oldest after this one.", minimum = 0),
        ("aroundSeq" = Option<i64>, Query, description = "The nearest to this one.", minimum = 0),
        ("limit" = Option<i64>, Query, description = "25 by default. Alone: the newest.", minimum = 1, maximum = 200),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
    ),
    responses(
        (status = 200, description = "Messages, ascending.", body = MessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/messages")]
pub(crate) async fn list(
    messaging: web::Data<Messaging>,
    call: Call,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let (page, place) = (Page::parse(&query)?, SeqQuery::parse(&query)?);
    let wanted = filters::of_messages(&messaging, &call, &query, zone).await?;
    if let Some(id) = wanted.filter.only_conversation() {
        return messaging.app.read(move |conn| list_one(conn, &call, id, (page, place), &wanted)).await;
    }
    if place.is_some() {
        let detail = "beforeSeq, afterSeq, aroundSeq and limit are places in one conversation.";
        return Err(Error::field(&kit::error::REQUIRED, "conversationId").detail(detail));
    }
    messaging.app.read(move |conn| list_across(conn, &call, page, &wanted)).await
}

/// In one statement, where that is enough.
fn list_one(
    conn: &mut PgConnection,
    call: &Call,
    id: ConversationId,
    (page, place): (Page, Option<SeqQuery>),
    wanted: &Wanted<MessageFilter>,
) -> Result<Answer> {
    let user = call.caller.user_id;
    let stretch = Stretch::of(id, user, page, place).filter(|_| wanted.filter.is_plain());
    let shown = stretch.map_or(Ok(None), |stretch| stretch.load(conn))?;
    match shown {
        Some(shown) => {
            answer_shown(conn, call, id, place.map_or(page, SeqQuery::page), shown, &wanted.applied)
        }
        None => walk_one(conn, call, id, (page, place), wanted),
    }
}

fn answer_shown(
    conn: &mut PgConnection,
    call: &Call,
    id: ConversationId,
    page: Page,
    shown: Shown,
    filters: &[Value],
) -> Result<Answer> {
    let Shown { last_seq, member, messages, readers, marks } = shown;
    let paging = page.of_total(member.visible_count(last_seq))?;
    let beside = Beside::read(conn, id, readers, marks, &messages)?;
    let rows = views(member.user_id, messages, &beside);
    call.frame(Action::List, "messages").list(&rows, paging, filters)
}

/// Step by step: where something is filtered or hidden in between, and to name the refusal.
fn walk_one(
    conn: &mut PgConnection,
    call: &Call,
    id: ConversationId,
    (page, place): (Page, Option<SeqQuery>),
    wanted: &Wanted<MessageFilter>,
) -> Result<Answer> {
    let Seen { conversation, member, .. } = see(conn, id, call.caller.user_id)?;
    let history = History {
        user: member.user_id,
        place: Some((id, member.watermark.visible_from)),
        filter: &wanted.filter,
    };
    let plain = wanted.filter.is_plain();
    let total = if plain { member.visible_count(conversation.last_seq) } else { history.count(conn)? };
    let paging = place.map_or(page, SeqQuery::page).of_total(total)?;
    let rows = walk(conn, &history, page, place)?;
    answer_list(conn, call, rows, paging, &wanted.applied)
}

fn walk(
    conn: &mut PgConnection,
    history: &History<'_>,
    page: Page,
    place: Option<SeqQuery>,
) -> QueryResult<Vec<Message>> {
    match place {
        None => history.page(conn, page),
        Some(place) => history.window(conn, window(place), place.page().rows()),
    }
}

fn window(place: SeqQuery) -> Window {
    match place {
        SeqQuery::Newest { .. } => Window::Newest,
        SeqQuery::Before { seq, .. } => Window::Before(Seq::saturating(seq)),
        SeqQuery::After { seq, .. } => Window::After(Seq::saturating(seq)),
        SeqQuery::Around { seq, .. } => Window::Around(Seq::saturating(seq)),
    }
}

fn list_across(
    conn: &mut PgConnection,
    call: &Call,
    page: Page,
    wanted: &Wanted<MessageFilter>,
) -> Result<Answer> {
    let (user, filter) = (call.caller.user_id, &wanted.filter);
    if filter.is_plain() && filter.conversations.is_none() {
        let paging = page.of_total(participants::visible_in_all(conn, user)?)?;
        let rows = page_across(conn, user, page)?;
        return answer_list(conn, call, rows, paging, &wanted.applied);
    }
    all_may_be_seen(conn, user, filter)?;
    let history = History { user, place: None, filter };
    let paging = page.of_total(history.count(conn)?)?;
    let rows = history.page(conn, page)?;
    answer_list(conn, call, rows, paging, &wanted.applied)
}

/// Of several conversations, too, the caller must be in each.
fn all_may_be_seen(conn: &mut PgConnection, user: UserId, filter: &MessageFilter) -> Result<()> {
    let asked = filter.conversations.as_ref().map(IdFilter::ids).unwrap_or_default();
    let visible = conversations::visible_among(conn, user, asked)?;
    match asked.iter().find(|id| !visible.contains(id)) {
        Some(other) => see(conn, *other, user).map(|_| ()),
        None => Ok(()),
    }
}

fn answer_list(
    conn: &mut PgConnection,
    call: &Call,
    rows: Vec<Message>,
    paging: Paging,
    filters: &[Value],
) -> Result<Answer> {
    let beside = Beside::of(conn, &rows)?;
    call.frame(Action::List, "messages").list(&views(call.caller.user_id, rows, &beside), paging, filters)
}

/// Get a message.
#[utoipa::path(
    operation_id = "getMessage", tag = "messages", security(("accessToken" = [])),
    params(("messageId" = Uuid, Path, description = "The message.")),
    responses(
        (status = 200, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/messages/{messageId}")]
pub(crate) async fn get(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let work = move |conn: &mut PgConnection| {
        let (found, beside) = look(conn, id, call.caller.user_id)?;
        let version = found.record_version;
        Ok(call.frame(Action::Get, "message").row(&view(call.caller.user_id, found, &beside))?.etag(version))
    };
    messaging.app.read(work).await
}

/// The message as the user sees it, or the reason why they do not.
pub(crate) fn look(conn: &mut PgConnection, id: MessageId, user: UserId) -> Result<(Message, Beside)> {
    let found = messages::find(conn, id)?.ok_or(Refusal::MessageNotFound)?;
    let member = see(conn, found.conversation_id, user)?.member;
    let beside = Beside::of(conn, std::slice::from_ref(&found))?;
    let marks = beside.marks(found.conversation_id);
    Ok((message::may_see(found, &member, &marks)?, beside))
}

/// The message's id as the path has it.
pub(crate) fn id_in_path(path: &str) -> Result<MessageId> {
    path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "messageId"))
}
