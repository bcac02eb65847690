//! Whether rows and objects are of one mind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::PgConnection;
use futures_util::{StreamExt as _, TryStreamExt as _};
use kit::{App, Result};
use uuid::Uuid;

use crate::blob::{Blobs, Found};
use crate::domain::file::FileId;
use crate::store::{files, loose_objects};

/// Objects and rows that are held against one another at once.
const BITE: usize = 500;
/// An object without a row is left alone for so long: a fresh one may be the half of something.
const GRACE: TimeDelta = TimeDelta::days(1);

/// What an audit found.
#[derive(Debug, Default)]
pub struct Report {
    /// Files that are as they should be.
    pub sound: usize,
    /// Objects that wait for their row, or for the sweeper.
    pub loose: usize,
    /// Rows without an object.
    pub missing: Vec<FileId>,
    /// Rows whose object has another size.
    pub misshapen: Vec<FileId>,
    /// Objects that neither a row nor a note knows.
    pub stray: Vec<FileId>,
    /// What lies in the storage and is no object of ours.
    pub foreign: Vec<String>,
    /// Buckets whose counts are not those of their files.
    pub miscounted: Vec<String>,
}

impl Report {
    /// Whether rows and objects agree. What is foreign is nobody's business.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Self { missing, misshapen, stray, miscounted, .. } = self;
        missing.is_empty() && misshapen.is_empty() && stray.is_empty() && miscounted.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sound, loose, .. } = self;
        let verdict = if self.is_clean() { "rows and objects agree" } else { "rows and objects disagree" };
        write!(f, "{verdict}: {sound} files, {loose} objects on their way")?;
        list(f, "without an object", &self.missing)?;
        list(f, "of another size than their object", &self.misshapen)?;
        list(f, "objects without a row", &self.stray)?;
        list(f, "buckets counted wrongly", &self.miscounted)?;
        list(f, "not ours", &self.foreign)
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, what: &str, found: &[T]) -> fmt::Result {
    match found {
        [] => Ok(()),
        [first, ..] => write!(f, "; {} {what}, such as {first}", found.len()),
    }
}

/// Holds all rows against all objects, while the service runs or not.
///
/// # Errors
/// When the database or the storage is away.
pub async fn audit(app: &App, blobs: &Blobs) -> Result<Report> {
    let mut report = Report::default();
    let mut bites = blobs.list().try_chunks(BITE).boxed();
    while let Some(bite) = bites.next().await {
        look_at_objects(app, blobs, bite.map_err(|error| error.1)?, &mut report).await?;
    }
    look_at_rows(app, blobs, &mut report).await?;
    report.miscounted = app.read(|conn| Ok(files::miscounted(conn)?)).await?;
    Ok(report)
}

async fn look_at_objects(app: &App, blobs: &Blobs, bite: Vec<Found>, report: &mut Report) -> Result<()> {
    let mut objects = BTreeMap::new();
    for found in bite {
        match found {
            Found::Object(id, size) => drop(objects.insert(id, size)),
            Found::Foreign(name) => report.foreign.push(name),
        }
    }
    let ids: Vec<FileId> = objects.keys().copied().collect();
    let (known, loose) = app.read(move |conn| known(conn, &ids)).await?;
    report.loose += loose.iter().filter(|id| !known.contains(id)).count();
    for id in objects.into_keys().filter(|id| !known.contains(id) && !loose.contains(id)) {
        // It may have been deleted since it was listed.
        if blobs.size(id).await?.is_some() {
            report.stray.push(id);
        }
    }
    Ok(())
}

/// Those that have a row, and those that are noted. Rows are asked for before and after notes: what is settled or deleted
/// in between is found either way.
fn known(conn: &mut PgConnection, ids: &[FileId]) -> Result<(BTreeSet<FileId>, Vec<FileId>)> {
    let mut known: BTreeSet<_> = files::known(conn, ids)?.into_iter().collect();
    let loose = loose_objects::known(conn, ids)?;
    known.extend(files::known(conn, ids)?);
    Ok((known, loose))
}

async fn look_at_rows(app: &App, blobs: &Blobs, report: &mut Report) -> Result<()> {
    let mut last = FileId::from(Uuid::nil());
    loop {
        let bite = i64::try_from(BITE).unwrap_or(i64::MAX);
        let rows = app.read(move |conn| Ok(files::after(conn, last, bite)?)).await?;
        let Some((end, _)) = rows.last() else { return Ok(()) };
        last = *end;
        for (id, size) in rows {
            look_at_row(app, blobs, id, size, report).await?;
        }
    }
}

async fn look_at_row(app: &App, blobs: &Blobs, id: FileId, size: i64, report: &mut Report) -> Result<()> {
    match blobs.size(id).await?.map(i64::try_from) {
        Some(Ok(found)) if found == size => report.sound += 1,
        Some(_) => report.misshapen.push(id),
        // It may have been deleted since its row was read.
        None if app.read(move |conn| Ok(files::known(conn, &[id])?.is_empty())).await? => {}
        None => report.missing.push(id),
    }
    Ok(())
}

/// Removes the objects without a row that are older than a day.
///
/// # Errors
/// When the storage is away.
pub async fn remove_strays(app: &App, blobs: &Blobs, report: &Report) -> Result<()> {
    let before = app.now() - GRACE;
    for id in report.stray.iter().filter(|id| made_at(**id).is_some_and(|at| at < before)) {
        blobs.remove(*id).await?;
        log::warn!("removed the object {id}, which had no row");
    }
    Ok(())
}

/// When the id was drawn: it begins with its time.
fn made_at(id: FileId) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}
