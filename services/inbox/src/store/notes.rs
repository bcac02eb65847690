//! Notes.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx, UserId};
use timeline::Seq;

use crate::domain::ids::{ChatbotId, ConversationId, NoteId};
use crate::domain::note::Note;
use crate::store::schema::note;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = note)]
struct Row {
    chatbot_id: ChatbotId,
    conversation_id: ConversationId,
    id: NoteId,
    after_seq: i64,
    author_id: UserId,
    content: String,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Note {
    fn from(row: Row) -> Self {
        let Row { chatbot_id, conversation_id, id, after_seq, author_id, content, .. } = row;
        Self {
            id,
            chatbot_id,
            conversation_id,
            after_seq: Seq::saturating(after_seq),
            author_id,
            content,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Stores a new note.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Note) -> QueryResult<usize> {
    let row = Row {
        chatbot_id: new.chatbot_id,
        conversation_id: new.conversation_id,
        id: new.id,
        after_seq: new.after_seq.get(),
        author_id: new.author_id,
        content: new.content.clone(),
        record_version: new.record_version,
        created_at: new.created_at,
        updated_at: new.updated_at,
    };
    diesel::insert_into(note::table).values(row).execute(tx.conn())
}

/// Locks a note of a conversation.
///
/// # Errors
/// What Postgres says.
pub fn lock(
    tx: &mut Tx<'_>,
    chatbot: ChatbotId,
    conversation: ConversationId,
    id: NoteId,
) -> QueryResult<Option<Note>> {
    let here = note::conversation_id.eq(conversation).and(note::is_active);
    let row = note::table.find((chatbot, id)).filter(here).for_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Note::from))
}

/// Takes a locked note away, with what it said.
///
/// # Errors
/// What Postgres says.
pub fn delete(tx: &mut Tx<'_>, chatbot: ChatbotId, id: NoteId, now: DateTime<Utc>) -> QueryResult<usize> {
    let changes = (
        note::content.eq(""),
        note::is_active.eq(false),
        note::record_version.eq(note::record_version + 1),
        note::updated_at.eq(now),
    );
    diesel::update(note::table.find((chatbot, id))).set(changes).execute(tx.conn())
}

/// A page of the notes of a conversation, the oldest first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    page: Page,
) -> QueryResult<(Vec<Note>, i64)> {
    let here = || {
        let its = note::chatbot_id.eq(chatbot).and(note::conversation_id.eq(conversation));
        note::table.filter(its.and(note::is_active))
    };
    let total = here().count().get_result(conn)?;
    let in_order = here().order((note::created_at, note::id)).limit(page.rows()).offset(page.offset());
    let rows: Vec<Row> = in_order.select(Row::as_select()).load(conn)?;
    Ok((rows.into_iter().map(Note::from).collect(), total))
}
