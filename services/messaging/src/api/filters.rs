//! The filters of the two lists, and in whose time zone their local days are.

use actix_web::web;
use kit::filters::{Filters, Zone};
use kit::{Call, Query, Result};
use serde_json::Value;

use crate::Messaging;
use crate::store::conversations::ConversationFilter;
use crate::store::history::MessageFilter;

/// What a list is filtered by, and how the answer tells it.
pub(crate) struct Wanted<F> {
    pub(crate) filter: F,
    pub(crate) applied: Vec<Value>,
}

/// The filters of `GET /v1/messages`.
pub(crate) async fn of_messages(
    messaging: &web::Data<Messaging>,
    call: &Call,
    query: &Query,
    zone: Zone,
) -> Result<Wanted<MessageFilter>> {
    let zone = messaging.directory.zone(zone, call, query, "sentAt").await?;
    let mut filters = Filters::of(query, zone, messaging.app.now());
    let filter = MessageFilter {
        conversations: filters.ids("conversationId")?,
        senders: filters.ids("senderUserId")?,
        sent_at: filters.date("sentAt")?,
        unread_by: filters.id("unreadBy")?,
    };
    Ok(Wanted { filter, applied: filters.applied() })
}

/// The filters of `GET /v1/conversations`.
pub(crate) async fn of_conversations(
    messaging: &web::Data<Messaging>,
    call: &Call,
    query: &Query,
    zone: Zone,
) -> Result<Wanted<ConversationFilter>> {
    let zone = messaging.directory.zone(zone, call, query, "lastMessageAt").await?;
    let mut filters = Filters::of(query, zone, messaging.app.now());
    let filter = ConversationFilter {
        is_group: filters.boolean("isGroup")?,
        members: filters.array("participantIds")?,
        last_message_at: filters.date("lastMessageAt")?,
    };
    Ok(Wanted { filter, applied: filters.applied() })
}
