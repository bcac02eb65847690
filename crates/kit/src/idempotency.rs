//! `Idempotency-Key`: the same user, route and key gets the first 2xx answer again, byte for byte, for 24 hours.
//!
//! The claim is a row in the transaction of the effect. A twin waits in Postgres for the first to commit and replays
//! its answer; when the first is refused, its claim is rolled back with it and the twin tries for itself.

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use diesel::sql_types::{Binary, Integer, Nullable, Text, Timestamptz, Uuid};
use diesel::{OptionalExtension as _, QueryResult, QueryableByName, RunQueryDsl as _};

use crate::error::{INTERNAL, KEY_REUSED, NOT_VALID};
use crate::{Answer, Body, Call, Error, Result, Tx, planned, sha256};

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// Expired answers are taken out in bites of this many.
const SWEEP: i32 = 1_000;

/// The header's value.
#[derive(Debug, Clone)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// # Errors
    /// 400 when it is empty, longer than 255 characters or not visible ASCII.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let Some(value) = headers.get("Idempotency-Key") else { return Ok(None) };
        let text = value.to_str().ok().filter(|text| (1..=255).contains(&text.len()));
        text.map(|text| Some(Self(text.to_owned()))).ok_or_else(|| Error::field(&NOT_VALID, "idempotencyKey"))
    }
}

/// A key, with what tells a retry from another request.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    user: uuid::Uuid,
    route: String,
    key: String,
    digest: Vec<u8>,
    now: DateTime<Utc>,
}

impl Claim {
    /// What a call with a key claims; nothing without one.
    pub(crate) fn of(call: &Call, body: &Body, route: &str, now: DateTime<Utc>) -> Option<Self> {
        let key = call.key.as_ref()?.0.clone();
        let digest = sha256(&[call.visit.path.as_bytes(), body.digest()]);
        Some(Self { user: call.caller.user_id.uuid(), route: route.to_owned(), key, digest, now })
    }

    /// Runs the effect, or replays the answer of whoever was first.
    pub(crate) fn once(
        &self,
        tx: &mut Tx<'_>,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<Answer>,
    ) -> Result<Answer> {
        if !self.insert(tx.conn())? {
            return self.replay(tx.conn());
        }
        let answer = effect(tx)?;
        self.keep(tx.conn(), &answer)?;
        Ok(answer)
    }

    /// Whether the key is ours. A row whose time is over is taken over.
    fn insert(&self, conn: &mut PgConnection) -> QueryResult<bool> {
        let rows = planned(
            "INSERT INTO idempotency_key AS k (user_id, route, key, digest, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT ON CONSTRAINT idempotency_key_pkey DO UPDATE
             SET digest = excluded.digest, status = NULL, answer = NULL, created_at = excluded.created_at
             WHERE k.created_at <= $6",
        );
        let bound = rows.bind::<Uuid, _>(self.user).bind::<Text, _>(&self.route).bind::<Text, _>(&self.key);
        let bound = bound.bind::<Binary, _>(&self.digest).bind::<Timestamptz, _>(self.now);
        Ok(bound.bind::<Timestamptz, _>(self.now - KEPT).execute(conn)? == 1)
    }

    fn replay(&self, conn: &mut PgConnection) -> Result<Answer> {
        let stored: Option<Stored> = planned(
            "SELECT digest, status, answer FROM idempotency_key WHERE user_id = $1 AND route = $2 AND key = $3",
        )
        .bind::<Uuid, _>(self.user)
        .bind::<Text, _>(&self.route)
        .bind::<Text, _>(&self.key)
        .get_result(conn)
        .optional()?;
        match stored {
            Some(Stored { digest, .. }) if digest != self.digest => Err(Error::new(&KEY_REUSED)),
            Some(Stored { status: Some(status), answer: Some(bytes), .. }) => {
                Ok(Answer::replayed(u16::try_from(status).unwrap_or(200), bytes))
            }
            _ => Err(Error::new(&INTERNAL).because("an idempotency key without its answer")),
        }
    }

    fn keep(&self, conn: &mut PgConnection, answer: &Answer) -> QueryResult<usize> {
        planned("UPDATE idempotency_key SET status = $4, answer = $5 WHERE user_id = $1 AND route = $2 AND key = $3")
            .bind::<Uuid, _>(self.user)
            .bind::<Text, _>(&self.route)
            .bind::<Text, _>(&self.key)
            .bind::<Integer, _>(i32::from(answer.status()))
            .bind::<Binary, _>(answer.bytes())
            .execute(conn)
    }
}

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
    #[diesel(sql_type = Nullable<Integer>)]
    status: Option<i32>,
    #[diesel(sql_type = Nullable<Binary>)]
    answer: Option<Vec<u8>>,
}

/// Takes out a bite of the answers whose time is over; how many went.
///
/// # Errors
/// What Postgres says.
pub(crate) fn sweep(tx: &mut Tx<'_>, now: DateTime<Utc>) -> QueryResult<usize> {
    planned(
        "DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM idempotency_key WHERE created_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(now - KEPT)
    .bind::<Integer, _>(SWEEP)
    .execute(tx.conn())
}
