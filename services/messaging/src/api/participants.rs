//! `/v1/conversations/{conversationId}/read`

use actix_web::{post, web};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use events::messaging::ConversationRead;
use events::{Announcement, Recipient};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Result, Tx};
use timeline::{Seq, Watermark};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Messaging;
use crate::api::conversations::{ConversationAnswer, id_in_path, member, see, view_one};
use crate::domain::conversation::{ConversationId, Seen};
use crate::store::participants;

/// What a client sends to mark messages read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ReadConversation {
    /// All messages up to this one, itself included; without it, all there are.
    #[schema(example = 7)]
    up_to_seq: Option<i64>,
}

/// Mark messages read.
///
/// All up to `upToSeq`, or all there are. The answer is the conversation with the caller's new `unreadCount`.
#[utoipa::path(
    operation_id = "readConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = Uuid, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer."),
    ),
    request_body = ReadConversation,
    responses(
        (status = 200, description = "The conversation.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations/{conversationId}/read")]
pub(crate) async fn read(
    messaging: web::Data<Messaging>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let up_to = up_to_seq(&body)?;
    let app = &messaging.app;
    let (now, event_id, reader) = (app.now(), app.new_id::<ConversationId>().uuid(), call.clone());
    let work = move |tx: &mut Tx<'_>| mark_read(tx, &reader, id, up_to, (event_id, now));
    app.post(&call, &body, "POST /v1/conversations/{conversationId}/read", work).await
}

fn up_to_seq(body: &Body) -> Result<Option<Seq>> {
    let refuse = |_| Error::field(&kit::error::NOT_VALID, "upToSeq").detail("Must be 0 or more.");
    body.integer("upToSeq")?.map(|number| Seq::try_from(number).map_err(refuse)).transpose()
}

/// The reader's row is locked first: what is counted afterwards cannot change under it, since their own sends lock it
/// too and others' only add to the end.
fn mark_read(
    tx: &mut Tx<'_>,
    call: &Call,
    id: ConversationId,
    up_to: Option<Seq>,
    event: (Uuid, DateTime<Utc>),
) -> Result<Answer> {
    let user = call.caller.user_id;
    participants::lock(tx, id, user)?;
    let seen = see(tx.conn(), id, user)?;
    let moved = advance(tx, &seen, id, call, up_to)?;
    if let Some(watermark) = moved {
        participants::save(tx, id, user, watermark)?;
        events::enqueue(tx, &announcement(&seen, watermark, call, event))?;
    }
    let seen = Seen { watermark: moved.unwrap_or(seen.watermark), ..seen };
    call.frame(Action::Update, "conversation").row(&view_one(tx.conn(), seen)?)
}

fn advance(
    tx: &mut Tx<'_>,
    seen: &Seen,
    id: ConversationId,
    call: &Call,
    up_to: Option<Seq>,
) -> QueryResult<Option<Watermark>> {
    let last = seen.conversation.last_seq;
    let uncounted_in = |range| participants::uncounted_in(tx, id, call.caller.user_id, range);
    seen.watermark.read_up_to(up_to.unwrap_or(last), last, uncounted_in)
}

fn announcement(
    seen: &Seen,
    watermark: Watermark,
    call: &Call,
    (id, time): (Uuid, DateTime<Utc>),
) -> Announcement<ConversationRead> {
    let of = &seen.conversation;
    Announcement {
        id,
        time,
        request_id: call.request_id().to_owned(),
        subject: of.id.to_string(),
        recipients: of.member_ids.iter().map(|user| Recipient::User(*user)).collect(),
        data: ConversationRead {
            conversation_id: of.id.uuid(),
            member: member(call.caller.user_id, watermark),
        },
    }
}
