//! What somebody can see of the messages: parts of it, in order.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid};
use kit::filters::{BoolFilter, DateFilter, Filter as _, IdFilter};
use kit::queries::{Counted, Fresh};
use kit::{Page, UserId};
use timeline::{Seq, Window};

use crate::domain::message::Message;
use crate::domain::thread::ThreadId;
use crate::store::messages::Row;
use crate::store::schema::{message, participant};
use crate::store::threads::REACHED;

/// Which messages of a thread somebody sees.
#[derive(Debug, Clone, Copy)]
pub struct History {
    /// The thread.
    pub thread: ThreadId,
    /// With those that are deleted: for the staff.
    pub with_deleted: bool,
}

impl History {
    /// A page of those that are not deleted, by number: it begins where those before it would have ended, but for the
    /// deleted ones, which are few and have an index of their own.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn page(self, conn: &mut PgConnection, page: Page) -> QueryResult<Vec<Message>> {
        let gone = message::table
            .filter(message::thread_id.eq(self.thread).and(diesel::dsl::not(message::is_active)));
        let gone: Vec<i64> = gone.order(message::seq).select(message::seq).load(conn)?;
        let gone: Vec<Seq> = gone.into_iter().map(Seq::saturating).collect();
        self.newer(conn, timeline::skipping(page.offset(), &gone).get(), page.rows())
    }

    /// The nearest of them to a place, ascending.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn window(self, conn: &mut PgConnection, window: Window, limit: i64) -> QueryResult<Vec<Message>> {
        match window {
            Window::Newest => self.older(conn, i64::MAX, limit),
            Window::Before(seq) => self.older(conn, seq.get(), limit),
            Window::After(seq) => self.newer(conn, seq.next().get(), limit),
            Window::Around(seq) => {
                let older = self.older(conn, seq.get(), limit)?;
                Ok(timeline::nearest(older, self.newer(conn, seq.get(), limit)?, limit))
            }
        }
    }

    /// The newest before `seq`, ascending.
    fn older(self, conn: &mut PgConnection, seq: i64, limit: i64) -> QueryResult<Vec<Message>> {
        let query = self.query().filter(message::seq.lt(seq)).order(message::seq.desc()).limit(limit);
        Ok(query.select(Row::as_select()).load(conn)?.into_iter().rev().map(Message::from).collect())
    }

    /// The oldest from `seq` on, ascending.
    fn newer(self, conn: &mut PgConnection, seq: i64, limit: i64) -> QueryResult<Vec<Message>> {
        let query = self.query().filter(message::seq.ge(seq)).order(message::seq).limit(limit);
        Ok(query.select(Row::as_select()).load(conn)?.into_iter().map(Message::from).collect())
    }

    fn query(self) -> message::BoxedQuery<'static, Pg> {
        let here = message::table.filter(message::thread_id.eq(self.thread)).into_boxed();
        if self.with_deleted { here } else { here.filter(message::is_active) }
    }
}

/// Which messages are wanted, of several threads.
#[derive(Debug, Default)]
pub struct MessageFilter {
    /// Where they were said.
    pub threads: Option<IdFilter<ThreadId>>,
    /// Who said them.
    pub senders: Option<IdFilter<UserId>>,
    /// To whom.
    pub receivers: Option<IdFilter<UserId>>,
    /// When.
    pub sent_at: Option<DateFilter>,
    /// Whether their receiver has read them.
    pub is_read: Option<BoolFilter>,
    /// With those that are deleted: for the staff.
    pub with_deleted: bool,
}

