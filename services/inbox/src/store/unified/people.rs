//! Our copy of auth's users with what they are found by. The crate directory keeps the copy itself; whoever is kept is
//! described in the same transaction, and whoever was kept by what did not know of this, at the next start.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid};
use directory::KnownUser;
use kit::{Tx, UserId, planned};

use crate::store::unified::words;

/// Keeps the newest state of each, and what they are found by.
///
/// # Errors
/// What Postgres says.
pub fn keep(tx: &mut Tx<'_>, users: &[KnownUser]) -> QueryResult<usize> {
    let kept = directory::keep(tx, users)?;
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    describe(tx, &ids)?;
    Ok(kept)
}

const DESCRIBE: &str = "
    INSERT INTO known_user_term (user_id, record_version, terms)
    SELECT v.id, v.record_version, array_to_tsvector(string_to_array(v.words, ' '))
    FROM unnest($1, $2, $3) AS v (id, record_version, words)
    ON CONFLICT ON CONSTRAINT known_user_term_pkey DO UPDATE
        SET record_version = excluded.record_version, terms = excluded.terms";

/// Describes these as we know them, after locking them: else an older name could overtake a newer one. Nobody finds those
/// who are deleted.
///
/// # Errors
/// What Postgres says.
pub fn describe(tx: &mut Tx<'_>, ids: &[UserId]) -> QueryResult<()> {
    let lock = planned("SELECT FROM known_user WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE");
    lock.bind::<Array<Uuid>, _>(ids).execute(tx.conn())?;
    let users = directory::named(tx.conn(), ids)?;
    let words = |user: &KnownUser| words::of(Some(user.fullname.as_str()).filter(|_| user.is_active));
    planned(DESCRIBE)
        .bind::<Array<Uuid>, _>(users.iter().map(|user| user.id).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(users.iter().map(|user| user.record_version).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(users.iter().map(words).collect::<Vec<_>>())
        .execute(tx.conn())
        .map(drop)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Uuid)]
    id: UserId,
}

const MISSING: &str = "
    SELECT u.id FROM known_user u LEFT JOIN known_user_term t ON t.user_id = u.id
    WHERE ($1 IS NULL OR u.id > $1) AND t.record_version IS DISTINCT FROM u.record_version ORDER BY u.id LIMIT $2";

/// Describes the next of those after one who are not described as they are now; the last of them, if any was left.
///
/// # Errors
/// What Postgres says.
pub fn describe_missing(tx: &mut Tx<'_>, after: Option<UserId>, limit: i64) -> QueryResult<Option<UserId>> {
    let missing = planned(MISSING).bind::<Nullable<Uuid>, _>(after).bind::<BigInt, _>(limit);
    let ids: Vec<UserId> = missing.load::<Id>(tx.conn())?.into_iter().map(|row| row.id).collect();
    if !ids.is_empty() {
        describe(tx, &ids)?;
    }
    Ok(ids.last().copied())
}
