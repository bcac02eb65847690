//! How far the owners were asked for what was before.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use kit::{Tx, planned};

/// How far one of them was asked.
#[derive(Debug, Clone, QueryableByName)]
pub struct Progress {
    /// Which.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Where the last part ended.
    #[diesel(sql_type = Nullable<Text>)]
    pub asked_up_to: Option<String>,
    /// Whether that was the end.
    #[diesel(sql_type = Bool)]
    pub is_done: bool,
}

/// How far each was asked.
///
/// # Errors
/// What Postgres says.
pub fn all(conn: &mut PgConnection) -> QueryResult<Vec<Progress>> {
    planned("SELECT source, asked_up_to, is_done FROM inbox_backfill ORDER BY source").load(conn)
}

const ASKED: &str = "
    UPDATE inbox_backfill SET asked_up_to = coalesce($2, asked_up_to), is_done = $2 IS NULL WHERE source = $1";

/// Notes where a part ended; nowhere, if it was the last.
///
/// # Errors
/// What Postgres says.
pub fn asked(tx: &mut Tx<'_>, source: &str, up_to: Option<&str>) -> QueryResult<usize> {
    planned(ASKED).bind::<Text, _>(source).bind::<Nullable<Text>, _>(up_to).execute(tx.conn())
}
