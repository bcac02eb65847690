//! `/v1/conversationthreads`

use actix_web::{get, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use events::conversation::ThreadCreated;
use events::{Member, Occasion};
use kit::filters::Zone;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Call, Error, Page, Query, Result, Tx, UserId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::filters::{self, Wanted};
use crate::api::thread_view::{
    OpenedThreadAnswer, ThreadAnswer, ThreadOpened, ThreadsAnswer, access, view_one, views,
};
use crate::domain::listing::is_open;
use crate::domain::thread::{self, Opening, Seen, Thread, ThreadId};
use crate::store::threads::ThreadFilter;
use crate::store::{participants, threads};
use crate::{Conversation, Refusal, announce};

const ROUTE: &str = "POST /v1/conversationthreads";

/// What a client sends to begin a thread.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateThread {
    /// What it is about: a listing of one of the two.
    listing_id: Uuid,
    /// The other one.
    receiver_id: Uuid,
    /// The caller where it is absent. The two may stand either way round.
    sender_id: Option<Uuid>,
    /// Checked, then ignored: the server owns it.
    last_message_at: Option<DateTime<Utc>>,
}

/// Begin a thread with somebody about a listing.
///
/// The caller is one of the two, and one of them owns the listing. There is one thread for the two and the listing: where
/// it exists, also when two requests race, it comes back with 200 and `reused`.
#[utoipa::path(
    operation_id = "createConversationThread", tag = "conversationThreads", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateThread,
    responses(
        (status = 201, description = "A new thread.", body = ThreadAnswer),
        (status = 200, description = "The two have a thread about it.", body = ThreadAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/conversationthreads")]
pub(crate) async fn create(service: web::Data<Conversation>, call: Call, body: Body) -> Result<Answer> {
    let wish = Opening {
        listing_id: body.required_id("listingId")?,
        receiver_id: body.required_id("receiverId")?,
        sender_id: body.id("senderId")?.unwrap_or(call.caller.user_id),
    };
    body.date("lastMessageAt")?;

    let opening = thread::open(call.caller.user_id, wish)?;
    let ([occasion], app, by) = (Occasion::draw(&service.app, &call), &service.app, call.clone());
    let id = opening.id(&service.pairs);
    if app.read(move |conn| Ok(threads::of_ids(conn, &[id])?)).await?.is_empty() {
        let new = service.start(opening, &occasion).await?;
        return app.post(&call, &body, ROUTE, move |tx| begin(tx, &by, &new, &occasion)).await;
    }
    app.post(&call, &body, ROUTE, move |tx| reuse(tx, &by, id)).await
}

impl Conversation {
    /// The thread that an opening becomes, where its listing and both people are known to be there.
    async fn start(&self, opening: Opening, occasion: &Occasion) -> Result<Thread> {
        let listing = self.catalogue.find(opening.listing_id).await?;
        let listing = listing.filter(is_open).ok_or(Refusal::ListingNotKnown)?;
        let thread = opening.start(listing.user_id, &self.pairs, occasion.now)?;
        let active = self.directory.active_among(thread.pair().to_vec()).await?;
        let known = |id: &UserId, field| {
            if active.contains(id) { Ok(()) } else { Err(Refusal::UserNotKnown(field)) }
        };
        known(&thread.sender_id, "senderId")?;
        known(&thread.receiver_id, "receiverId")?;
        Ok(thread)
    }
}

/// Stores and announces a new thread, or finds the one that another request made meanwhile.
fn begin(tx: &mut Tx<'_>, call: &Call, new: &Thread, occasion: &Occasion) -> Result<Answer> {
    if !threads::insert(tx, new)? {
        return reuse(tx, call, new.id);
    }
    let people = participants::insert(tx, new)?;
    let members: Vec<Member> = people.iter().map(announce::member).collect();
    occasion.tell(tx, new.id, &new.pair(), ThreadCreated { thread: announce::thread(new), members })?;
    let seen = see(tx.conn(), new.id, call)?;
    call.frame(Action::Create, "conversationThread").row(&view_one(tx.conn(), &seen)?)
}

fn reuse(tx: &mut Tx<'_>, call: &Call, id: ThreadId) -> Result<Answer> {
    let seen = see(tx.conn(), id, call)?;
    call.frame(Action::Create, "conversationThread").reused().row(&view_one(tx.conn(), &seen)?)
}

/// List threads.
///
/// One's own, the latest message first. The staff list and search all threads: the newest 10,000 of those that match.
#[utoipa::path(
    operation_id = "listConversationThreads", tag = "conversationThreads", security(("accessToken" = [])),
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
        (status = 200, description = "A page.", body = ThreadsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversationthreads")]
pub(crate) async fn list(
    service: web::Data<Conversation>,
    call: Call,
    query: Query,
    zone: Zone,
) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let wanted = filters::of_threads(&service, &call, &query, zone).await?;
    let work = move |conn: &mut PgConnection| {
        let (seen, total) = find_page(conn, &call, &wanted, page)?;
        let (rows, paging) = (views(conn, &seen)?, page.of_total(total)?);
        call.frame(Action::List, "conversationThreads").list(&rows, paging, &wanted.applied)
    };
    service.app.read(work).await
}

/// The page of threads that a caller lists: their own, or for the staff of all.
pub(crate) fn find_page(
    conn: &mut PgConnection,
    call: &Call,
    wanted: &Wanted<ThreadFilter>,
    page: Page,
) -> Result<(Vec<Seen>, i64)> {
    let (filter, viewer) = (&wanted.filter, call.caller.user_id);
    let found = if call.caller.role.is_staff() {
        threads::page_of_all(conn, viewer, filter, page)?
    } else {
        threads::page_of(conn, viewer, filter, page)?
    };
    Ok(found)
}

/// Get a thread.
#[utoipa::path(
    operation_id = "getConversationThread", tag = "conversationThreads", security(("accessToken" = [])),
    params(("conversationThreadId" = Uuid, Path, description = "The thread.")),
    responses(
        (status = 200, description = "The thread.", body = OpenedThreadAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/conversationthreads/{conversationThreadId}")]
pub(crate) async fn get(
    service: web::Data<Conversation>,
    call: Call,
    path: web::Path<String>,
) -> Result<Answer> {
    let id = id_in_path(&path)?;
    let (caller, by) = (call.caller.user_id, call.clone());
    let find = move |conn: &mut PgConnection| {
        let seen = see(conn, id, &by)?;
        Ok((view_one(conn, &seen)?, seen))
    };
    let (thread, seen) = service.app.read(find).await?;
    let access = access(&service, &seen, caller)?;
    call.frame(Action::Get, "conversationThread").row(&ThreadOpened { thread, access })
}

/// The thread's id as the path has it.
pub(crate) fn id_in_path(path: &str) -> Result<ThreadId> {
    path.parse().map_err(|_| Error::field(&kit::error::NOT_AN_ID, "conversationThreadId"))
}

/// The thread as the caller sees it, or the reason why they do not.
pub(crate) fn see(conn: &mut PgConnection, id: ThreadId, call: &Call) -> Result<Seen> {
    let found = threads::find(conn, id, call.caller.user_id)?;
    thread::may_see(found, call.caller.role.is_staff()).map_err(Refusal::into)
}
