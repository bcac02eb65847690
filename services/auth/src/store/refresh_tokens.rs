//! `refresh_token`

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use kit::{SessionId, Tx};

use crate::domain::session::Shown;
use crate::domain::token::RefreshToken;
use crate::store::schema::refresh_token;

/// A token that a session gets.
#[derive(Debug)]
pub struct Issued<'a> {
    /// The session.
    pub session_id: SessionId,
    /// The token; only its digest is stored.
    pub token: &'a RefreshToken,
    /// What its successor will be made with.
    pub seed: &'a [u8],
    /// Now.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// Adds a token; one that is there already, since its predecessor was shown twice, stays as it is.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, issued: &Issued<'_>) -> QueryResult<()> {
    diesel::insert_into(refresh_token::table)
        .values((
            refresh_token::digest.eq(issued.token.digest()),
            refresh_token::session_id.eq(issued.session_id),
            refresh_token::seed.eq(issued.seed),
            refresh_token::created_at.eq(issued.created_at),
            refresh_token::expires_at.eq(issued.expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn())
        .map(|_| ())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_token)]
struct Row {
    session_id: SessionId,
    seed: Vec<u8>,
    expires_at: DateTime<Utc>,
    #[diesel(select_expression = refresh_token::used_at.assume_not_null())]
    used_at: DateTime<Utc>,
}

impl From<Row> for Shown {
    fn from(Row { session_id, seed, expires_at, used_at }: Row) -> Self {
        Self { session_id, seed, expires_at, used_at }
    }
}

/// Marks a token as used, unless it was before, and tells when it was used first. Of two that show it at the same
/// moment one waits for the other.
///
/// # Errors
/// What Postgres says.
pub fn use_up(tx: &mut Tx<'_>, token: &RefreshToken, now: DateTime<Utc>) -> QueryResult<Option<Shown>> {
    let named = refresh_token::table.find(token.digest());
    let marked: Option<Row> = diesel::update(named.clone().filter(refresh_token::used_at.is_null()))
        .set(refresh_token::used_at.eq(now))
        .returning(Row::as_returning())
        .get_result(tx.conn())
        .optional()?;
    match marked {
        Some(row) => Ok(Some(row.into())),
        None => Ok(named.select(Row::as_select()).first(tx.conn()).optional()?.map(Row::into)),
    }
}

/// Forgets the tokens that expired before `before`; how many.
///
/// # Errors
/// What Postgres says.
pub fn sweep(tx: &mut Tx<'_>, before: DateTime<Utc>, bite: i64) -> QueryResult<usize> {
    let over =
        refresh_token::table.filter(refresh_token::expires_at.le(before)).select(refresh_token::digest);
    let over: Vec<Vec<u8>> = over.limit(bite).for_update().skip_locked().load(tx.conn())?;
    diesel::delete(refresh_token::table.filter(refresh_token::digest.eq_any(over))).execute(tx.conn())
}
