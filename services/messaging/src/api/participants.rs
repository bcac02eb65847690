//! `/v1/conversations/{conversationId}/read`

use actix_web::{post, web};
use diesel::QueryResult;
use events::messaging::ConversationRead;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Result, Tx};
use timeline::{Seq, Watermark};
use utoipa::ToSchema;

use crate::Messaging;
use crate::announce::{self, Occasion};
use crate::api::conversation_view::{ConversationAnswer, view_one};
use crate::api::conversations::{id_in_path, see};
use crate::domain::conversation::{ConversationId, Seen};
use crate::domain::participant::Participant;
use crate::store::{marks, participants};

/// What a client sends to mark messages read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct ReadConversation {
    /// All messages up to this one, itself included; without it, all there are.
    #[schema(example = 7, minimum = 0)]
    up_to_seq: Option<i64>,
}

/// Mark messages read.
///
/// All up to `upToSeq`, or all there are. The answer is the conversation with the caller's new `unreadCount`.
#[utoipa::path(
    operation_id = "readConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = Uuid, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = Option<ReadConversation>,
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
    let ([occasion], reader) = (Occasion::draw(app, &call), call.clone());
    let work = move |tx: &mut Tx<'_>| mark_read(tx, &reader, id, up_to, &occasion);
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
    occasion: &Occasion,
) -> Result<Answer> {
    let user = call.caller.user_id;
    participants::lock(tx, id, user)?;
    let mut seen = see(tx.conn(), id, user)?;
    if let Some(watermark) = advance(tx, &seen, up_to)? {
        seen.member = Participant { watermark, ..seen.member };
        participants::save(tx, id, &[seen.member])?;
        marks::forget(tx, id, user, watermark.read_seq)?;
        let data = ConversationRead { conversation_id: id.uuid(), member: announce::member(&seen.member) };
        occasion.tell(tx, id, &seen.conversation.member_ids, data)?;
    }
    call.frame(Action::Update, "conversation").row(&view_one(tx.conn(), seen)?)
}

fn advance(tx: &mut Tx<'_>, seen: &Seen, up_to: Option<Seq>) -> QueryResult<Option<Watermark>> {
    let (id, last, user) = (seen.conversation.id, seen.conversation.last_seq, seen.member.user_id);
    let uncounted_in = |range| marks::uncounted_in(tx.conn(), id, user, range);
    seen.member.watermark.read_up_to(up_to.unwrap_or(last), last, uncounted_in)
}
