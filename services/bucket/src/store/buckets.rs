//! `bucket`: what each holds.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Error, Result, Tx};

use crate::domain::bucket::BucketName;
use crate::domain::limits::Usage;
use crate::store::schema::bucket;

/// What a bucket holds.
///
/// # Errors
/// What Postgres says.
pub fn usage(conn: &mut PgConnection, name: &BucketName) -> Result<Usage> {
    let counts = bucket::table.find(name.as_str()).select((bucket::used_bytes, bucket::file_count));
    counts.first(conn).optional()?.map_or(Ok(Usage::default()), read)
}

/// Counts more in a bucket, which stays locked until the transaction ends; what it holds now.
///
/// # Errors
/// What Postgres says.
pub fn add(tx: &mut Tx<'_>, name: &BucketName, more: Usage) -> Result<Usage> {
    let (bytes, files) = (signed(more.bytes)?, signed(more.files)?);
    let row = (bucket::name.eq(name.as_str()), bucket::used_bytes.eq(bytes), bucket::file_count.eq(files));
    let added = (
        bucket::used_bytes.eq(bucket::used_bytes + bytes),
        bucket::file_count.eq(bucket::file_count + files),
    );
    let counted =
        diesel::insert_into(bucket::table).values(row).on_conflict(bucket::name).do_update().set(added);
    read(counted.returning((bucket::used_bytes, bucket::file_count)).get_result(tx.conn())?)
}

/// Counts less in a bucket.
///
/// # Errors
/// What Postgres says.
pub fn take(tx: &mut Tx<'_>, name: &BucketName, less: Usage) -> Result<()> {
    let (bytes, files) = (signed(less.bytes)?, signed(less.files)?);
    let taken = (
        bucket::used_bytes.eq(bucket::used_bytes - bytes),
        bucket::file_count.eq(bucket::file_count - files),
    );
    diesel::update(bucket::table.find(name.as_str())).set(taken).execute(tx.conn())?;
    Ok(())
}

fn read((bytes, files): (i64, i64)) -> Result<Usage> {
    let unsigned = |count: i64| u64::try_from(count).map_err(Error::internal);
    Ok(Usage { bytes: unsigned(bytes)?, files: unsigned(files)? })
}

fn signed(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(Error::internal)
}
