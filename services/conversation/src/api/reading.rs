//! Reading: one message (`/v1/markmessageasread/{conversationMessageId}`), or all of a thread up to a place
//! (`/v1/conversationthreads/{conversationThreadId}/read`).

use actix_web::{patch, post, web};
use chrono::{DateTime, Utc};
use events::Occasion;
use events::conversation::{MessageRead, ThreadRead};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, IfMatch, Result, Tx};
use timeline::{ReadOne, Seq};
use utoipa::ToSchema;

use crate::api::message_view::{MessageAnswer, view_one as view_message};
use crate::api::messages::{self as message_routes, find};
use crate::api::thread_view::{ThreadAnswer, view_one};
use crate::api::threads::{id_in_path, see};
use crate::domain::message::{Message, MessageId};
use crate::domain::participant::{Participant, exception};
use crate::domain::thread::{Thread, ThreadId};
use crate::store::{messages, participants};
use crate::{Conversation, Refusal, announce};

/// What a client sends to mark a message read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ReadMessage {
    /// Checked, then ignored: it will be read.
    is_read: Option<bool>,
    /// Checked, then ignored: the server owns it.
    read_at: Option<DateTime<Utc>>,
}

/// Mark a message read.
///
/// By its receiver; the first time stays.
#[utoipa::path(
    operation_id = "markMessageAsRead", tag = "conversationMessages", security(("accessToken" = [])),
    params(
        ("conversationMessageId" = Uuid, Path, description = "The message."),
        ("If-Match" = Option<i32>, Header, description = "The recordVersion that the change is meant for."),
    ),
    request_body = Option<ReadMessage>,
    responses(
        (status = 200, description = "The message.", body = MessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/markmessageasread/{conversationMessageId}")]
pub(crate) async fn read_message(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let id = message_routes::id_in_path(&path)?;
    body.boolean("isRead")?;
    body.date("readAt")?;
    let [occasion] = Occasion::draw(&service.app, &call);
    service.app.write(move |tx| read_one(tx, &call, id, if_match, &occasion)).await
}

/// The reader's row is locked first: what is counted afterwards cannot change under it, since a deletion locks it too and
/// a send only adds to the end.
fn read_one(
    tx: &mut Tx<'_>,
    call: &Call,
    id: MessageId,
    if_match: IfMatch,
    occasion: &Occasion,
) -> Result<Answer> {
    let (found, user) = (find(tx.conn(), id)?, call.caller.user_id);
    let reader = participants::lock(tx, found.thread_id, user)?;
    let thread = see(tx.conn(), found.thread_id, call)?.thread;
    let message = messages::lock(tx, found.thread_id, found.seq)?;
    let message = Some(message).filter(|message| message.is_active).ok_or(Refusal::MessageNotFound)?;
    if_match.admit(message.record_version)?;
    let reader = reader.ok_or(Refusal::NotTheReceiver)?;
    let after = match message.clone().read(user, occasion.now)? {
        Some(after) => store_reading(tx, &thread, reader, after, &message, occasion)?,
        None => message,
    };
    let version = after.record_version;
    Ok(call.frame(Action::Update, "conversationMessage").row(&view_message(tx.conn(), after)?)?.etag(version))
}

fn store_reading(
    tx: &mut Tx<'_>,
    thread: &Thread,
    reader: Participant,
    after: Message,
    before: &Message,
    occasion: &Occasion,
) -> Result<Message> {
    let (id, seq, user) = (thread.id, before.seq, reader.user_id);
    let first_counting = |range| {
        // Two, since the message itself is to be left aside.
        let counting = messages::counting_in(tx.conn(), id, user, range, 2)?;
        Ok::<_, diesel::result::Error>(counting.into_iter().find(|counting| *counting != seq))
    };
    let why = exception(before, user);
    let reader = match reader.watermark.read_one(seq, thread.last_seq, why, first_counting)? {
        ReadOne::Unchanged => reader,
        ReadOne::Passed(watermark) | ReadOne::Excepted(watermark) => Participant { watermark, ..reader },
    };
    messages::save(tx, &after)?;
    participants::save(tx, id, &reader)?;
    let data = MessageRead { message: announce::message(&after), member: announce::member(&reader) };
    occasion.tell(tx, id, &thread.pair(), data)?;
    Ok(after)
}

/// What a client sends to mark messages read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ReadConversationThread {
    /// All messages up to this one, itself included; without it, all there are.
    #[schema(example = 7, minimum = 0)]
    up_to_seq: Option<i64>,
}

/// Mark messages read.
///
/// All up to `upToSeq`, or all there are. The answer is the thread with the caller's new `unreadCount`.
#[utoipa::path(
    operation_id = "readConversationThread", tag = "conversationThreads", security(("accessToken" = [])),
    params(
        ("conversationThreadId" = Uuid, Path, description = "The thread."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = Option<ReadConversationThread>,
    responses(
        (status = 200, description = "The thread.", body = ThreadAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversationthreads/{conversationThreadId}/read")]
pub(crate) async fn read_thread(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let (id, up_to) = (id_in_path(&path)?, up_to_seq(&body)?);
    let ([occasion], by) = (Occasion::draw(&service.app, &call), call.clone());
    let work = move |tx: &mut Tx<'_>| read_up_to(tx, &by, id, up_to, &occasion);
    service.app.post(&call, &body, "POST /v1/conversationthreads/{conversationThreadId}/read", work).await
}

fn up_to_seq(body: &Body) -> Result<Option<Seq>> {
    let refuse = |_| Error::field(&kit::error::NOT_VALID, "upToSeq").detail("Must be 0 or more.");
    body.integer("upToSeq")?.map(|number| Seq::try_from(number).map_err(refuse)).transpose()
}

fn read_up_to(
    tx: &mut Tx<'_>,
    call: &Call,
    id: ThreadId,
    up_to: Option<Seq>,
    occasion: &Occasion,
) -> Result<Answer> {
    let user = call.caller.user_id;
    participants::lock(tx, id, user)?;
    let mut seen = see(tx.conn(), id, call)?;
    let reader = seen.member.ok_or(Refusal::NotAParticipant)?;
    let last_seq = seen.thread.last_seq;
    let uncounted_in = |range| messages::uncounted_in(tx.conn(), id, user, range);
    let read = reader.watermark.read_up_to(up_to.unwrap_or(last_seq), last_seq, uncounted_in)?;
    if let Some(watermark) = read {
        let reader = Participant { watermark, ..reader };
        messages::read_up_to(tx, id, user, watermark.read_seq, occasion.now)?;
        participants::save(tx, id, &reader)?;
        let thread_id = id.uuid();
        let (read_at, member) = (occasion.now, announce::member(&reader));
        let data = ThreadRead { conversation_thread_id: thread_id, read_at, member };
        occasion.tell(tx, id, &seen.thread.pair(), data)?;
        seen.member = Some(reader);
    }
    call.frame(Action::Update, "conversationThread").row(&view_one(tx.conn(), &seen)?)
}
