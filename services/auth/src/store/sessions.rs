//! `session`

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{SessionId, Tx, UserId};

use crate::domain::session::Session;
use crate::store::schema::session;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = session)]
struct Row {
    id: SessionId,
    user_id: UserId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Row> for Session {
    fn from(Row { id, user_id, created_at, expires_at, revoked_at }: Row) -> Self {
        Self { id, user_id, created_at, expires_at, revoked_at }
    }
}

/// Adds a session.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, begun: &Session) -> QueryResult<()> {
    let &Session { id, user_id, created_at, expires_at, revoked_at } = begun;
    let row = Row { id, user_id, created_at, expires_at, revoked_at };
    diesel::insert_into(session::table).values(row).execute(tx.conn()).map(|_| ())
}

/// The session of that id.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: SessionId) -> QueryResult<Option<Session>> {
    let row: Option<Row> = session::table.find(id).select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Session::from))
}

/// The session of that id, unchangeable by others until the transaction ends.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, id: SessionId) -> QueryResult<Session> {
    let row: Row = session::table.find(id).select(Row::as_select()).for_no_key_update().first(tx.conn())?;
    Ok(row.into())
}

/// Ends a session; whether it was not ended before.
///
/// # Errors
/// What Postgres says.
pub fn revoke(tx: &mut Tx<'_>, id: SessionId, now: DateTime<Utc>) -> QueryResult<bool> {
    let open = session::table.find(id).filter(session::revoked_at.is_null());
    Ok(diesel::update(open).set(session::revoked_at.eq(now)).execute(tx.conn())? == 1)
}

/// Ends all sessions of a user, but for one; which ones were not ended before.
///
/// # Errors
/// What Postgres says.
pub fn revoke_all(
    tx: &mut Tx<'_>,
    user: UserId,
    except: Option<SessionId>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<SessionId>> {
    let open = session::table.filter(
        session::user_id.eq(user).and(session::revoked_at.is_null()).and(session::expires_at.gt(now)),
    );
    diesel::update(open.filter(session::id.nullable().is_distinct_from(except)))
        .set(session::revoked_at.eq(now))
        .returning(session::id)
        .get_results(tx.conn())
}

/// Forgets the sessions, with their tokens, that ended before `before`; how many.
///
/// # Errors
/// What Postgres says.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>, bite: i64) -> QueryResult<usize> {
    let over = session::table.filter(session::expires_at.le(before)).select(session::id).limit(bite);
    let over: Vec<SessionId> = over.for_update().skip_locked().load(tx.conn())?;
    diesel::delete(session::table.filter(session::id.eq_any(over))).execute(tx.conn())
}
