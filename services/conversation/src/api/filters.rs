//! The filters of the lists, and who may use which.

use actix_web::web;
use kit::filters::{Filters, Zone};
use kit::{Call, Query, Result};
use serde_json::Value;

use crate::store::history::MessageFilter;
use crate::store::search;
use crate::store::threads::ThreadFilter;
use crate::{Conversation, Refusal};

/// The longest search, in characters.
const MAX_SEARCH: usize = 200;

/// What a list is filtered by, and how the answer tells it.
pub(crate) struct Wanted<F> {
    pub(crate) filter: F,
    pub(crate) applied: Vec<Value>,
}

/// The filters of lists of threads. What a search finds is looked up at once.
pub(crate) async fn of_threads(
    service: &web::Data<Conversation>,
    call: &Call,
    query: &Query,
    zone: Zone,
) -> Result<Wanted<ThreadFilter>> {
    let zone = service.directory.zone(zone, call, query, "lastMessageAt").await?;
    let mut filters = Filters::of(query, zone, service.app.now());
    let mut filter = ThreadFilter {
        listings: filters.ids("listingId")?,
        participants: filters.ids("participantId")?,
        last_message_at: filters.date("lastMessageAt")?,
        found: None,
    };
    if let Some(text) = filters.search(MAX_SEARCH)? {
        if !call.caller.role.is_staff() {
            return Err(Refusal::StaffOnly.into());
        }
        filter.found = Some(find(service, text).await?);
    }
    Ok(Wanted { filter, applied: filters.applied() })
}

/// A text without any word finds nothing.
async fn find(service: &web::Data<Conversation>, text: &str) -> Result<Vec<crate::domain::thread::ThreadId>> {
    let Some(query) = terms::query(text) else { return Ok(Vec::new()) };
    service.app.read(move |conn| Ok(search::threads(conn, &query)?)).await
}

/// The filters of the list of messages over several threads.
pub(crate) async fn of_messages(
    service: &web::Data<Conversation>,
    call: &Call,
    query: &Query,
    zone: Zone,
) -> Result<Wanted<MessageFilter>> {
    let zone = service.directory.zone(zone, call, query, "sentAt").await?;
    let mut filters = Filters::of(query, zone, service.app.now());
    let filter = MessageFilter {
        threads: filters.ids("conversationThreadId")?,
        senders: filters.ids("senderId")?,
        receivers: filters.ids("receiverId")?,
        sent_at: filters.date("sentAt")?,
        is_read: filters.boolean("isRead")?,
        with_deleted: with_deleted(call, query)?,
    };
    Ok(Wanted { filter, applied: filters.applied() })
}

/// Whether deleted messages are wanted too, which is for the staff.
pub(crate) fn with_deleted(call: &Call, query: &Query) -> Result<bool> {
    let wanted = Filters::undated(query).flag("includeInactive")?.unwrap_or(false);
    if wanted && !call.caller.role.is_staff() { Err(Refusal::StaffOnly.into()) } else { Ok(wanted) }
}
