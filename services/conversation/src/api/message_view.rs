//! Messages as clients see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use files::{AttachmentView, Attachments};
use kit::{Result, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::people::{NameView, People};
use crate::domain::message::{Message, MessageId};
use crate::domain::thread::{ListingId, Thread, ThreadId};
use crate::store::threads;

/// A message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageView {
    id: MessageId,
    /// What was said, without markup.
    content: String,
    conversation_thread_id: ThreadId,
    is_read: bool,
    /// When its receiver read it first.
    #[serde(with = "kit::date::option")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    read_at: Option<DateTime<Utc>>,
    /// Null for a system message.
    receiver_id: Option<UserId>,
    /// Null for a system message.
    sender_id: Option<UserId>,
    /// When it was stored; it never decreases along `seq`.
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
    /// Its number in the thread: 1, 2, 3 …
    seq: i64,
    /// `text`, or `system`: what the system says to both.
    kind: &'static str,
    client_message_id: Option<String>,
    /// The files that it carries.
    files: Vec<AttachmentView>,
    /// False while it is deleted.
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The sender.
    #[serde(rename = "_owner")]
    owner: Option<UserId>,
    /// When the staff deleted it; only they see it.
    #[serde(with = "kit::date::option", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    deleted_at: Option<DateTime<Utc>>,
    /// Who deleted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_by: Option<UserId>,
}

/// A message with all that it refers to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageFetched {
    #[serde(flatten)]
    message: MessageView,
    /// A list of one.
    thread: Vec<ThreadCard>,
    /// A list of one; empty for a system message.
    receiver_user: Vec<NameView>,
    /// A list of one; empty for a system message.
    sender_user: Vec<NameView>,
}

/// A thread, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ThreadCard {
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    listing_id: ListingId,
    receiver_id: UserId,
    sender_id: UserId,
}

answer_schema!(MessageAnswer { conversation_message: MessageView });
answer_schema!(MessagesAnswer { conversation_messages: [MessageView] });
answer_schema!(FetchedMessagesAnswer { conversation_messages: [MessageFetched] });

/// One message.
pub(crate) fn view_one(conn: &mut PgConnection, of: Message) -> Result<MessageView> {
    let attachments = Attachments::find(conn, of.file_ids.iter().copied())?;
    Ok(view(of, &attachments))
}

/// Messages.
pub(crate) fn views(conn: &mut PgConnection, messages: Vec<Message>) -> Result<Vec<MessageView>> {
    let attachments = Attachments::find(conn, messages.iter().flat_map(|of| of.file_ids.iter().copied()))?;
    Ok(messages.into_iter().map(|of| view(of, &attachments)).collect())
}

fn view(of: Message, attachments: &Attachments) -> MessageView {
    MessageView {
        id: of.id,
        content: of.content,
        conversation_thread_id: of.thread_id,
        is_read: of.read_at.is_some(),
        read_at: of.read_at,
        receiver_id: of.receiver_id,
        sender_id: of.sender_id,
        sent_at: of.sent_at,
        seq: of.seq.get(),
        kind: of.kind.name(),
        client_message_id: of.client_message_id,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.sent_at,
        updated_at: of.updated_at,
        owner: of.sender_id,
        deleted_at: of.deletion.map(|deletion| deletion.at),
        deleted_by: of.deletion.map(|deletion| deletion.by),
        files: attachments.views(&of.file_ids),
    }
}

impl From<&Thread> for ThreadCard {
    fn from(of: &Thread) -> Self {
        Self {
            last_message_at: of.last_message_at,
            listing_id: of.listing_id,
            receiver_id: of.receiver_id,
            sender_id: of.sender_id,
        }
    }
}

/// Messages with all that they refer to: three queries more, however many they are.
pub(crate) fn fetched(conn: &mut PgConnection, messages: Vec<Message>) -> Result<Vec<MessageFetched>> {
    let mut ids: Vec<ThreadId> = messages.iter().map(|message| message.thread_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let threads: HashMap<ThreadId, Thread> =
        threads::of_ids(conn, &ids)?.into_iter().map(|thread| (thread.id, thread)).collect();
    let people = People::find(conn, threads.values().flat_map(Thread::pair))?;
    let attachments = Attachments::find(conn, messages.iter().flat_map(|of| of.file_ids.iter().copied()))?;
    let fetched = |of: Message| MessageFetched {
        thread: threads.get(&of.thread_id).map(ThreadCard::from).into_iter().collect(),
        receiver_user: people.names(of.receiver_id),
        sender_user: people.names(of.sender_id),
        message: view(of, &attachments),
    };
    Ok(messages.into_iter().map(fetched).collect())
}
