//! What visitors see: nothing of agents but names and pictures, and nothing of what channels and agents keep for themselves.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use directory::KnownUser;
use files::Attachments;
use kit::{Result, UserId, answer_schema};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::conversation_view::BucketAccess;
use crate::api::message_view::{MessageAttachment, attachments};
use crate::domain::content::MessageType;
use crate::domain::conversation::{Conversation, Side, Status};
use crate::domain::ids::{ConversationId, MessageId};
use crate::domain::message::{Message, Sender};

/// A message as a visitor sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorMessage {
    id: MessageId,
    conversation_id: ConversationId,
    /// Its place in the conversation: 1, 2, 3 … without gaps.
    seq: i64,
    message_type: MessageType,
    content: Option<String>,
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    sender: VisitorSender,
    /// What the visitor's own client calls it; null on others' messages.
    client_message_id: Option<String>,
    /// The message whose offers it picks from.
    answers: Option<MessageId>,
    /// What it picks.
    answer: Option<Vec<String>>,
    attachments: Vec<MessageAttachment>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

/// Who said it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorSender {
    /// `contact` (the visitor), `user` (an agent), `bot` or `system`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// An agent's name.
    name: Option<String>,
    /// An agent's picture.
    avatar: Option<String>,
}

/// A conversation as its visitor sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorConversation {
    id: ConversationId,
    status: Status,
    /// The newest message's number; 0 while there is none.
    last_seq: i64,
    /// All up to this number is read by the visitor.
    read_seq: i64,
    /// All up to this number is read by the other side.
    agent_read_seq: i64,
    /// How many messages the visitor has not read.
    unread_count: i64,
    /// The first 200 characters of the newest message's text; null while there is none.
    preview: Option<String>,
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
}

/// A conversation by itself, with the right to its files.
#[derive(Serialize, ToSchema)]
pub(crate) struct VisitorConversationOpened {
    #[serde(flatten)]
    pub(crate) conversation: VisitorConversation,
    #[serde(flatten)]
    pub(crate) access: BucketAccess,
}

answer_schema!(VisitorMessageAnswer { message: VisitorMessage });
answer_schema!(VisitorMessagesAnswer { messages: [VisitorMessage] });
answer_schema!(VisitorConversationAnswer { conversation: VisitorConversation });
answer_schema!(VisitorConversationOpenedAnswer { conversation: VisitorConversationOpened });
answer_schema!(VisitorConversationsAnswer { conversations: [VisitorConversation] });

impl From<&Conversation> for VisitorConversation {
    fn from(of: &Conversation) -> Self {
        Self {
            id: of.id,
            status: of.status,
            last_seq: of.last_seq.get(),
            read_seq: of.contact.read_seq.get(),
            agent_read_seq: of.agents.read_seq.get(),
            unread_count: of.unread(Side::Contact),
            preview: of.last_message.as_ref().map(|last| last.preview.clone()),
            last_message_at: of.last_message_at,
            created_at: of.created_at,
        }
    }
}

/// Messages: two queries more, however many.
pub(super) fn messages(conn: &mut PgConnection, of: Vec<Message>) -> Result<Vec<VisitorMessage>> {
    let files = of.iter().flat_map(|message| &message.attachments).map(|attachment| attachment.file_id);
    let known = Attachments::find(conn, files)?;
    let agents = agents(conn, &of)?;
    Ok(of.into_iter().map(|message| view(message, &known, &agents)).collect())
}

fn agents(conn: &mut PgConnection, of: &[Message]) -> Result<HashMap<UserId, KnownUser>> {
    let agent = |message: &Message| match message.sender {
        Sender::User(id) => Some(id),
        _ => None,
    };
    let mut ids: Vec<UserId> = of.iter().filter_map(agent).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(directory::named(conn, &ids)?.into_iter().map(|user| (user.id, user)).collect())
}

fn view(of: Message, known: &Attachments, agents: &HashMap<UserId, KnownUser>) -> VisitorMessage {
    let (answers, answer) = of.answer.map(|it| (it.message_id, it.values)).unzip();
    VisitorMessage {
        id: of.id,
        conversation_id: of.conversation_id,
        seq: of.seq.get(),
        message_type: of.message_type,
        content: of.content,
        body: of.body,
        sender: sender(of.sender, agents),
        client_message_id: of.client_message_id.filter(|_| of.sender.is_contact()),
        answers,
        answer,
        attachments: attachments(&of.attachments, known),
        sent_at: of.created_at,
    }
}

fn sender(of: Sender, agents: &HashMap<UserId, KnownUser>) -> VisitorSender {
    let agent = match of {
        Sender::User(id) => agents.get(&id).filter(|user| user.is_active),
        _ => None,
    };
    VisitorSender {
        kind: of.kind(),
        name: agent.map(|user| user.fullname.clone()),
        avatar: agent.and_then(|user| user.avatar.clone()),
    }
}
