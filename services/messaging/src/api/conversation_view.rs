//! Conversations as clients see them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use directory::KnownUser;
use kit::{Result, UserId, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::conversation::{Conversation, ConversationId, LastMessage, NAMED_PARTICIPANTS, Seen};
use crate::domain::message::MessageId;
use crate::store::overview::Shown;

/// A conversation as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationView {
    id: ConversationId,
    is_group: bool,
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
    fullname: Option<String>,
    avatar: Option<String>,
}

/// The newest message of a conversation, in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LastMessageView {
    id: MessageId,
    seq: i64,
    /// At most 200 characters.
    content: String,
    #[serde(rename = "type")]
    kind: &'static str,
    sender_user_id: UserId,
    #[serde(with = "kit::date")]
    sent_at: DateTime<Utc>,
}

answer_schema!(ConversationAnswer { conversation: ConversationView });
answer_schema!(ConversationsAnswer { conversations: [ConversationView] });

/// One conversation, its participants named.
pub(crate) fn view_one(conn: &mut PgConnection, seen: Seen) -> Result<ConversationView> {
    let people = people(conn, std::slice::from_ref(&seen))?;
    Ok(view(seen, &people))
}

/// Many conversations, their participants named.
pub(crate) fn views(conn: &mut PgConnection, seen: Vec<Seen>) -> Result<Vec<ConversationView>> {
    let people = people(conn, &seen)?;
    Ok(seen.into_iter().map(|seen| view(seen, &people)).collect())
}

/// Many conversations, read with the people whom they name.
pub(crate) fn shown(of: Shown) -> Vec<ConversationView> {
    let people = by_id(of.people);
    of.seen.into_iter().map(|seen| view(seen, &people)).collect()
}

/// The people whom these conversations name, in one query.
fn people(conn: &mut PgConnection, of: &[Seen]) -> Result<HashMap<UserId, PersonView>> {
    let mut ids: Vec<UserId> = of.iter().flat_map(|seen| named(&seen.conversation)).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(by_id(directory::named(conn, &ids)?))
}

fn by_id(known: Vec<KnownUser>) -> HashMap<UserId, PersonView> {
    let view =
        |KnownUser { id, fullname, avatar, .. }| (id, PersonView { id, fullname: Some(fullname), avatar });
    known.into_iter().map(view).collect()
}

/// Those of the participants who are named.
fn named(of: &Conversation) -> impl Iterator<Item = &UserId> {
    of.member_ids.iter().take(usize::from(NAMED_PARTICIPANTS))
}

fn view(seen: Seen, people: &HashMap<UserId, PersonView>) -> ConversationView {
    let (unread_count, last_message) = (seen.unread(), seen.last_message.as_ref().map(last_view));
    let of = seen.conversation;
    let unnamed = |id: UserId| PersonView { id, fullname: None, avatar: None };
    ConversationView {
        id: of.id,
        is_group: of.is_group,
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
