//! `/v1/messages`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::{Connection as _, QueryResult};
use kit::db::violates;
use kit::openapi::ErrorEnvelope;
use kit::{
    Action, Answer, Body, Call, Error, MAX_TEXT, OneStatement as _, Page, Paging, Query, Result, SeqQuery,
    UserId, answer_schema,
};
use serde::Serialize;
use serde_json::{Value, json};
use timeline::{Seq, SeqRange, Visible, Window};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Messaging;
use crate::api::conversations::see;
use crate::domain::conversation::{ConversationId, Seen};
use crate::domain::message::{self, Message, MessageId, Scene, Wish};
use crate::domain::participant::{Reader, read_by};
use crate::store::send::Send;
use crate::store::{conversations, messages, participants};

/// The longest name that a client may give to its message, in characters.
const MAX_CLIENT_ID: usize = 200;
const ROUTE: &str = "POST /v1/messages";
/// Nobody can call two messages of theirs in a conversation the same.
const CLIENT_ID_KEY: &str = "message_client_message_id_key";

/// What a client sends to say something.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateMessage {
    /// Where.
    conversation_id: Uuid,
    /// What; at most 10,000 characters, kept as it comes.
    #[schema(example = "Hello Ben, is Tuesday fine?")]
    content: String,
    /// What the client calls it, at most 200 characters: a repetition returns the first message.
    #[schema(example = "c0ffee-1")]
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

/// A message as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: MessageId,
    content: String,
    sender_user_id: UserId,
    /// The caller's own id, if they deleted it for themselves.
    deleted_for: Vec<UserId>,
    /// At most 100 of those who have read it, the sender among them.
    read_by: Vec<UserId>,
    /// How many have read it.
    read_by_count: usize,
    conversation_id: ConversationId,
    /// When it was stored; it never decreases along `seq`.
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
    /// Its number in the conversation: 1, 2, 3 …
    seq: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    client_message_id: Option<String>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The sender.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(MessageAnswer { message: MessageView });
answer_schema!(MessagesAnswer { messages: [MessageView] });

/// Send a message.
///
/// It gets the conversation's next number, becomes its last message and is announced, all at once or not at all.
#[utoipa::path(
    operation_id = "createMessage", tag = "messages", security(("accessToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.")),
    request_body = CreateMessage,
    responses(
        (status = 201, description = "The message.", body = MessageAnswer),
        (status = 200, description = "The first message of this clientMessageId.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/messages")]
pub(crate) async fn create(messaging: web::Data<Messaging>, call: Call, body: Body) -> Result<Answer> {
    let wish = wish(&body)?;
    let app = &messaging.app;
    let draft = message::compose(wish, call.caller.user_id, app.new_id(), app.now())?;
    let statement = Send::new(draft, app.new_id::<MessageId>().uuid(), call.request_id());
    if call.has_key() {
        let by = call.clone();
        let work = move |tx: &mut kit::Tx<'_>| {
            // A savepoint, so that a known clientMessageId does not end the transaction that keeps the key.
            let sent = tx.conn().transaction(|conn| statement.run(conn));
            answer_sent(tx.conn(), &by, &statement, sent)
        };
        return app.post(&call, &body, ROUTE, work).await;
    }
    match app.once(statement.clone()).await? {
        Ok(Some(sent)) => answer_new(&call, sent),
        undone => app.read(move |conn| answer_sent(conn, &call, &statement, undone)).await,
    }
}

fn wish(body: &Body) -> Result<Wish> {
    body.date("sentAt")?;
    body.ids::<UserId>("readBy")?;
    body.ids::<UserId>("deletedFor")?;
    let client_message_id = body.text("clientMessageId", MAX_CLIENT_ID)?;
    Ok(Wish {
        conversation_id: body.required_id("conversationId")?,
        sender_id: body.id("senderUserId")?,
        content: body.required_text("content", MAX_TEXT)?,
        client_message_id: client_message_id.filter(|name| !name.is_empty()),
    })
}

