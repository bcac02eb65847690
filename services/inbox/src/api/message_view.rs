//! Messages as agents and contacts see them.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use files::{AttachmentView, Attachments};
use kit::{Result, answer_schema};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::content::MessageType;
use crate::domain::ids::{AttachmentId, ChatbotId, ConversationId, InboxId, MessageId};
use crate::domain::message::{Attachment, Message};

/// A message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: MessageId,
    chatbot_id: ChatbotId,
    conversation_id: ConversationId,
    inbox_id: InboxId,
    /// Its place in the conversation: 1, 2, 3 … without gaps.
    seq: i64,
    message_type: MessageType,
    content: Option<String>,
    /// What else it consists of, as its type has it.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// `contact`, `user`, `bot` or `system`.
    sender_type: &'static str,
    sender_id: Option<String>,
    /// What the channel calls it.
    source_id: Option<String>,
    client_message_id: Option<String>,
    /// The message whose offers it picks from.
    answers: Option<MessageId>,
    /// What it picks.
    answer: Option<Vec<String>>,
    attachments: Vec<MessageAttachment>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The sender.
    #[serde(rename = "_owner")]
    owner: Option<String>,
}

/// A file of a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageAttachment {
    id: AttachmentId,
    /// `image`, `audio`, `video` or `file`.
    attachment_type: String,
    #[serde(flatten)]
    file: AttachmentView,
}

answer_schema!(MessageAnswer { message: MessageView });
answer_schema!(MessagesAnswer { messages: [MessageView] });

/// A list of messages: one query more, however many.
pub(crate) fn views(conn: &mut PgConnection, of: Vec<Message>) -> Result<Vec<MessageView>> {
    let files = of.iter().flat_map(|message| &message.attachments).map(|attachment| attachment.file_id);
    let known = Attachments::find(conn, files)?;
    Ok(of.into_iter().map(|message| view(message, &known)).collect())
}

/// One message.
pub(crate) fn view_one(conn: &mut PgConnection, of: Message) -> Result<MessageView> {
    let files = of.attachments.iter().map(|attachment| attachment.file_id);
    let known = Attachments::find(conn, files)?;
    Ok(view(of, &known))
}

fn view(of: Message, known: &Attachments) -> MessageView {
    let attachments = if of.is_active { attachments(&of.attachments, known) } else { Vec::new() };
    let (answers, answer) = of.answer.map(|it| (it.message_id, it.values)).unzip();
    MessageView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        conversation_id: of.conversation_id,
        inbox_id: of.inbox_id,
        seq: of.seq.get(),
        message_type: of.message_type,
        content: of.content,
        body: of.body,
        sender_type: of.sender.kind(),
        sender_id: of.sender.id(),
        source_id: of.source_id,
        client_message_id: of.client_message_id,
        answers,
        answer,
        attachments,
        sent_at: of.created_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.sender.id(),
    }
}

pub(crate) fn attachments(of: &[Attachment], known: &Attachments) -> Vec<MessageAttachment> {
    let ids: Vec<_> = of.iter().map(|attachment| attachment.file_id).collect();
    let view = |(it, file): (&Attachment, AttachmentView)| MessageAttachment {
        id: it.id,
        attachment_type: it.attachment_type.clone(),
        file,
    };
    of.iter().zip(known.views(&ids)).map(view).collect()
}
