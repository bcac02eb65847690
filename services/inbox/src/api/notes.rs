//! `/v1/conversations/{conversationId}/notes`

use actix_web::{delete, get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, MAX_TEXT, Page, Query, Result, Tx, UserId, answer_schema};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::api::conversations::{locked, seen};
use crate::api::{id_in_path, scope};
use crate::domain::ids::{ChatbotId, ConversationId, NoteId};
use crate::domain::note::{self, Note};
use crate::store::notes;
use crate::{Inbox, Refusal};

/// What a client sends to note something.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateNote {
    /// What; at most 10,000 characters.
    #[schema(example = "She called, too.", min_length = 1, max_length = 10_000)]
    content: String,
}

/// A note: what agents say among themselves. No contact ever sees one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoteView {
    id: NoteId,
    chatbot_id: ChatbotId,
    conversation_id: ConversationId,
    /// It belongs after this message.
    after_seq: i64,
    author_id: UserId,
    content: String,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The author.
    #[serde(rename = "_owner")]
    owner: UserId,
}

answer_schema!(NoteAnswer { note: NoteView });
answer_schema!(NotesAnswer { notes: [NoteView] });

fn view(of: &Note, is_active: bool) -> NoteView {
    NoteView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        conversation_id: of.conversation_id,
        after_seq: of.after_seq.get(),
        author_id: of.author_id,
        content: if is_active { of.content.clone() } else { String::new() },
        is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.author_id,
    }
}

/// Note something for the other agents.
#[utoipa::path(
    operation_id = "createNote", tag = "notes", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateNote,
    responses(
        (status = 201, description = "The note.", body = NoteAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversations/{conversationId}/notes")]
pub(crate) async fn create(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    body: Body,
) -> Result<Answer> {
    let conversation_id: ConversationId = id_in_path(&path, "conversationId")?;
    let content = body.required_text("content", MAX_TEXT)?;
    let (id, now, by) = (NoteId::draw(), service.app.now(), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        let (_, of) = locked(tx, &by, conversation_id)?;
        let new = Note {
            id,
            chatbot_id: of.chatbot_id,
            conversation_id,
            after_seq: of.last_seq,
            author_id: by.caller.user_id,
            content: content.clone(),
            record_version: 1,
            created_at: now,
            updated_at: now,
        };
        notes::insert(tx, &new)?;
        by.frame(Action::Create, "note").row(&view(&new, true))
    };
    service.app.post(&call, &body, "POST /v1/conversations/{conversationId}/notes", work).await
}

/// List the notes of a conversation.
#[utoipa::path(
    operation_id = "listNotes", tag = "notes", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, the oldest first.", body = NotesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversations/{conversationId}/notes")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let (id, page): (ConversationId, _) = (id_in_path(&path, "conversationId")?, Page::parse(&query)?);
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?;
        let of = seen(conn, &scope, id)?;
        let (found, total) = notes::page(conn, of.chatbot_id, id, page)?;
        let rows: Vec<_> = found.iter().map(|it| view(it, true)).collect();
        call.frame(Action::List, "notes").list(&rows, page.of_total(total)?, &[])
    };
    service.app.read(work).await
}

/// Take one's own note away.
#[utoipa::path(
    operation_id = "deleteNote", tag = "notes", security(("accessToken" = [])),
    params(
        ("conversationId" = ConversationId, Path, description = "The conversation."),
        ("noteId" = NoteId, Path, description = "The note."),
    ),
    responses(
        (status = 200, description = "The note, no longer active.", body = NoteAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/conversations/{conversationId}/notes/{noteId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<(String, String)>,
) -> Result<Answer> {
    let conversation: ConversationId = id_in_path(&path.0, "conversationId")?;
    let id: NoteId = id_in_path(&path.1, "noteId")?;
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let (_, of) = locked(tx, &call, conversation)?;
        let before = notes::lock(tx, of.chatbot_id, conversation, id)?.ok_or(Refusal::NoteNotFound)?;
        note::may_delete(&before, call.caller.user_id)?;
        notes::delete(tx, of.chatbot_id, id, now)?;
        let after = Note { record_version: before.record_version + 1, updated_at: now, ..before };
        call.frame(Action::Delete, "note").with("effect", json!("deleted")).row(&view(&after, false))
    };
    service.app.write(work).await
}