impl MessageFilter {
    /// Whether nothing is asked for in particular.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        let Self { threads, senders, receivers, sent_at, is_read, with_deleted } = self;
        threads.is_none()
            && sent_at.is_none()
            && is_read.is_none()
            && !with_deleted
            && senders.is_none()
            && receivers.is_none()
    }

    fn query(&self) -> message::BoxedQuery<'_, Pg> {
        let query = message::table
            .filter(self.threads.on(message::thread_id))
            .filter(self.senders.on(message::sender_id.assume_not_null()))
            .filter(self.receivers.on(message::receiver_id.assume_not_null()))
            .filter(self.sent_at.on(message::sent_at))
            .filter(self.is_read.on(message::read_at.is_not_null()))
            .into_boxed();
        if self.with_deleted { query } else { query.filter(message::is_active) }
    }
}

impl MessageFilter {
    /// No index knows senders. Whoever sent a message, or got it, is of its thread, and participants have one.
    fn narrowed(&self) -> message::BoxedQuery<'_, Pg> {
        let people =
            [&self.senders, &self.receivers].into_iter().flatten().filter(|people| !people.or_null());
        people.fold(self.query(), |query, people| {
            let theirs = participant::table.filter(people.on(participant::user_id));
            query.filter(message::thread_id.eq_any(theirs.select(participant::thread_id)))
        })
    }
}

/// A page of the messages of one user's threads, the oldest first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page_of(
    conn: &mut PgConnection,
    user: UserId,
    filter: &MessageFilter,
    page: Page,
) -> QueryResult<(Vec<Message>, i64)> {
    let mine = || {
        let threads = participant::table.filter(participant::user_id.eq(user));
        filter.query().filter(message::thread_id.eq_any(threads.select(participant::thread_id)))
    };
    let total = mine().count().get_result(conn)?;
    Ok((load(conn, mine(), page)?, total))
}

/// Of as many threads as the page is deep, those with the oldest beginnings, it takes as many messages: no other one can
/// be on it. So a short page is cheap beside a long history, and beside many threads.
const ACROSS: &str = "
    SELECT m.* FROM (
        SELECT p.thread_id FROM participant p
        CROSS JOIN LATERAL (
            SELECT m.sent_at, m.id FROM message m
            WHERE m.thread_id = p.thread_id AND m.is_active ORDER BY m.seq LIMIT 1
        ) first
        WHERE p.user_id = $1
        ORDER BY first.sent_at, first.id LIMIT $2 + $3
    ) oldest
    CROSS JOIN LATERAL (
        SELECT * FROM message m WHERE m.thread_id = oldest.thread_id AND m.is_active ORDER BY m.seq LIMIT $2 + $3
    ) m
    ORDER BY m.sent_at, m.id LIMIT $2 OFFSET $3";

/// A page over all of a user's threads, without conditions, the oldest first.
///
/// # Errors
/// What Postgres says.
pub fn page_across(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<Vec<Message>> {
    let offset = page.offset().min(i64::MAX - page.rows());
    let query = diesel::sql_query(ACROSS).bind::<Uuid, _>(user).bind::<BigInt, _>(page.rows());
    let rows: Vec<Row> = query.bind::<BigInt, _>(offset).load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

/// A page of all messages that there are, the oldest first, and how many they are: at most as many as the lists of the
/// staff reach.
///
/// # Errors
/// What Postgres says.
pub fn page_of_all(
    conn: &mut PgConnection,
    filter: &MessageFilter,
    page: Page,
) -> QueryResult<(Vec<Message>, i64)> {
    let some = filter.narrowed().select(diesel::dsl::sql::<Integer>("1")).limit(REACHED);
    let total = Fresh(Counted(some)).get_result(conn)?;
    let rows = if page.offset() < total { load(conn, filter.narrowed(), page)? } else { Vec::new() };
    Ok((rows, total))
}

fn load(
    conn: &mut PgConnection,
    wanted: message::BoxedQuery<'_, Pg>,
    page: Page,
) -> QueryResult<Vec<Message>> {
    let query = wanted.order((message::sent_at, message::id)).limit(page.rows()).offset(page.offset());
    let rows: Vec<Row> = Fresh(query.select(Row::as_select())).load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

diesel::allow_tables_to_appear_in_same_query!(message, participant);
