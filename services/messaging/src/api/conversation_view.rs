//! Conversations as clients see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use directory::KnownUser;
use files::BucketClaims;
use kit::{Result, Use, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Messaging;
use crate::domain::conversation::{
    Conversation, ConversationId, LastMessage, NAMED_PARTICIPANTS, Profile, Seen,
};
use crate::domain::message::MessageId;

/// A conversation as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationView {
    id: ConversationId,
    is_group: bool,
    /// What a group is called; null if nobody said, and for a 1:1.
    name: Option<String>,
    /// A group's picture: an http(s) address, or the id of a file.
    icon: Option<String>,
    /// What a group is about.
    desc: Option<String>,
    participant_ids: Vec<UserId>,
    /// When the newest message was sent; before that, when the conversation was opened.
    #[serde(with = "kit::date")]
    last_message_at: DateTime<Utc>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Who opened it.
    #[serde(rename = "_owner")]
    owner: UserId,
    /// At most 20 of the participants, with their names.
    participants: Vec<PersonView>,
    /// How many participants there are.
    participant_count: usize,
    /// How many messages the caller has not read.
    unread_count: i64,
    /// The newest message that the caller can see.
    last_message: Option<LastMessageView>,
}

/// Somebody, as others see them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PersonView {
    id: UserId,
    /// Null for somebody whom we have not heard of yet.
    pub(crate) fullname: Option<String>,
    pub(crate) avatar: Option<String>,
}

/// People whom answers name.
pub(crate) type People = HashMap<UserId, PersonView>;

/// The newest message of a conversation, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: MessageId,
    seq: i64,
    /// At most 200 characters.
    content: String,
    /// `text`, `docId`, `link`, `location`, `profileId` or `system`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Null for a system message.
    sender_user_id: Option<UserId>,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
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

impl BucketAccess {
    /// For somebody who is a member: nobody else gets to see it.
    pub(crate) fn sign(messaging: &Messaging, id: ConversationId, member: UserId) -> Result<Self> {
        let (bucket_id, life) = (Conversation::bucket(id), messaging.bucket_token_life);
        let claims = BucketClaims::both(std::slice::from_ref(&bucket_id));
        let bucket_token = messaging.app.sign(Use::Bucket, member.to_string(), claims, life)?;
        Ok(Self { bucket_id, bucket_token })
    }
}

/// A conversation by itself, with the right to its files.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationOpened {
    #[serde(flatten)]
    pub(crate) conversation: ConversationView,
    #[serde(flatten)]
    pub(crate) access: BucketAccess,
}

answer_schema!(ConversationAnswer { conversation: ConversationView });
answer_schema!(OpenedConversationAnswer { conversation: ConversationOpened });
answer_schema!(ConversationsAnswer { conversations: [ConversationView] });

/// One conversation, its participants named.
pub(crate) fn view_one(conn: &mut PgConnection, seen: Seen) -> Result<ConversationView> {
    let people = people(conn, std::slice::from_ref(&seen))?;
    Ok(view(seen, &people))
}

/// Many conversations, their participants named.
pub(crate) fn views(seen: Vec<Seen>, people: &People) -> Vec<ConversationView> {
    seen.into_iter().map(|seen| view(seen, people)).collect()
}

/// The people whom these conversations name, in one query.
pub(crate) fn people(conn: &mut PgConnection, of: &[Seen]) -> Result<People> {
    let mut ids: Vec<UserId> = of.iter().flat_map(|seen| named(&seen.conversation)).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(by_id(directory::named(conn, &ids)?))
}

/// People by their ids.
pub(crate) fn by_id(known: Vec<KnownUser>) -> People {
    let view =
        |KnownUser { id, fullname, avatar, .. }| (id, PersonView { id, fullname: Some(fullname), avatar });
    known.into_iter().map(view).collect()
}

/// Those of the participants who are named.
fn named(of: &Conversation) -> impl Iterator<Item = &UserId> {
    of.member_ids.iter().take(usize::from(NAMED_PARTICIPANTS))
}

fn view(seen: Seen, people: &People) -> ConversationView {
    let (unread_count, last_message) = (seen.unread(), seen.last_message.as_ref().map(last_view));
    let mut of = seen.conversation;
    let Profile { name, icon, description } = std::mem::take(&mut of.profile);
    let unnamed = |id: UserId| PersonView { id, fullname: None, avatar: None };
    ConversationView {
        id: of.id,
        is_group: of.is_group,
        name,
        icon,
        desc: description,
        participants: named(&of).map(|id| people.get(id).cloned().unwrap_or_else(|| unnamed(*id))).collect(),
        participant_count: of.member_ids.len(),
        participant_ids: of.member_ids,
        last_message_at: of.last_message_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.creator_id,
        unread_count,
        last_message,
    }
}

fn last_view(last: &LastMessage) -> LastMessageView {
    LastMessageView {
        id: last.id,
        seq: last.seq.get(),
        content: last.preview.clone(),
        kind: last.kind.name(),
        sender_user_id: last.sender_id,
        sent_at: last.sent_at,
    }
}
