//! `carrier`: which messages carry a file, and what follows for the file.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::upsert::excluded;
use kit::Tx;
use uuid::Uuid;

use crate::domain::file::FileId;
use crate::store::schema::{carrier, file};

/// A message that carries files, or did.
#[derive(Debug, Clone, Copy)]
pub struct Carrier {
    /// The service that it is of.
    pub source: &'static str,
    /// Which it is.
    pub message_id: Uuid,
    /// False while it is deleted.
    pub is_active: bool,
    /// Which state of it this is.
    pub record_version: i32,
}

/// Keeps that a message carries these files, or no longer, unless what we know is as new; then sees what follows for them.
///
/// The files are locked first, so that of two messages that let go of one at the same time the second sees the first.
///
/// # Errors
/// What Postgres says.
pub fn keep(tx: &mut Tx<'_>, of: Carrier, files: &[FileId], now: DateTime<Utc>) -> QueryResult<()> {
    if files.is_empty() {
        return Ok(());
    }
    let theirs = file::table.filter(file::id.eq_any(files));
    let _locked: Vec<FileId> = theirs.order(file::id).select(file::id).for_update().load(tx.conn())?;
    upsert(tx, of, files)?;
    release(tx, files, now)
}

fn upsert(tx: &mut Tx<'_>, of: Carrier, files: &[FileId]) -> QueryResult<usize> {
    let row = |id: &FileId| {
        (
            carrier::file_id.eq(*id),
            carrier::source.eq(of.source),
            carrier::message_id.eq(of.message_id),
            carrier::is_active.eq(of.is_active),
            carrier::record_version.eq(of.record_version),
        )
    };
    let upsert = diesel::insert_into(carrier::table)
        .values(files.iter().map(row).collect::<Vec<_>>())
        .on_conflict((carrier::file_id, carrier::source, carrier::message_id))
        .do_update()
        .set((
            carrier::is_active.eq(excluded(carrier::is_active)),
            carrier::record_version.eq(excluded(carrier::record_version)),
        ));
    let is_newer = carrier::record_version.lt(excluded(carrier::record_version));
    // Said in full, since a query has a filter of that name, too.
    diesel::query_dsl::methods::FilterDsl::filter(upsert, is_newer).execute(tx.conn())
}

/// Files that a message carries are nobody's orphans; those that need one and have none are withheld, and go in time. The
/// files are locked.
///
/// # Errors
/// What Postgres says.
pub fn release(tx: &mut Tx<'_>, files: &[FileId], now: DateTime<Utc>) -> QueryResult<()> {
    let carried = || {
        let active = carrier::file_id.eq(file::id).and(carrier::is_active);
        exists(carrier::table.filter(active))
    };
    let theirs = || file::table.filter(file::id.eq_any(files));
    let kept = theirs().filter(carried());
    diesel::update(kept)
        .set((file::orphaned_at.eq(None::<DateTime<Utc>>), file::is_withheld.eq(false)))
        .execute(tx.conn())?;
    // Files of a user's own bucket stay theirs, whatever carried them, as long as there is that user.
    let lost = theirs()
        .filter(diesel::dsl::not(carried()).and(file::needs_carrier).and(file::is_withheld.eq(false)));
    diesel::update(lost)
        .set((file::orphaned_at.eq(now), file::is_withheld.eq(true)))
        .execute(tx.conn())
        .map(|_| ())
}

diesel::allow_tables_to_appear_in_same_query!(carrier, file);
