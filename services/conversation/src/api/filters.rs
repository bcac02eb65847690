//! The filters of the lists, and who may use which.

use actix_web::web;
use kit::error::TOO_LONG;
use kit::filters::{Filters, Zone};
use kit::{Call, Error, Query, Result};
use serde_json::{Value, json};

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
    let mut applied = filters.applied();
    if let Some(text) = searched(call, query)? {
        applied.push(json!({ "name": "search", "values": [text] }));
        filter.found = Some(find(service, text).await?);
    }
    Ok(Wanted { filter, applied })
}

/// What a query searches for, which is for the staff.
fn searched<'q>(call: &Call, query: &'q Query) -> Result<Option<&'q str>> {
    let text = query.one("search")?.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.chars().nth(MAX_SEARCH).is_some()) {
        return Err(Error::field(&TOO_LONG, "search"));
    }
    if text.is_some() && !call.caller.role.is_staff() {
        return Err(Refusal::StaffOnly.into());
    }
    Ok(text)
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
    match query.one("includeInactive")? {
        None | Some("false") => Ok(false),
        Some("true") if call.caller.role.is_staff() => Ok(true),
        Some("true") => Err(Refusal::StaffOnly.into()),
        Some(_) => Err(Error::field(&kit::error::NOT_A_BOOLEAN, "includeInactive")),
    }
}
