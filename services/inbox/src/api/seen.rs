//! `/v1/conversations/{conversationId}/seen`

use actix_web::{post, web};
use events::Occasion;
use events::inbox::ConversationSeen;
use kit::error::NOT_VALID;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Result, Tx};
use timeline::Seq;
use utoipa::ToSchema;

use crate::api::conversation_view::{ConversationAnswer, view_one};
use crate::api::conversations::locked;
use crate::api::id_in_path;
use crate::domain::conversation::{Conversation, Side};
use crate::domain::ids::ConversationId;
use crate::saying::audience;
use crate::store::{conversations, messages};
use crate::{Inbox, announce};

/// What a client sends when somebody has looked.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct See {
    /// The newest message that was seen; all of them where it is absent.
    #[schema(minimum = 0)]
    up_to_seq: Option<i64>,
}

/// Mark what the contact said as seen, for all agents.
#[utoipa::path(
    operation_id = "seeConversation", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = Option<See>,
    responses(
        (status = 200, description = "The conversation.", body = ConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations/{conversationId}/seen")]
pub(crate) async fn seen(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let id: ConversationId = id_in_path(&path, "conversationId")?;
    let up_to = up_to(&body)?;
    let ([occasion], by) = (Occasion::draw(&service.app, &call), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        let (scope, before) = locked(tx, &by, id)?;
        let after = see(tx, before, Side::Agents, up_to, &occasion)?;
        by.frame(Action::Update, "conversation").row(&view_one(tx.conn(), &scope, &after)?)
    };
    service.app.post(&call, &body, "POST /v1/conversations/{conversationId}/seen", work).await
}

/// Up to where somebody has looked: all of it where the body does not say.
pub(crate) fn up_to(body: &Body) -> Result<Seq> {
    let refusal = || Error::field(&NOT_VALID, "upToSeq").detail("Not a number of a message.");
    let given = body.integer("upToSeq")?.map(|number| Seq::new(number).ok_or_else(refusal)).transpose()?;
    Ok(given.unwrap_or(Seq::saturating(i64::MAX)))
}

/// Stores and announces how far a side of a locked conversation has read.
pub(crate) fn see(
    tx: &mut Tx<'_>,
    before: Conversation,
    side: Side,
    up_to: Seq,
    occasion: &Occasion,
) -> Result<Conversation> {
    let (chatbot, id) = (before.chatbot_id, before.id);
    let uncounted = |range| messages::uncounted_in(tx.conn(), chatbot, id, side, range);
    let Some(after) = before.read(side, up_to, occasion.now, uncounted)? else { return Ok(before) };
    conversations::save(tx, &after)?;
    let to = audience(tx, &after)?;
    let (chatbot_id, conversation_id) = (chatbot.to_string(), id.to_string());
    let data = ConversationSeen { chatbot_id, conversation_id, sides: announce::sides(&after) };
    occasion.tell_all(tx, id, to, data)?;
    Ok(after)
}
