//! `/v1/_fetchlistconversationmessage` and `/v1/_fetchlistconversationthread`: lists with all that their rows refer to.

use actix_web::{get, web};
use diesel::pg::PgConnection;
use kit::filters::Zone;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Call, Page, Query, Result};

use crate::Conversation;
use crate::api::filters::{self, Wanted};
use crate::api::message_view::{FetchedMessagesAnswer, fetched as fetched_messages};
use crate::api::thread_view::{FetchedThreadsAnswer, fetched as fetched_threads};
use crate::api::threads::find_page;
use crate::domain::message::Message;
use crate::store::history::{self, MessageFilter};
use crate::store::participants;

/// List messages with their threads and people.
///
/// Of all of one's threads, the oldest first; the staff list all messages, the oldest 10,000 of those that match.
#[utoipa::path(
    operation_id = "fetchListConversationMessage", tag = "conversationMessages", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("conversationThreadId" = Option<Vec<Uuid>>, Query, description = "Of one of these threads."),
        ("senderId" = Option<Vec<Uuid>>, Query, description = "Sent by one of these, or `null`."),
        ("receiverId" = Option<Vec<Uuid>>, Query, description = "Sent to one of these, or `null`."),
        ("sentAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("isRead" = Option<String>, Query, description = "`true`, `false` or `null`, which none is.",
            pattern = "^(true|false|null)$"),
        ("includeInactive" = Option<bool>, Query, description = "For the staff: with those that are deleted."),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
    ),
    responses(
        (status = 200, description = "A page.", body = FetchedMessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/_fetchlistconversationmessage")]
pub(crate) async fn messages(
    service: web::Data<Conversation>,
    call: Call,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let wanted = filters::of_messages(&service, &call, &query, zone).await?;
    let work = move |conn: &mut PgConnection| {
        let (rows, total) = messages_for(conn, &call, &wanted, page)?;
        let (rows, paging) = (fetched_messages(conn, rows)?, page.of_total(total)?);
        call.frame(Action::List, "conversationMessages").list(&rows, paging, &wanted.applied)
    };
    service.app.read(work).await
}

fn messages_for(
    conn: &mut PgConnection,
    call: &Call,
    wanted: &Wanted<MessageFilter>,
    page: Page,
) -> Result<(Vec<Message>, i64)> {
    let (filter, user) = (&wanted.filter, call.caller.user_id);
    if call.caller.role.is_staff() {
        return Ok(history::page_of_all(conn, filter, page)?);
    }
    if filter.is_plain() {
        let total = participants::visible_in_all(conn, user)?;
        return Ok((history::page_across(conn, user, page)?, total));
    }
    Ok(history::page_of(conn, user, filter, page)?)
}

/// List threads with their listings and people.
///
/// One's own, the latest message first; the staff list and search all threads: the newest 10,000 of those that match.
#[utoipa::path(
    operation_id = "fetchListConversationThread", tag = "conversationThreads", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("listingId" = Option<Vec<Uuid>>, Query, description = "About one of these."),
        ("participantId" = Option<Vec<Uuid>>, Query, description = "With one of these."),
        ("lastMessageAt" = Option<Vec<String>>, Query, description = "Days or times; see Filters in docs/api.md."),
        ("search" = Option<String>, Query, max_length = 200,
            description = "For the staff: words of messages, or of the listing's title."),
        ("X-Timezone" = Option<String>, Header, description = "The time zone of local days, as `Europe/Vienna`."),
    ),
    responses(
        (status = 200, description = "A page.", body = FetchedThreadsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/_fetchlistconversationthread")]
pub(crate) async fn threads(
    service: web::Data<Conversation>,
    call: Call,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let wanted = filters::of_threads(&service, &call, &query, zone).await?;
    let work = move |conn: &mut PgConnection| {
        let (seen, total) = find_page(conn, &call, &wanted, page)?;
        let (rows, paging) = (fetched_threads(conn, &seen)?, page.of_total(total)?);
        call.frame(Action::List, "conversationThreads").list(&rows, paging, &wanted.applied)
    };
    service.app.read(work).await
}
