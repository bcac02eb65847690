//! What the hearer does on a new user: it writes a row and counts how often, or fails as the user's name asks.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use events::auth::UserCreated;
use events::{Heard, On, Reaction};
use kit::{Error, Result, Tx};
use uuid::Uuid;

pub(crate) const REACTIONS: &[Reaction] = &[&On(user_created)];

/// The rows that count effects; `mended` is what the test writes to let an event pass.
pub(crate) const TABLES: &str = "CREATE TABLE effect (id uuid PRIMARY KEY, times bigint NOT NULL)";
pub(crate) const MENDED: &str = "CREATE TABLE mended (id integer PRIMARY KEY)";

/// How often each event was tried: outside the database, since failed tries roll back.
static TRIES: LazyLock<Mutex<HashMap<Uuid, u32>>> = LazyLock::new(Mutex::default);

pub(crate) fn tries(event: Uuid) -> u32 {
    TRIES.lock().unwrap().get(&event).copied().unwrap_or(0)
}

fn user_created(tx: &mut Tx<'_>, event: &Heard<UserCreated>) -> Result<()> {
    let tries = {
        let mut all = TRIES.lock().unwrap();
        *all.entry(event.id).and_modify(|tries| *tries += 1).or_insert(1)
    };
    sql_query("INSERT INTO effect (id, times) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET times = effect.times + 1")
        .bind::<SqlUuid, _>(event.id)
        .execute(tx.conn())?;
    match event.data.user.fullname.as_str() {
        "Never" => Err(Error::internal("as asked")),
        "Third time" if tries < 3 => Err(Error::internal("as asked")),
        "Panic" => panic!("as asked"),
        "Once mended" if !is_mended(tx)? => Err(Error::internal("not mended yet")),
        _ => Ok(()),
    }
}

fn is_mended(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(sql_query("SELECT id FROM mended").execute(tx.conn())? > 0)
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = BigInt)]
    times: i64,
}

/// How many events took effect, and how often altogether.
pub(crate) fn effects(conn: &mut PgConnection) -> (i64, i64) {
    let sum = "SELECT count(*) AS rows, coalesce(sum(times), 0)::bigint AS times FROM effect";
    let sum: Sum = sql_query(sum).get_result(conn).unwrap();
    (sum.rows, sum.times)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Whether an event took effect.
pub(crate) fn took_effect(conn: &mut PgConnection, event: Uuid) -> bool {
    let rows: Vec<Found> =
        sql_query("SELECT id::text FROM effect WHERE id = $1").bind::<SqlUuid, _>(event).load(conn).unwrap();
    rows.iter().any(|row| row.id == event.to_string())
}