/// What became of a send: the new message, the first one of its `clientMessageId`, or the refusal by its name.
fn answer_sent(
    conn: &mut PgConnection,
    call: &Call,
    statement: &Send,
    sent: QueryResult<Option<Message>>,
) -> Result<Answer> {
    match sent {
        Ok(Some(sent)) => answer_new(call, sent),
        Ok(None) => Err(refusal(conn, statement)?),
        Err(error) if violates(&error, CLIENT_ID_KEY) => answer_first(conn, call, statement),
        Err(error) => Err(error.into()),
    }
}

fn answer_new(call: &Call, sent: Message) -> Result<Answer> {
    call.frame(Action::Create, "message").row(&view(sent, &[]))
}

fn answer_first(conn: &mut PgConnection, call: &Call, statement: &Send) -> Result<Answer> {
    let draft = statement.draft();
    let name = draft.client_message_id.as_deref().unwrap_or_default();
    let first = messages::by_client_id(conn, draft.conversation_id, draft.sender_id, name)?;
    let readers = readers(conn, std::slice::from_ref(&first))?;
    call.frame(Action::Create, "message").reused().row(&view(first, &readers))
}

/// Why a send did nothing.
fn refusal(conn: &mut PgConnection, statement: &Send) -> Result<Error> {
    let scene = scene(conn, statement.draft().conversation_id, statement.draft().sender_id)?;
    // A scene that allows it now changed after the send: the client may try again.
    Ok(message::may_send(scene)
        .map_or_else(Error::from, |_| Error::unavailable("membership changed meanwhile")))
}

/// What a send by this user depends on.
///
/// # Errors
/// What Postgres says.
pub fn scene(conn: &mut PgConnection, id: ConversationId, sender: UserId) -> Result<Scene> {
    let seen = conversations::find(conn, id, sender)?;
    let there = seen.is_some() || conversations::is_there(conn, id)?;
    let place = |seen: &Seen| (seen.conversation.last_seq, seen.conversation.last_message_at);
    let conversation = there.then(|| seen.as_ref().map_or((Seq::START, DateTime::UNIX_EPOCH), place));
    Ok(Scene { conversation, sender: seen.map(|seen| seen.watermark) })
}

