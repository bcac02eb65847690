//! Contacts.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use kit::queries::{Counted, Fresh};
use kit::search::array_to_tsvector;
use kit::{Page, Tx};

use crate::domain::chatbot::Scope;
use crate::domain::contact::{Card, Contact};
use crate::domain::ids::{ChatbotId, ContactId};
use crate::store::merged::Merged;
use crate::store::schema::contact;

/// How many contacts a list reaches: it is exact below that, and counts no further.
pub const REACHED: i64 = 10_000;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = contact)]
struct Row {
    chatbot_id: ChatbotId,
    id: ContactId,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    avatar: Option<String>,
    identifier: Option<String>,
    is_verified: bool,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Contact {
    fn from(row: Row) -> Self {
        let Row { name, email, phone, avatar, identifier, .. } = row;
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            card: Card { name, email, phone, avatar, identifier },
            is_verified: row.is_verified,
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Contact> for Row {
    fn from(of: &Contact) -> Self {
        let Card { name, email, phone, avatar, identifier } = of.card.clone();
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            name,
            email,
            phone,
            avatar,
            identifier,
            is_verified: of.is_verified,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new contact.
///
/// # Errors
/// What Postgres says; `contact_identifier_key` when another has the identifier.
pub fn insert(tx: &mut Tx<'_>, new: &Contact) -> QueryResult<usize> {
    let terms = contact::terms.eq(array_to_tsvector(found_by(new)));
    diesel::insert_into(contact::table).values((Row::from(new), terms)).execute(tx.conn())
}

fn found_by(of: &Contact) -> Vec<String> {
    terms::of_within(of.chatbot_id.as_str(), &of.card.text())
}

/// Stores a new contact, unless another has their identifier; whether it did.
///
/// # Errors
/// What Postgres says.
pub fn insert_if_new(tx: &mut Tx<'_>, new: &Contact) -> QueryResult<bool> {
    let terms = contact::terms.eq(array_to_tsvector(found_by(new)));
    let row = diesel::insert_into(contact::table).values((Row::from(new), terms));
    Ok(row.on_conflict_do_nothing().execute(tx.conn())? == 1)
}

/// Takes a contact out again whom this very transaction stored, before anybody heard of them.
///
/// # Errors
/// What Postgres says.
pub fn withdraw(tx: &mut Tx<'_>, chatbot: ChatbotId, id: ContactId) -> QueryResult<usize> {
    diesel::delete(contact::table.find((chatbot, id))).execute(tx.conn())
}

/// A contact of the scope.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: ContactId) -> QueryResult<Option<Contact>> {
    let mine = contact::chatbot_id.eq_any(scope.chatbots()).and(contact::id.eq(id)).and(contact::is_active);
    Ok(contact::table.filter(mine).select(Row::as_select()).first(conn).optional()?.map(Contact::from))
}

/// A contact of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn get(conn: &mut PgConnection, chatbot: ChatbotId, id: ContactId) -> QueryResult<Option<Contact>> {
    let row = contact::table.find((chatbot, id)).filter(contact::is_active).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(Contact::from))
}

/// The contact whom a company calls so.
///
/// # Errors
/// What Postgres says.
pub fn by_identifier(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    identifier: &str,
) -> QueryResult<Option<Contact>> {
    let them =
        contact::chatbot_id.eq(chatbot).and(contact::identifier.eq(identifier)).and(contact::is_active);
    Ok(contact::table.filter(them).select(Row::as_select()).first(conn).optional()?.map(Contact::from))
}

/// Locks a contact of a chatbot.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, id: ContactId) -> QueryResult<Option<Contact>> {
    let row = contact::table.find((chatbot, id)).filter(contact::is_active).for_no_key_update();
    Ok(row.select(Row::as_select()).first(tx.conn()).optional()?.map(Contact::from))
}

/// Stores what can change of a locked contact.
///
/// # Errors
/// What Postgres says; `contact_identifier_key` when another has the identifier.
pub fn save(tx: &mut Tx<'_>, of: &Contact) -> QueryResult<usize> {
    let changes = (
        contact::name.eq(&of.card.name),
        contact::email.eq(&of.card.email),
        contact::phone.eq(&of.card.phone),
        contact::avatar.eq(&of.card.avatar),
        contact::identifier.eq(&of.card.identifier),
        contact::is_verified.eq(of.is_verified),
        contact::is_active.eq(of.is_active),
        contact::record_version.eq(of.record_version),
        contact::updated_at.eq(of.updated_at),
        contact::terms.eq(array_to_tsvector(found_by(of))),
    );
    diesel::update(contact::table.find((of.chatbot_id, of.id))).set(changes).execute(tx.conn())
}

/// A page of the contacts of the scope, the newest first, and how many they are: at most [`REACHED`].
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, scope: &Scope, page: Page) -> QueryResult<(Vec<Contact>, i64)> {
    let all = contact::table.filter(contact::is_active.and(contact::chatbot_id.eq_any(scope.chatbots())));
    let total = Fresh(Counted(all.select(sql::<Integer>("1")).limit(REACHED))).get_result(conn)?;
    if page.offset() >= total {
        return Ok((Vec::new(), total));
    }
    let of_each =
        contact::table.filter(contact::is_active.and(sql::<Bool>("contact.chatbot_id = its.chatbot_id")));
    let in_order = of_each.order((contact::created_at.desc(), contact::id.desc()));
    let of_each = in_order.limit(page.offset().saturating_add(page.rows())).select(Row::as_select());
    let (chatbots, order) = (scope.chatbots(), "created_at DESC, id DESC");
    let rows: Vec<Row> = Merged { chatbots, of_each, order, page }.load(conn)?;
    Ok((rows.into_iter().map(Contact::from).collect(), total))
}

/// Contacts of the scope by their ids, deleted ones too, in no order.
///
/// # Errors
/// What Postgres says.
pub fn of_ids(conn: &mut PgConnection, scope: &Scope, ids: &[ContactId]) -> QueryResult<Vec<Contact>> {
    let these = contact::chatbot_id.eq_any(scope.chatbots()).and(contact::id.eq_any(ids));
    let rows: Vec<Row> = contact::table.filter(these).select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Contact::from).collect())
}
