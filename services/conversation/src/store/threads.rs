//! Threads, as they are and as somebody sees them.

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer};
use kit::filters::{DateFilter, Filter as _, IdFilter};
use kit::queries::{Counted, Fresh};
use kit::{Page, Tx, UserId};
use timeline::Seq;

use crate::domain::message::{Kind, Message, MessageId};
use crate::domain::participant::Participant;
use crate::domain::thread::{LastMessage, ListingId, Seen, Thread, ThreadId};
use crate::store::participants;
use crate::store::schema::{participant, thread};

/// How many characters of the newest message lists show.
pub const PREVIEW: usize = 200;

/// How many threads a list of the staff reaches: it is exact below that, and counts no further.
pub const REACHED: i64 = 10_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = thread)]
pub(super) struct Row {
    id: ThreadId,
    listing_id: ListingId,
    sender_id: UserId,
    receiver_id: UserId,
    created_at: DateTime<Utc>,
    last_seq: i64,
    deleted: i64,
    last_message_at: DateTime<Utc>,
    last_message_id: Option<MessageId>,
    last_message_seq: Option<i64>,
    last_message_sender_id: Option<UserId>,
    last_message_kind: Option<String>,
    last_message_preview: Option<String>,
    last_message_sent_at: Option<DateTime<Utc>>,
}

impl From<Row> for Thread {
    fn from(row: Row) -> Self {
        let last_message = row.last_message();
        Self {
            id: row.id,
            listing_id: row.listing_id,
            sender_id: row.sender_id,
            receiver_id: row.receiver_id,
            created_at: row.created_at,
            last_seq: Seq::saturating(row.last_seq),
            deleted: row.deleted,
            last_message_at: row.last_message_at,
            last_message,
        }
    }
}

impl Row {
    fn last_message(&self) -> Option<LastMessage> {
        Some(LastMessage {
            id: self.last_message_id?,
            seq: Seq::saturating(self.last_message_seq?),
            sent_at: self.last_message_sent_at?,
            sender_id: self.last_message_sender_id,
            kind: Kind::parse(self.last_message_kind.as_deref()?)?,
            preview: self.last_message_preview.clone()?,
        })
    }
}

/// Stores a new thread; false when it is there already.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Thread) -> QueryResult<bool> {
    let row = (
        thread::id.eq(new.id),
        thread::listing_id.eq(new.listing_id),
        thread::sender_id.eq(new.sender_id),
        thread::receiver_id.eq(new.receiver_id),
        thread::created_at.eq(new.created_at),
        thread::last_message_at.eq(new.last_message_at),
    );
    let inserted = diesel::insert_into(thread::table).values(row).on_conflict_do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Locks a thread. Participants are locked before.
///
/// # Errors
/// What Postgres says; not found when there is none.
pub fn lock(tx: &mut Tx<'_>, id: ThreadId) -> QueryResult<Thread> {
    let row = thread::table.find(id).for_no_key_update().select(Row::as_select());
    row.first(tx.conn()).map(Thread::from)
}

/// The next threads of a listing after one, along their ids, that were there at a time.
///
/// # Errors
/// What Postgres says.
pub fn about(
    conn: &mut PgConnection,
    listing: ListingId,
    after: Option<ThreadId>,
    until: DateTime<Utc>,
    limit: i64,
) -> QueryResult<Vec<ThreadId>> {
    let after = after.unwrap_or_else(|| uuid::Uuid::nil().into());
    thread::table
        .filter(thread::listing_id.eq(listing).and(thread::id.gt(after)).and(thread::created_at.le(until)))
        .order(thread::id)
        .limit(limit)
        .select(thread::id)
        .load(conn)
}

/// Stores that a message is the newest of a locked thread now.
///
/// # Errors
/// What Postgres says.
pub fn append(tx: &mut Tx<'_>, message: &Message) -> QueryResult<usize> {
    let changes = (thread::last_seq.eq(message.seq.get()), thread::last_message_at.eq(message.sent_at));
    diesel::update(thread::table.find(message.thread_id)).set(changes).execute(tx.conn())?;
    save_last(tx, message.thread_id, Some(message))
}

/// Stores how many messages of a locked thread are deleted.
///
/// # Errors
/// What Postgres says.
pub fn save_deleted(tx: &mut Tx<'_>, id: ThreadId, deleted: i64) -> QueryResult<usize> {
    diesel::update(thread::table.find(id)).set(thread::deleted.eq(deleted)).execute(tx.conn())
}

/// Stores which message of a locked thread lists show; the thread's time does not go back with it.
///
/// # Errors
/// What Postgres says.
pub fn save_last(tx: &mut Tx<'_>, id: ThreadId, last: Option<&Message>) -> QueryResult<usize> {
    let preview = |message: &Message| message.content.chars().take(PREVIEW).collect::<String>();
    let changes = (
        thread::last_message_id.eq(last.map(|message| message.id)),
        thread::last_message_seq.eq(last.map(|message| message.seq.get())),
        thread::last_message_sender_id.eq(last.and_then(|message| message.sender_id)),
        thread::last_message_kind.eq(last.map(|message| message.kind.name())),
        thread::last_message_preview.eq(last.map(preview)),
        thread::last_message_sent_at.eq(last.map(|message| message.sent_at)),
    );
    diesel::update(thread::table.find(id)).set(changes).execute(tx.conn())
}

/// A thread as somebody sees it who may be one of the two, or not.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: ThreadId, viewer: UserId) -> QueryResult<Option<Seen>> {
    let found: Option<Found> = thread::table
        .left_join(participant::table.on(is_of(viewer)))
        .filter(thread::id.eq(id))
        .select((Row::as_select(), Option::<participants::Row>::as_select()))
        .first(conn)
        .optional()?;
    Ok(found.map(seen))
}

