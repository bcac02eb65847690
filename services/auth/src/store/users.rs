//! `users`

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Error, OnConstraint as _, Result, Role, Tx, UserId};

use crate::Refusal;
use crate::domain::search;
use crate::domain::user::User;
use crate::store::schema::users;

/// A list looks at this many users at most, so that no search costs more; whoever wants others says more of the name.
const MOST_FOUND: i64 = 1_000;

/// An active user: who is deleted is found by nothing here.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct Row {
    id: UserId,
    #[diesel(select_expression = users::email.assume_not_null())]
    email: String,
    fullname: String,
    avatar: Option<String>,
    timezone: Option<String>,
    role: String,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let Row {
            id,
            email,
            fullname,
            avatar,
            timezone,
            is_active,
            record_version,
            created_at,
            updated_at,
            ..
        } = row;
        let role = Role::parse(&row.role).ok_or_else(|| Error::internal("an unknown role"))?;
        Ok(Self {
            id,
            email,
            fullname,
            avatar,
            timezone,
            role,
            is_active,
            record_version,
            created_at,
            updated_at,
        })
    }
}

/// A user with the hash of their password.
pub struct Credentials {
    /// The user.
    pub user: User,
    /// A PHC string.
    pub password_hash: String,
}

/// The columns that a change of a user may touch.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
struct Content {
    fullname: String,
    avatar: Option<String>,
    timezone: Option<String>,
    role: &'static str,
    record_version: i32,
    updated_at: DateTime<Utc>,
    folded_name: String,
    grams: Vec<String>,
}

impl From<&User> for Content {
    fn from(user: &User) -> Self {
        let folded_name = search::fold(&user.fullname);
        Self {
            fullname: user.fullname.clone(),
            avatar: user.avatar.clone(),
            timezone: user.timezone.clone(),
            role: user.role.name(),
            record_version: user.record_version,
            updated_at: user.updated_at,
            grams: search::grams_of_user(&folded_name, &user.email),
            folded_name,
        }
    }
}

/// Adds a user.
///
/// # Errors
/// The e-mail address is taken.
pub fn insert(tx: &mut Tx<'_>, user: &User, password_hash: &str) -> Result<()> {
    let life = (users::id.eq(user.id), users::is_active.eq(true), users::created_at.eq(user.created_at));
    let credentials = (users::email.eq(&user.email), users::password_hash.eq(password_hash));
    let row = (life, credentials, Content::from(user));
    let done = diesel::insert_into(users::table).values(row).execute(tx.conn());
    done.on_constraint("users_email_key", Refusal::EmailTaken).map(|_| ())
}

/// Stores a user after a change.
///
/// # Errors
/// What Postgres says.
pub fn save(tx: &mut Tx<'_>, user: &User) -> QueryResult<()> {
    diesel::update(users::table.find(user.id)).set(Content::from(user)).execute(tx.conn()).map(|_| ())
}

/// Replaces a password; whether the one to be replaced was still the current one.
///
/// # Errors
/// What Postgres says.
pub fn set_password(tx: &mut Tx<'_>, id: UserId, replaces: &str, password_hash: &str) -> QueryResult<bool> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(replaces));
    let rows = diesel::update(unchanged).set(users::password_hash.eq(password_hash)).execute(tx.conn())?;
    Ok(rows == 1)
}

/// Leaves nothing of a user to log in with, to find them by or to write to.
///
/// # Errors
/// What Postgres says.
pub fn erase(tx: &mut Tx<'_>, user: &User) -> QueryResult<()> {
    let nothing = (users::email.eq(None::<&str>), users::password_hash.eq(None::<&str>));
    let unseen = (users::is_active.eq(false), users::grams.eq(Vec::<String>::new()));
    let version = (users::record_version.eq(user.record_version), users::updated_at.eq(user.updated_at));
    diesel::update(users::table.find(user.id)).set((nothing, unseen, version)).execute(tx.conn()).map(|_| ())
}

/// The user of that id.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: UserId) -> Result<Option<User>> {
    let active = users::table.find(id).filter(users::is_active);
    let row: Option<Row> = active.select(Row::as_select()).first(conn).optional()?;
    row.map(User::try_from).transpose()
}

/// The users of those ids, in the order of the ids, unchangeable by others until the transaction ends.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, ids: &[UserId]) -> Result<Vec<User>> {
    let active = users::table.filter(users::id.eq_any(ids).and(users::is_active)).order(users::id);
    let rows: Vec<Row> = active.select(Row::as_select()).for_no_key_update().load(tx.conn())?;
    rows.into_iter().map(User::try_from).collect()
}

/// The user of a normalised e-mail address.
///
/// # Errors
/// What Postgres says.
pub fn id_of(conn: &mut PgConnection, email: &str) -> QueryResult<Option<UserId>> {
    users::table.filter(users::email.eq(email)).select(users::id).first(conn).optional()
}

/// The user of a normalised e-mail address, with the hash of the password.
///
/// # Errors
/// What Postgres says.
pub fn credentials(conn: &mut PgConnection, email: &str) -> Result<Option<Credentials>> {
    let columns = (Row::as_select(), users::password_hash.assume_not_null());
    let named = users::table.filter(users::email.eq(email).and(users::is_active));
    let found: Option<(Row, String)> = named.select(columns).first(conn).optional()?;
    found.map(|(row, password_hash)| Ok(Credentials { user: row.try_into()?, password_hash })).transpose()
}

/// The user of that id if the password is still the one of this hash; neither can change until the transaction ends.
///
/// # Errors
/// What Postgres says.
pub fn still(tx: &mut Tx<'_>, id: UserId, password_hash: &str) -> Result<Option<User>> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(password_hash));
    let row: Option<Row> = unchanged.select(Row::as_select()).for_share().first(tx.conn()).optional()?;
    row.map(User::try_from).transpose()
}

/// Which users a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these.
    pub ids: Option<Vec<UserId>>,
    /// Only those whose name holds this.
    pub search: Option<String>,
    /// Or whose e-mail address holds it.
    pub by_email: bool,
}

/// The ids of at most 1,000 users that the filter lets through, by name.
///
/// # Errors
/// What Postgres says.
pub fn matching(conn: &mut PgConnection, filter: &Filter) -> QueryResult<Vec<UserId>> {
    let mut query = users::table.filter(users::is_active).into_boxed();
    if let Some(ids) = &filter.ids {
        query = query.filter(users::id.eq_any(ids));
    }
    if let Some(text) = filter.search.as_deref().map(search::fold) {
        let (pattern, grams) = (search::containing(&text), search::grams_of_search(&text));
        let of_email: Vec<String> = grams.iter().map(|gram| search::of_email(gram)).collect();
        let by_name = users::grams.contains(grams).and(users::folded_name.like(pattern.clone()));
        let by_email = users::grams.contains(of_email).and(users::email.assume_not_null().like(pattern));
        query = if filter.by_email { query.filter(by_name.or(by_email)) } else { query.filter(by_name) };
    }
    let found = query.select((users::folded_name, users::id)).limit(MOST_FOUND);
    let mut found: Vec<(String, UserId)> = found.load(conn)?;
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// The users of those ids, by name.
///
/// # Errors
/// What Postgres says.
pub fn of_ids(conn: &mut PgConnection, ids: &[UserId]) -> Result<Vec<User>> {
    let rows: Vec<Row> = users::table
        .filter(users::id.eq_any(ids).and(users::is_active))
        .select(Row::as_select())
        .load(conn)?;
    let mut found = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>>>()?;
    found.sort_by_cached_key(|user| (search::fold(&user.fullname), user.id));
    Ok(found)
}
