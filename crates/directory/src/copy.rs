//! The copy: enough to know that somebody is there, and to name them.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as Where;
use diesel::upsert::excluded;
use kit::{Tx, UserId};

diesel::table! {
    known_user (id) {
        id -> Uuid,
        fullname -> Text,
        avatar -> Nullable<Text>,
        is_active -> Bool,
        record_version -> Int4,
        timezone -> Nullable<Text>,
    }
}

/// A user as we know them.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = known_user)]
pub struct KnownUser {
    /// The user.
    pub id: UserId,
    /// What to call them.
    pub fullname: String,
    /// The URL of their picture.
    pub avatar: Option<String>,
    /// False once they are deleted.
    pub is_active: bool,
    /// Which state of theirs this is.
    pub record_version: i32,
    /// The IANA name of their time zone, if they said it.
    pub timezone: Option<String>,
}

/// Keeps the newest state of each, however often and in whatever order they come.
///
/// # Errors
/// What Postgres says.
pub fn keep(tx: &mut Tx<'_>, users: &[KnownUser]) -> QueryResult<usize> {
    let upsert =
        diesel::insert_into(known_user::table).values(users).on_conflict(known_user::id).do_update().set((
            known_user::fullname.eq(excluded(known_user::fullname)),
            known_user::avatar.eq(excluded(known_user::avatar)),
            known_user::is_active.eq(excluded(known_user::is_active)),
            known_user::record_version.eq(excluded(known_user::record_version)),
            known_user::timezone.eq(excluded(known_user::timezone)),
        ));
    Where::filter(upsert, known_user::record_version.lt(excluded(known_user::record_version)))
        .execute(tx.conn())
}

/// Those of these users that we know, deleted ones too.
///
/// # Errors
/// What Postgres says.
pub fn named(conn: &mut PgConnection, ids: &[UserId]) -> QueryResult<Vec<KnownUser>> {
    QueryDsl::filter(known_user::table, known_user::id.eq_any(ids)).select(KnownUser::as_select()).load(conn)
}