/// Threads by their ids, in no order.
///
/// # Errors
/// What Postgres says.
pub fn of_ids(conn: &mut PgConnection, ids: &[ThreadId]) -> QueryResult<Vec<Thread>> {
    let rows: Vec<Row> = thread::table.filter(thread::id.eq_any(ids)).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Thread::from).collect())
}

type Found = (Row, Option<participants::Row>);

fn seen((row, member): Found) -> Seen {
    Seen { thread: Thread::from(row), member: member.map(Participant::from) }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn is_of(user: UserId) -> _ {
    participant::thread_id.eq(thread::id).and(participant::user_id.eq(user))
}

/// Which threads are wanted.
#[derive(Debug, Default)]
pub struct ThreadFilter {
    /// What they are about.
    pub listings: Option<IdFilter<ListingId>>,
    /// Who is one of the two.
    pub participants: Option<IdFilter<UserId>>,
    /// When the newest message was sent.
    pub last_message_at: Option<DateFilter>,
    /// Those that a search found, each once.
    pub found: Option<Vec<ThreadId>>,
}

/// A page of the threads of a user, the latest message first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page_of(
    conn: &mut PgConnection,
    user: UserId,
    filter: &ThreadFilter,
    page: Page,
) -> QueryResult<(Vec<Seen>, i64)> {
    let ids = participants::threads_of(conn, user)?;
    let (threads, total) = sorted(conn, || wanted(filter).filter(thread::id.eq_any(&ids)), page)?;
    Ok((seen_by(conn, user, threads)?, total))
}

/// A page of all threads, the latest message first, and how many they are: at most [`REACHED`].
///
/// # Errors
/// What Postgres says.
pub fn page_of_all(
    conn: &mut PgConnection,
    viewer: UserId,
    filter: &ThreadFilter,
    page: Page,
) -> QueryResult<(Vec<Seen>, i64)> {
    let total = total_of_all(conn, filter)?;
    if page.offset() >= total {
        return Ok((Vec::new(), total));
    }
    let rows: Vec<Row> = Fresh(page_in_order(wanted(filter), page).select(Row::as_select())).load(conn)?;
    Ok((seen_by(conn, viewer, rows.into_iter().map(Thread::from).collect())?, total))
}

/// Sorts them all, and then knows how many they are: for as many as one person has.
fn sorted<'f>(
    conn: &mut PgConnection,
    wanted: impl Fn() -> thread::BoxedQuery<'f, Pg>,
    page: Page,
) -> QueryResult<(Vec<Thread>, i64)> {
    let rows: Vec<(i64, Row)> = Fresh(Sorted(wanted().select(Row::as_select()), page)).load(conn)?;
    let total = match rows.first() {
        Some((total, _)) => *total,
        None if page.offset() == 0 => 0,
        None => wanted().count().get_result(conn)?,
    };
    Ok((rows.into_iter().map(|(_, row)| Thread::from(row)).collect(), total))
}

/// A page of threads and how many they are, without the index on their times: that has those of others as well.
struct Sorted<Q>(Q, Page);

impl<Q: Query> Query for Sorted<Q> {
    type SqlType = (BigInt, Q::SqlType);
}

impl<Q> QueryId for Sorted<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Sorted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Self(all, page) = self;
        out.push_sql("SELECT count(*) OVER (), mine.* FROM (");
        all.walk_ast(out.reborrow())?;
        // Postgres leaves an inner query with an offset alone.
        out.push_sql(" OFFSET 0) mine ORDER BY last_message_at DESC, id DESC");
        out.push_sql(&format!(" LIMIT {} OFFSET {}", page.rows(), page.offset()));
        Ok(())
    }
}

/// What a search found is counted already, when nothing else is asked for.
fn total_of_all(conn: &mut PgConnection, filter: &ThreadFilter) -> QueryResult<i64> {
    let is_alone =
        filter.listings.is_none() && filter.participants.is_none() && filter.last_message_at.is_none();
    if let Some(found) = filter.found.as_ref().filter(|_| is_alone) {
        return Ok(i64::try_from(found.len()).unwrap_or(REACHED).min(REACHED));
    }
    let some = wanted(filter).select(diesel::dsl::sql::<Integer>("1")).limit(REACHED);
    Fresh(Counted(some)).get_result(conn)
}

fn page_in_order(wanted: thread::BoxedQuery<'_, Pg>, page: Page) -> thread::BoxedQuery<'_, Pg> {
    let in_order = wanted.order((thread::last_message_at.desc(), thread::id.desc()));
    in_order.limit(page.rows()).offset(page.offset())
}

fn seen_by(conn: &mut PgConnection, viewer: UserId, threads: Vec<Thread>) -> QueryResult<Vec<Seen>> {
    let ids: Vec<ThreadId> = threads.iter().map(|thread| thread.id).collect();
    let mut members = participants::of(conn, viewer, &ids)?;
    Ok(threads.into_iter().map(|thread| Seen { member: members.remove(&thread.id), thread }).collect())
}

fn wanted(filter: &ThreadFilter) -> thread::BoxedQuery<'_, Pg> {
    let mut query = thread::table
        .filter(filter.listings.on(thread::listing_id))
        .filter(filter.last_message_at.on(thread::last_message_at))
        .into_boxed();
    if let Some(people) = &filter.participants {
        // By the participants, whose index knows people.
        let theirs = participant::table.filter(people.on(participant::user_id));
        query = query.filter(thread::id.eq_any(theirs.select(participant::thread_id)));
    }
    match &filter.found {
        Some(ids) => query.filter(thread::id.eq_any(ids)),
        None => query,
    }
}

diesel::allow_tables_to_appear_in_same_query!(thread, participant);
