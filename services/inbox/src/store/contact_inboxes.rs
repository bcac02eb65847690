//! Contacts in inboxes, by what the channel calls them.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::Tx;

use crate::domain::ids::{ChatbotId, ContactId, ContactInboxId, InboxId};
use crate::domain::inbox::ContactInbox;
use crate::store::schema::contact_inbox;

#[derive(Queryable, Selectable)]
#[diesel(table_name = contact_inbox)]
struct Row {
    chatbot_id: ChatbotId,
    id: ContactInboxId,
    contact_id: ContactId,
    inbox_id: InboxId,
    source_id: String,
    created_at: DateTime<Utc>,
}

impl From<Row> for ContactInbox {
    fn from(row: Row) -> Self {
        let Row { chatbot_id, id, contact_id, inbox_id, source_id, created_at } = row;
        Self { id, chatbot_id, contact_id, inbox_id, source_id, created_at }
    }
}

/// Stores that a contact is in an inbox; false when somebody has the name there already.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &ContactInbox) -> QueryResult<bool> {
    let row = (
        contact_inbox::chatbot_id.eq(new.chatbot_id),
        contact_inbox::id.eq(new.id),
        contact_inbox::contact_id.eq(new.contact_id),
        contact_inbox::inbox_id.eq(new.inbox_id),
        contact_inbox::source_id.eq(&new.source_id),
        contact_inbox::created_at.eq(new.created_at),
        contact_inbox::updated_at.eq(new.created_at),
    );
    let inserted = diesel::insert_into(contact_inbox::table)
        .values(row)
        .on_conflict((contact_inbox::chatbot_id, contact_inbox::inbox_id, contact_inbox::source_id))
        .do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// Frees the name of a contact who is deleted: whoever comes by it again is somebody new.
///
/// # Errors
/// What Postgres says.
pub fn retire(tx: &mut Tx<'_>, of: &ContactInbox) -> QueryResult<usize> {
    let it = contact_inbox::table.find((of.chatbot_id, of.id));
    diesel::update(it).set(contact_inbox::source_id.eq(of.id.to_string())).execute(tx.conn())
}

/// A contact's place in an inbox.
///
/// # Errors
/// What Postgres says.
pub fn get(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    id: ContactInboxId,
) -> QueryResult<Option<ContactInbox>> {
    let row = contact_inbox::table.find((chatbot, id)).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(ContactInbox::from))
}

/// The contact in an inbox whom the channel calls so.
///
/// # Errors
/// What Postgres says.
pub fn by_source(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    inbox: InboxId,
    source_id: &str,
) -> QueryResult<Option<ContactInbox>> {
    let it = contact_inbox::chatbot_id.eq(chatbot).and(contact_inbox::inbox_id.eq(inbox));
    let row =
        contact_inbox::table.filter(it.and(contact_inbox::source_id.eq(source_id))).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(ContactInbox::from))
}

/// The first name of a contact in an inbox.
///
/// # Errors
/// What Postgres says.
pub fn of_contact(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    inbox: InboxId,
    contact: ContactId,
) -> QueryResult<Option<ContactInbox>> {
    let it = contact_inbox::chatbot_id.eq(chatbot).and(contact_inbox::contact_id.eq(contact));
    let rows = contact_inbox::table.filter(it.and(contact_inbox::inbox_id.eq(inbox)));
    let first = rows.order((contact_inbox::created_at, contact_inbox::id)).select(Row::as_select());
    Ok(first.first(conn).optional()?.map(ContactInbox::from))
}