/// List messages.
///
/// Of a conversation, ascending by `seq`: by page, or the nearest to a place by `beforeSeq`, `afterSeq`, `aroundSeq`
/// or the newest by `limit` alone. Without `conversationId`, of all the caller's conversations by `sentAt`.
#[utoipa::path(
    operation_id = "listMessages", tag = "messages", security(("accessToken" = [])),
    params(
        ("conversationId" = Option<Uuid>, Query, description = "The conversation."),
        ("pageNumber" = Option<i64>, Query, description = "From 1, the oldest; 0 for all, at most 1,000.", example = 1),
        ("pageRowCount" = Option<i64>, Query, description = "1 to 200; 25 by default.", example = 25),
        ("beforeSeq" = Option<i64>, Query, description = "The newest before this one."),
        ("afterSeq" = Option<i64>, Query, description = "The oldest after this one."),
        ("aroundSeq" = Option<i64>, Query, description = "The nearest to this one."),
        ("limit" = Option<i64>, Query, description = "1 to 200; 25 by default. Alone: the newest."),
    ),
    responses(
        (status = 200, description = "Messages, ascending.", body = MessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/messages")]
pub(crate) async fn list(messaging: web::Data<Messaging>, call: Call, query: Query) -> Result<Answer> {
    let (page, place) = (Page::parse(&query)?, SeqQuery::parse(&query)?);
    match query.id::<ConversationId>("conversationId")? {
        Some(id) => messaging.app.read(move |conn| list_one(conn, &call, id, page, place)).await,
        None => messaging.app.read(move |conn| list_across(conn, &call, page)).await,
    }
}

fn list_one(
    conn: &mut PgConnection,
    call: &Call,
    id: ConversationId,
    page: Page,
    place: Option<SeqQuery>,
) -> Result<Answer> {
    let seen = see(conn, id, call.caller.user_id)?;
    let visible = seen.watermark.visible(seen.conversation.last_seq);
    let paging = place.map_or(page, SeqQuery::page).of_total(visible.total())?;
    let rows = match cut(visible, page, place) {
        Some(range) => messages::range(conn, id, range)?,
        None => Vec::new(),
    };
    answer_list(conn, call, rows, paging, &[json!({ "name": "conversationId", "values": [id] })])
}

/// Which messages are asked for, of those that the caller can see.
fn cut(visible: Visible, page: Page, place: Option<SeqQuery>) -> Option<SeqRange> {
    match place {
        None if page.number() == 0 => visible.all(),
        None => visible.page(page.number(), page.rows()),
        Some(SeqQuery::Newest { limit }) => visible.window(Window::Newest, limit),
        Some(SeqQuery::Before { seq, limit }) => visible.window(Window::Before(Seq::saturating(seq)), limit),
        Some(SeqQuery::After { seq, limit }) => visible.window(Window::After(Seq::saturating(seq)), limit),
        Some(SeqQuery::Around { seq, limit }) => visible.window(Window::Around(Seq::saturating(seq)), limit),
    }
}

fn list_across(conn: &mut PgConnection, call: &Call, page: Page) -> Result<Answer> {
    let user = call.caller.user_id;
    let paging: Paging = page.of_total(participants::visible_in_all(conn, user)?)?;
    let rows = messages::page_across(conn, user, page)?;
    answer_list(conn, call, rows, paging, &[])
}

fn answer_list(
    conn: &mut PgConnection,
    call: &Call,
    rows: Vec<Message>,
    paging: Paging,
    filters: &[Value],
) -> Result<Answer> {
    let readers = readers(conn, &rows)?;
    let views: Vec<MessageView> = rows.into_iter().map(|row| view(row, &readers)).collect();
    call.frame(Action::List, "messages").list(&views, paging, filters)
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
    let id: MessageId = path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "messageId"))?;
    let work = move |conn: &mut PgConnection| {
        let found = messages::find(conn, id)?;
        let place = found.as_ref().map(|found| found.conversation_id);
        let member =
            place.map(|place| conversations::find(conn, place, call.caller.user_id)).transpose()?.flatten();
        let found = message::may_see(found, member.map(|seen| seen.watermark))?;
        let readers = readers(conn, std::slice::from_ref(&found))?;
        let version = found.record_version;
        Ok(call.frame(Action::Get, "message").row(&view(found, &readers))?.etag(version))
    };
    messaging.app.read(work).await
}

type Readers = Vec<(ConversationId, Reader)>;

/// Who may have read some of these messages, in one query.
fn readers(conn: &mut PgConnection, of: &[Message]) -> Result<Readers> {
    let mut ids: Vec<ConversationId> = of.iter().map(|message| message.conversation_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let Some(first) = of.iter().map(|message| message.seq).min() else { return Ok(Vec::new()) };
    Ok(participants::readers(conn, &ids, first)?)
}

fn view(of: Message, readers: &[(ConversationId, Reader)]) -> MessageView {
    let there = readers.iter().filter(|(place, _)| *place == of.conversation_id).map(|(_, reader)| reader);
    let read = read_by(&of, there);
    MessageView {
        id: of.id,
        sender_user_id: of.sender_id,
        deleted_for: Vec::new(),
        read_by: read.named,
        read_by_count: read.count,
        conversation_id: of.conversation_id,
        sent_at: of.sent_at,
        seq: of.seq.get(),
        kind: of.kind.name(),
        content: of.content,
        client_message_id: of.client_message_id,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.sent_at,
        updated_at: of.updated_at,
        owner: of.sender_id,
    }
}
