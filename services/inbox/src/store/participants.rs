//! Who takes part in conversations.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx, UserId};

use crate::domain::ids::{ChatbotId, ContactId, ConversationId, ConversationParticipantId};
use crate::store::schema::conversation_participant;

/// Somebody's part in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = conversation_participant)]
pub struct Participant {
    /// Its id.
    pub id: ConversationParticipantId,
    /// Whose conversation.
    pub chatbot_id: ChatbotId,
    /// Which.
    pub conversation_id: ConversationId,
    /// An agent.
    pub user_id: Option<UserId>,
    /// Or the contact.
    pub contact_id: Option<ContactId>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// The same.
    pub updated_at: DateTime<Utc>,
}

/// Stores that somebody takes part; false when they do already.
///
/// # Errors
/// What Postgres says; `conversation_participant_user_id_fkey` when they never were a member of the chatbot.
pub fn insert(tx: &mut Tx<'_>, new: &Participant) -> QueryResult<bool> {
    let inserted = diesel::insert_into(conversation_participant::table).values(new).on_conflict_do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// The part of an agent or the contact.
///
/// # Errors
/// What Postgres says.
pub fn of_somebody(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    user: Option<UserId>,
    contact: Option<ContactId>,
) -> QueryResult<Option<Participant>> {
    let here = conversation_participant::chatbot_id.eq(chatbot);
    let here = here.and(conversation_participant::conversation_id.eq(conversation));
    let it = conversation_participant::user_id.is_not_distinct_from(user);
    let it = it.and(conversation_participant::contact_id.is_not_distinct_from(contact));
    let row = conversation_participant::table.filter(here.and(it)).select(Participant::as_select());
    row.first(conn).optional()
}

/// An agent takes part no longer; the contact always does.
///
/// # Errors
/// What Postgres says.
pub fn delete(
    tx: &mut Tx<'_>,
    chatbot: ChatbotId,
    conversation: ConversationId,
    id: ConversationParticipantId,
) -> QueryResult<Option<Participant>> {
    let it = conversation_participant::chatbot_id.eq(chatbot).and(conversation_participant::id.eq(id));
    let it = it.and(conversation_participant::conversation_id.eq(conversation));
    let agent = it.and(conversation_participant::user_id.is_not_null());
    let gone = diesel::delete(conversation_participant::table.filter(agent));
    gone.returning(Participant::as_returning()).get_result(tx.conn()).optional()
}

/// A page of those who take part, in the order in which they came, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    page: Page,
) -> QueryResult<(Vec<Participant>, i64)> {
    let here = || {
        let its = conversation_participant::chatbot_id.eq(chatbot);
        conversation_participant::table
            .filter(its.and(conversation_participant::conversation_id.eq(conversation)))
    };
    let total = here().count().get_result(conn)?;
    let in_order = here().order((conversation_participant::created_at, conversation_participant::id));
    let rows =
        in_order.limit(page.rows()).offset(page.offset()).select(Participant::as_select()).load(conn)?;
    Ok((rows, total))
}
