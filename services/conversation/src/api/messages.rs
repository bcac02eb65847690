//! `/v1/conversationmessages`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::Occasion;
use events::conversation::MessageCreated;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, MAX_TEXT, Query, Result, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::filters::with_deleted;
use crate::api::message_view::{MessageAnswer, view_one};
use crate::api::threads::see;
use crate::domain::message::{self, Draft, Message, MessageId, Wish};
use crate::domain::participant::Participant;
use crate::domain::thread::Thread;
use crate::store::{messages, participants, threads};
use crate::{Conversation, Refusal, announce};

/// The longest name that a client may give to its message, in characters.
const MAX_CLIENT_ID: usize = 200;

/// What a client sends to say something.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateMessage {
    /// What; at most 10,000 characters. Markup is taken out.
    #[schema(example = "Is the bicycle still there?", min_length = 1, max_length = 10_000)]
    content: String,
    /// Where.
    conversation_thread_id: Uuid,
    /// What the client calls it, at most 200 characters: a repetition returns the first message.
    #[schema(example = "c0ffee-2", max_length = 200)]
    client_message_id: Option<String>,
    /// Files that go with it, at most 10: of the thread's bucket, or of the sender's public one.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<Uuid>>,
    /// Checked, then ignored: the server owns it.
    is_read: Option<bool>,
    /// Checked, then ignored: the server owns it.
    read_at: Option<DateTime<Utc>>,
    /// If present, the other one.
    receiver_id: Option<Uuid>,
    /// If present, the caller.
    sender_id: Option<Uuid>,
    /// Checked, then ignored: the server owns it.
    sent_at: Option<DateTime<Utc>>,
}

/// Send a message.
///
/// It gets the thread's next number, becomes its newest message and is announced, all at once or not at all.
#[utoipa::path(
    operation_id = "createConversationMessage", tag = "conversationMessages", security(("accessToken" = [])),
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
#[post("/v1/conversationmessages")]
pub(crate) async fn create(service: web::Data<Conversation>, call: Call, body: Body) -> Result<Answer> {
    let app = &service.app;
    let mut wish = wish(&body)?;
    let buckets = [Thread::bucket(wish.thread_id), files::public_bucket_of(call.caller.user_id)];
    (wish.file_ids, _) = service.files.attachable(wish.file_ids, &buckets).await?;
    let draft = message::compose(wish, call.caller.user_id, app.new_id(), app.now())?;
    let ([occasion], by) = (Occasion::draw(app, &call), call.clone());
    let work = move |tx: &mut Tx<'_>| send(tx, &by, &draft, &occasion);
    app.post(&call, &body, "POST /v1/conversationmessages", work).await
}

fn wish(body: &Body) -> Result<Wish> {
    body.boolean("isRead")?;
    body.date("readAt")?;
    body.date("sentAt")?;
    let client_message_id = body.text("clientMessageId", MAX_CLIENT_ID)?;
    Ok(Wish {
        thread_id: body.required_id("conversationThreadId")?,
        sender_id: body.id("senderId")?,
        receiver_id: body.id("receiverId")?,
        content: body.required_text("content", MAX_TEXT)?,
        client_message_id: client_message_id.filter(|name| !name.is_empty()),
        file_ids: body.ids("fileIds")?.unwrap_or_default(),
    })
}

/// The sender's row is locked first: nobody else can give their message the same name meanwhile.
fn send(tx: &mut Tx<'_>, call: &Call, draft: &Draft, occasion: &Occasion) -> Result<Answer> {
    let Some(sender) = participants::lock(tx, draft.thread_id, draft.sender_id)? else {
        see(tx.conn(), draft.thread_id, call)?;
        return Err(Refusal::NotAParticipant.into());
    };
    let frame = call.frame(Action::Create, "conversationMessage");
    if let Some(first) = sent_before(tx, draft)? {
        return frame.reused().row(&view_one(tx.conn(), first)?);
    }
    let thread = threads::lock(tx, draft.thread_id)?;
    let message = draft.clone().into_message(&thread)?;
    messages::insert(tx, &message)?;
    threads::append(tx, &message)?;
    let sender = Participant { watermark: sender.watermark.sent(), ..sender };
    participants::save(tx, thread.id, &sender)?;
    let members = vec![announce::member(&sender)];
    let data = MessageCreated { message: announce::message(&message), members };
    occasion.tell(tx, thread.id, &thread.pair(), data)?;
    frame.row(&view_one(tx.conn(), message)?)
}

fn sent_before(tx: &mut Tx<'_>, draft: &Draft) -> Result<Option<Message>> {
    let Some(name) = &draft.client_message_id else { return Ok(None) };
    Ok(messages::by_client_id(tx.conn(), draft.thread_id, draft.sender_id, name)?)
}

/// Get a message.
#[utoipa::path(
    operation_id = "getConversationMessage", tag = "conversationMessages", security(("accessToken" = [])),
    params(
        ("conversationMessageId" = Uuid, Path, description = "The message."),
        ("includeInactive" = Option<bool>, Query, description = "For the staff: also if it is deleted."),
    ),
    responses(
        (status = 200, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversationmessages/{conversationMessageId}")]
pub(crate) async fn get(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, with_deleted) = (id_in_path(&path)?, with_deleted(&call, &query)?);
    let work = move |conn: &mut PgConnection| {
        let found = find(conn, id)?;
        see(conn, found.thread_id, &call)?;
        let found = Some(found).filter(|found| found.is_active || with_deleted);
        let found = found.ok_or(Refusal::MessageNotFound)?;
        let version = found.record_version;
        Ok(call.frame(Action::Get, "conversationMessage").row(&view_one(conn, found)?)?.etag(version))
    };
    service.app.read(work).await
}

/// The message's id as the path has it.
pub(crate) fn id_in_path(path: &str) -> Result<MessageId> {
    path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "conversationMessageId"))
}

/// A message by its id, deleted or not.
pub(crate) fn find(conn: &mut PgConnection, id: MessageId) -> Result<Message> {
    messages::find(conn, id)?.ok_or(Refusal::MessageNotFound.into())
}
