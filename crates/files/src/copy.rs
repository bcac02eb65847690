//! The copy: enough to know that a file is there, where, and what to call it.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as Where;
use diesel::upsert::excluded;
use kit::Tx;

use crate::FileId;

diesel::table! {
    known_file (id) {
        id -> Uuid,
        bucket -> Text,
        original_name -> Text,
        mime_type -> Text,
        size -> Int8,
        is_active -> Bool,
    }
}

/// A file as we know it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = known_file)]
pub struct KnownFile {
    /// Which it is.
    pub id: FileId,
    /// The name of the bucket that it is in.
    pub bucket: String,
    /// What it was called where it came from.
    pub original_name: String,
    /// What it is, as its bytes say.
    pub mime_type: String,
    /// In bytes.
    pub size: i64,
    /// False once it is deleted.
    pub is_active: bool,
}

/// Keeps what is known of files, however often and in whatever order it comes: once deleted, always deleted.
///
/// # Errors
/// What Postgres says.
pub fn keep(tx: &mut Tx<'_>, files: &[KnownFile]) -> QueryResult<usize> {
    let upsert = diesel::insert_into(known_file::table)
        .values(files)
        .on_conflict(known_file::id)
        .do_update()
        .set(known_file::is_active.eq(excluded(known_file::is_active)));
    Where::filter(upsert, known_file::is_active).execute(tx.conn())
}

/// Those of these files that we know, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn known(conn: &mut PgConnection, ids: &[FileId]) -> QueryResult<Vec<KnownFile>> {
    QueryDsl::filter(known_file::table, known_file::id.eq_any(ids)).select(KnownFile::as_select()).load(conn)
}
