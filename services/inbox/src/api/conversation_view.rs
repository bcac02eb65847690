//! Conversations as agents see them: the same in lists and by id.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use files::{BucketClaims, BucketGrant, Mode};
use kit::{Result, Use, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Inbox;
use crate::domain::chatbot::Scope;
use crate::domain::contact::Contact;
use crate::domain::content::MessageType;
use crate::domain::conversation::{Conversation, LastMessage, Side, Status};
use crate::domain::ids::{ChatbotId, ContactId, ContactInboxId, ConversationId, InboxId, MessageId};
use crate::domain::inbox;
use crate::store::{contacts, inboxes};

/// A conversation, with what its list shows of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationView {
    id: ConversationId,
    chatbot_id: ChatbotId,
    contact_id: ContactId,
    contact_inbox_id: ContactInboxId,
    inbox_id: InboxId,
    /// What the channel calls it.
    source_id: String,
    status: Status,
    /// The agent who takes care of it.
    assignee_id: Option<UserId>,
    #[serde(with = "kit::date::option")]
    contact_last_seen_at: Option<DateTime<Utc>>,
    #[serde(with = "kit::date::option")]
    agent_last_seen_at: Option<DateTime<Utc>>,
    /// All up to this number is read, by the agents together.
    agent_read_seq: i64,
    /// All up to this number is read by the contact.
    contact_read_seq: i64,
    /// When the newest message was sent; before that, when the conversation began.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    /// How many messages of the contact no agent has read: the same for all agents.
    unread_count: i64,
    /// The newest message.
    last_message: Option<LastMessageView>,
    /// With whom.
    contact: ContactCard,
    /// Where they write in.
    inbox: InboxCard,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The contact.
    #[serde(rename = "_owner")]
    owner: ContactId,
}

/// A conversation by itself, with the right to its files.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationOpened {
    #[serde(flatten)]
    pub(crate) conversation: ConversationView,
    #[serde(flatten)]
    pub(crate) access: BucketAccess,
}

/// The right to the files of a conversation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BucketAccess {
    /// The name of the conversation's bucket.
    bucket_id: String,
    /// For the bucket service, to read and write there. It is good for minutes.
    bucket_token: String,
}

/// A contact in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContactCard {
    id: ContactId,
    name: Option<String>,
    email: Option<String>,
    avatar: Option<String>,
    is_verified: bool,
}

/// An inbox in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InboxCard {
    id: InboxId,
    /// Null for one that is closed.
    name: Option<String>,
    channel_type: Option<String>,
}

/// The newest message, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: MessageId,
    seq: i64,
    /// The first 200 characters of its text; empty where it has none.
    content: String,
    #[serde(rename = "type")]
    message_type: MessageType,
    /// `contact`, `user`, `bot` or `system`.
    sender_type: &'static str,
    sender_id: Option<String>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

answer_schema!(ConversationAnswer { conversation: ConversationView });
answer_schema!(OpenedConversationAnswer { conversation: ConversationOpened });
answer_schema!(ConversationsAnswer { conversations: [ConversationView] });

impl From<&LastMessage> for LastMessageView {
    fn from(of: &LastMessage) -> Self {
        Self {
            id: of.id,
            seq: of.seq.get(),
            content: of.preview.clone(),
            message_type: of.message_type,
            sender_type: of.sender.kind(),
            sender_id: of.sender.id(),
            sent_at: of.sent_at,
        }
    }
}

/// A list of conversations: two queries more, however many.
pub(crate) fn views(
    conn: &mut PgConnection,
    scope: &Scope,
    of: &[Conversation],
) -> Result<Vec<ConversationView>> {
    let contacts: HashMap<ContactId, Contact> = {
        let ids = unique(of.iter().map(|it| it.contact_id));
        contacts::of_ids(conn, scope, &ids)?.into_iter().map(|it| (it.id, it)).collect()
    };
    let inboxes: HashMap<InboxId, inbox::Inbox> = {
        let ids = unique(of.iter().map(|it| it.inbox_id));
        inboxes::of_ids(conn, scope, &ids)?.into_iter().map(|it| (it.id, it)).collect()
    };
    Ok(of.iter().map(|it| view(it, contacts.get(&it.contact_id), inboxes.get(&it.inbox_id))).collect())
}

/// One conversation.
pub(crate) fn view_one(
    conn: &mut PgConnection,
    scope: &Scope,
    of: &Conversation,
) -> Result<ConversationView> {
    let contact = contacts::of_ids(conn, scope, &[of.contact_id])?.pop();
    let inbox = inboxes::of_ids(conn, scope, &[of.inbox_id])?.pop();
    Ok(view(of, contact.as_ref(), inbox.as_ref()))
}

fn unique<I: Ord>(ids: impl Iterator<Item = I>) -> Vec<I> {
    let mut ids: Vec<I> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn view(of: &Conversation, contact: Option<&Contact>, inbox: Option<&inbox::Inbox>) -> ConversationView {
    let inbox = inbox.filter(|inbox| inbox.is_active);
    ConversationView {
        id: of.id,
        chatbot_id: of.chatbot_id,
        contact_id: of.contact_id,
        contact_inbox_id: of.contact_inbox_id,
        inbox_id: of.inbox_id,
        source_id: of.source_id.clone(),
        status: of.status,
        assignee_id: of.assignee_id,
        contact_last_seen_at: of.contact_last_seen_at,
        agent_last_seen_at: of.agent_last_seen_at,
        agent_read_seq: of.agents.read_seq.get(),
        contact_read_seq: of.contact.read_seq.get(),
        last_message_at: of.last_message_at,
        unread_count: of.unread(Side::Agents),
        last_message: of.last_message.as_ref().map(LastMessageView::from),
        contact: ContactCard {
            id: of.contact_id,
            name: contact.and_then(|it| it.card.name.clone()),
            email: contact.and_then(|it| it.card.email.clone()),
            avatar: contact.and_then(|it| it.card.avatar.clone()),
            is_verified: contact.is_some_and(|it| it.is_verified),
        },
        inbox: InboxCard {
            id: of.inbox_id,
            name: inbox.map(|it| it.name.clone()),
            channel_type: inbox.map(|it| it.channel_type.clone()),
        },
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.contact_id,
    }
}

/// The right of somebody in a conversation to its files, in whose name.
pub(crate) fn access(service: &Inbox, id: ConversationId, subject: String) -> Result<BucketAccess> {
    let bucket_id = Conversation::bucket(id);
    let grant = |mode| BucketGrant { bucket: bucket_id.clone(), mode };
    let claims = BucketClaims { grants: [Mode::Read, Mode::Write].map(grant).to_vec() };
    let bucket_token = service.app.sign(Use::Bucket, subject, claims, service.bucket_token_life)?;
    Ok(BucketAccess { bucket_id, bucket_token })
}
