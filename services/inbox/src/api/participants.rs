//! `/v1/conversations/{conversationId}/participants`

use actix_web::{delete, get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::conversations::{locked, participant, seen};
use crate::api::{id_in_path, scope};
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ChatbotId, ContactId, ConversationId, ConversationParticipantId};
use crate::store::members;
use crate::store::participants::{self, Participant};
use crate::{Inbox, Refusal};

/// What a client sends to ask an agent in.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct AddParticipant {
    /// A member of the chatbot.
    user_id: UserId,
}

/// Somebody who takes part: an agent or the contact.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantView {
    id: ConversationParticipantId,
    chatbot_id: ChatbotId,
    conversation_id: ConversationId,
    /// Null for the contact.
    user_id: Option<UserId>,
    /// Null for an agent.
    contact_id: Option<ContactId>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Who it is.
    #[serde(rename = "_owner")]
    owner: String,
}

answer_schema!(ParticipantAnswer { participant: ParticipantView });
answer_schema!(ParticipantsAnswer { participants: [ParticipantView] });

fn view(of: &Participant, is_active: bool) -> ParticipantView {
    let user = of.user_id.map(|id| id.to_string());
    ParticipantView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        conversation_id: of.conversation_id,
        user_id: of.user_id,
        contact_id: of.contact_id,
        is_active,
        record_version: 1,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: user.or_else(|| of.contact_id.map(|id| id.to_string())).unwrap_or_default(),
    }
}

/// Ask an agent into a conversation.
#[utoipa::path(
    operation_id = "addConversationParticipant", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = AddParticipant,
    responses(
        (status = 201, description = "The participant.", body = ParticipantAnswer),
        (status = 200, description = "They take part already.", body = ParticipantAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations/{conversationId}/participants")]
pub(crate) async fn add(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let id: ConversationId = id_in_path(&path, "conversationId")?;
    let user: UserId = body.required_id("userId")?;
    let (new, by, now) = (ConversationParticipantId::draw(), call.clone(), service.app.now());
    let work = move |tx: &mut Tx<'_>| {
        let (_, found) = locked(tx, &by, id)?;
        if !members::hold(tx, found.chatbot_id, user)? {
            return Err(Refusal::NotAMember("userId").into());
        }
        let frame = by.frame(Action::Create, "participant");
        let new = Participant { created_at: now, updated_at: now, ..participant(new, &found, Some(user)) };
        if participants::insert(tx, &new)? {
            return frame.row(&view(&new, true));
        }
        let known = participants::of_somebody(tx.conn(), found.chatbot_id, id, Some(user), None)?;
        frame.reused().row(&view(&known.ok_or_else(|| Error::internal("a part is taken and free"))?, true))
    };
    service.app.post(&call, &body, "POST /v1/conversations/{conversationId}/participants", work).await
}

/// Whoever writes takes part from then on.
pub(crate) fn join(
    tx: &mut Tx<'_>,
    id: ConversationParticipantId,
    of: &Conversation,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let new = Participant { created_at: now, updated_at: now, ..participant(id, of, Some(user)) };
    participants::insert(tx, &new)?;
    Ok(())
}

/// List who takes part in a conversation.
#[utoipa::path(
    operation_id = "listConversationParticipants", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, in the order in which they came.", body = ParticipantsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations/{conversationId}/participants")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, page): (ConversationId, _) = (id_in_path(&path, "conversationId")?, Page::parse(&query)?);
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?;
        let found = seen(conn, &scope, id)?;
        let (rows, total) = participants::page(conn, found.chatbot_id, id, page)?;
        let rows: Vec<_> = rows.iter().map(|it| view(it, true)).collect();
        call.frame(Action::List, "participants").list(&rows, page.of_total(total)?, &[])
    };
    service.app.read(work).await
}

/// Take an agent out of a conversation; the contact stays.
#[utoipa::path(
    operation_id = "removeConversationParticipant", tag = "conversations", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("participantId" = ConversationParticipantId, Path, description = "The participant's `id`."),
    ),
    responses(
        (status = 200, description = "The participant, no longer active.", body = ParticipantAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/conversations/{conversationId}/participants/{participantId}")]
pub(crate) async fn remove(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<(String, String)>,
) -> Result<Answer> {
    let id: ConversationId = id_in_path(&path.0, "conversationId")?;
    let part: ConversationParticipantId = id_in_path(&path.1, "participantId")?;
    let work = move |tx: &mut Tx<'_>| {
        let (_, found) = locked(tx, &call, id)?;
        let gone =
            participants::delete(tx, found.chatbot_id, id, part)?.ok_or(Refusal::ParticipantNotFound)?;
        call.frame(Action::Delete, "participant").with("effect", json!("removed")).row(&view(&gone, false))
    };
    service.app.write(work).await
}
