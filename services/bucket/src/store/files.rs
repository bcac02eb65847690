//! `file`

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Error, Page, Result, Tx};

use crate::domain::bucket::BucketName;
use crate::domain::file::{File, FileId};
use crate::store::schema::file;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = file)]
struct Row {
    id: FileId,
    bucket: String,
    original_name: String,
    mime_type: String,
    size: i64,
    sha256: Vec<u8>,
    uploaded_by: String,
    created_at: DateTime<Utc>,
    orphaned_at: Option<DateTime<Utc>>,
    needs_carrier: bool,
}

/// Adds files.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &[File]) -> Result<()> {
    let rows = new.iter().map(Row::try_from).collect::<Result<Vec<_>>>()?;
    diesel::insert_into(file::table).values(rows).execute(tx.conn())?;
    Ok(())
}

/// The file of that id, unless it is withheld.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: FileId) -> Result<Option<File>> {
    let row: Option<Row> = there(id).select(Row::as_select()).first(conn).optional()?;
    row.map(File::try_from).transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn there(id: FileId) -> _ {
    file::table.filter(file::id.eq(id).and(file::is_withheld.eq(false)))
}

/// Some of the files that no message carries since before a time, locked.
///
/// # Errors
/// What Postgres says.
pub fn orphans(tx: &mut Tx<'_>, before: DateTime<Utc>, bite: i64) -> QueryResult<Vec<FileId>> {
    let orphans = file::table.filter(file::orphaned_at.lt(before)).order(file::orphaned_at);
    orphans.limit(bite).select(file::id).for_update().skip_locked().load(tx.conn())
}

/// Some of the files of these buckets that stay without a message, from now on only with one; locked.
///
/// # Errors
/// What Postgres says.
pub fn disown(tx: &mut Tx<'_>, buckets: &[String], bite: i64) -> QueryResult<Vec<FileId>> {
    let theirs = file::table.filter(file::bucket.eq_any(buckets).and(file::needs_carrier.eq(false)));
    let some = theirs.order((file::bucket, file::created_at, file::id)).limit(bite).select(file::id);
    let some: Vec<FileId> = some.for_update().skip_locked().load(tx.conn())?;
    let disowned = diesel::update(file::table.filter(file::id.eq_any(&some)));
    disowned.set(file::needs_carrier.eq(true)).execute(tx.conn())?;
    Ok(some)
}

/// Takes a file out; it, if it was there.
///
/// # Errors
/// What Postgres says.
pub fn delete(tx: &mut Tx<'_>, id: FileId) -> Result<Option<File>> {
    let deleted = diesel::delete(file::table.find(id)).returning(Row::as_returning());
    deleted.get_result::<Row>(tx.conn()).optional()?.map(File::try_from).transpose()
}

/// A page of a bucket's files, the newest first, and how many there are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, bucket: &BucketName, page: Page) -> Result<(Vec<File>, i64)> {
    let theirs = file::table.filter(file::bucket.eq(bucket.as_str()).and(file::is_withheld.eq(false)));
    let total = theirs.count().get_result(conn)?;
    let newest = theirs.order((file::created_at.desc(), file::id.desc()));
    let shown = newest.limit(page.rows()).offset(page.offset()).select(Row::as_select());
    let rows: Vec<Row> = shown.load(conn)?;
    Ok((rows.into_iter().map(File::try_from).collect::<Result<_>>()?, total))
}

/// Those of the ids that have a row.
///
/// # Errors
/// What Postgres says.
pub fn known(conn: &mut PgConnection, ids: &[FileId]) -> QueryResult<Vec<FileId>> {
    file::table.filter(file::id.eq_any(ids)).select(file::id).load(conn)
}

/// The next files by id, with their sizes: for a walk over all.
///
/// # Errors
/// What Postgres says.
pub fn after(conn: &mut PgConnection, id: FileId, bite: i64) -> QueryResult<Vec<(FileId, i64)>> {
    let next = file::table.filter(file::id.gt(id)).order(file::id).limit(bite);
    next.select((file::id, file::size)).load(conn)
}

/// Names of buckets whose counts are not those of their files.
///
/// # Errors
/// What Postgres says.
pub fn miscounted(conn: &mut PgConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let query = diesel::sql_query(
        "SELECT coalesce(bucket.name, held.bucket) AS name
         FROM bucket FULL JOIN (
             SELECT bucket, sum(size) AS bytes, count(*) AS files FROM file GROUP BY bucket
         ) AS held ON held.bucket = bucket.name
         WHERE coalesce(used_bytes, 0) <> coalesce(bytes, 0) OR coalesce(file_count, 0) <> coalesce(files, 0)",
    );
    let rows: Vec<Named> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

impl TryFrom<&File> for Row {
    type Error = Error;

    fn try_from(of: &File) -> Result<Self> {
        let of = of.clone();
        Ok(Self {
            id: of.id,
            bucket: of.bucket.to_string(),
            original_name: of.original_name,
            mime_type: of.mime_type,
            size: i64::try_from(of.size).map_err(Error::internal)?,
            sha256: of.sha256.to_vec(),
            uploaded_by: of.uploaded_by,
            created_at: of.created_at,
            // No message carries it yet.
            orphaned_at: of.bucket.is_of_a_place().then_some(of.created_at),
            needs_carrier: of.bucket.is_of_a_place(),
        })
    }
}

impl TryFrom<Row> for File {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            bucket: BucketName::parse(&row.bucket)?,
            original_name: row.original_name,
            mime_type: row.mime_type,
            size: u64::try_from(row.size).map_err(Error::internal)?,
            sha256: row.sha256.try_into().map_err(|_| Error::internal("a digest of another length"))?,
            uploaded_by: row.uploaded_by,
            created_at: row.created_at,
        })
    }
}
