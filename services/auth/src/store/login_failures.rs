//! `login_failure`: counted in Postgres, so that the limits are exact over all replicas and outlive restarts.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Integer, Timestamptz};
use kit::{Result, Tx};

use crate::domain::limit::{Attempt, Failures, Subject};
use crate::store::schema::login_failure;

/// Refuses an attempt whose account or address has failed too often.
///
/// # Errors
/// That it has.
pub fn admit(conn: &mut PgConnection, attempt: &Attempt) -> Result<()> {
    let digests = [&attempt.account.digest, &attempt.address.digest];
    let rows: Vec<(Vec<u8>, i32, DateTime<Utc>)> =
        login_failure::table.filter(login_failure::subject.eq_any(digests)).load(conn)?;
    let failures: Vec<Failures> = rows
        .into_iter()
        .map(|(digest, count, window_ends_at)| Failures { digest, count, window_ends_at })
        .collect();
    Ok(attempt.admit(&failures)?)
}

/// Counts an attempt that failed, once its outcome is known: of many at the same moment only as many are told it as
/// the limit allows, and the others learn nothing.
///
/// # Errors
/// Too many have failed already; then it is not counted, and must not be told how it went.
pub fn record(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    for subject in [&attempt.account, &attempt.address] {
        if !count(tx, attempt, subject)? {
            admit(tx.conn(), attempt)?;
        }
    }
    Ok(())
}

/// One statement, so that no two are counted as one; whether there was room.
fn count(tx: &mut Tx<'_>, attempt: &Attempt, subject: &Subject) -> QueryResult<bool> {
    sql_query(
        "INSERT INTO login_failure AS f (subject, failures, window_ends_at) VALUES ($1, 1, $2)
         ON CONFLICT ON CONSTRAINT login_failure_pkey DO UPDATE
         SET failures = CASE WHEN f.window_ends_at <= $3 THEN 1 ELSE f.failures + 1 END,
             window_ends_at = CASE WHEN f.window_ends_at <= $3 THEN excluded.window_ends_at ELSE f.window_ends_at END
         WHERE f.window_ends_at <= $3 OR f.failures < $4",
    )
    .bind::<Binary, _>(&subject.digest)
    .bind::<Timestamptz, _>(attempt.window_ends_at)
    .bind::<Timestamptz, _>(attempt.now)
    .bind::<Integer, _>(subject.limit)
    .execute(tx.conn())
    .map(|rows| rows == 1)
}

/// Forgets the failures of an account whose user has just proven themselves. Those of the address stay: one good
/// account must not pay for guesses at others.
///
/// # Errors
/// Too many have failed while the password was being verified: the right one is refused too.
pub fn forgive(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    let within = login_failure::table.find(&attempt.account.digest).filter(
        login_failure::failures.lt(attempt.account.limit).or(login_failure::window_ends_at.le(attempt.now)),
    );
    diesel::delete(within).execute(tx.conn())?;
    admit(tx.conn(), attempt)
}

/// Forgets the windows that closed before `before`; how many.
///
/// # Errors
/// What Postgres says.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>, bite: i64) -> QueryResult<usize> {
    let over = login_failure::table.filter(login_failure::window_ends_at.le(before));
    let over = over.select(login_failure::subject).limit(bite).for_update().skip_locked();
    let over: Vec<Vec<u8>> = over.load(tx.conn())?;
    diesel::delete(login_failure::table.filter(login_failure::subject.eq_any(over))).execute(tx.conn())
}
