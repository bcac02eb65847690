//! Conversations.

use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text};
use kit::{Tx, UserId};
use timeline::{Seq, Watermark};

use crate::domain::chatbot::Scope;
use crate::domain::content::MessageType;
use crate::domain::conversation::{Conversation, LastMessage, Status};
use crate::domain::ids::{ChatbotId, ContactId, ContactInboxId, ConversationId, InboxId, MessageId};
use crate::domain::message::Sender;
use crate::store::schema::conversation;

mod list;

pub use list::{ConversationFilter, REACHED, page};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = conversation, treat_none_as_null = true)]
struct Row {
    chatbot_id: ChatbotId,
    id: ConversationId,
    contact_id: ContactId,
    contact_inbox_id: ContactInboxId,
    inbox_id: InboxId,
    source_id: String,
    status: String,
    assignee_id: Option<UserId>,
    agent_last_seen_at: Option<DateTime<Utc>>,
    agent_read_seq: i64,
    agent_uncounted: i64,
    agent_rev: i64,
    contact_last_seen_at: Option<DateTime<Utc>>,
    contact_read_seq: i64,
    contact_uncounted: i64,
    contact_rev: i64,
    last_seq: i64,
    deleted: i64,
    last_message_at: DateTime<Utc>,
    last_message_id: Option<MessageId>,
    last_message_seq: Option<i64>,
    last_message_type: Option<String>,
    last_message_sender_type: Option<String>,
    last_message_sender_id: Option<String>,
    last_message_preview: Option<String>,
    last_message_sent_at: Option<DateTime<Utc>>,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Both sides see everything from the beginning on.
fn watermark(read_seq: i64, uncounted: i64, rev: i64) -> Watermark {
    Watermark { read_seq: Seq::saturating(read_seq), uncounted, visible_from: Seq::FIRST, rev }
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        let last_message = row.last_message();
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            contact_id: row.contact_id,
            contact_inbox_id: row.contact_inbox_id,
            inbox_id: row.inbox_id,
            source_id: row.source_id,
            // A CHECK keeps the statuses to those that there are.
            status: Status::parse(&row.status).unwrap_or(Status::Open),
            assignee_id: row.assignee_id,
            agent_last_seen_at: row.agent_last_seen_at,
            agents: watermark(row.agent_read_seq, row.agent_uncounted, row.agent_rev),
            contact_last_seen_at: row.contact_last_seen_at,
            contact: watermark(row.contact_read_seq, row.contact_uncounted, row.contact_rev),
            last_seq: Seq::saturating(row.last_seq),
            deleted: row.deleted,
            last_message_at: row.last_message_at,
            last_message,
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl Row {
    fn last_message(&self) -> Option<LastMessage> {
        let sender_id = self.last_message_sender_id.as_deref();
        Some(LastMessage {
            id: self.last_message_id?,
            seq: Seq::saturating(self.last_message_seq?),
            message_type: MessageType::parse(self.last_message_type.as_deref()?)?,
            sender: Sender::parse(self.last_message_sender_type.as_deref()?, sender_id)?,
            preview: self.last_message_preview.clone()?,
            sent_at: self.last_message_sent_at?,
        })
    }
}

impl From<&Conversation> for Row {
    fn from(of: &Conversation) -> Self {
        let last = of.last_message.as_ref();
        Self {
            chatbot_id: of.chatbot_id,
            id: of.id,
            contact_id: of.contact_id,
            contact_inbox_id: of.contact_inbox_id,
            inbox_id: of.inbox_id,
            source_id: of.source_id.clone(),
            status: of.status.name().to_owned(),
            assignee_id: of.assignee_id,
            agent_last_seen_at: of.agent_last_seen_at,
            agent_read_seq: of.agents.read_seq.get(),
            agent_uncounted: of.agents.uncounted,
            agent_rev: of.agents.rev,
            contact_last_seen_at: of.contact_last_seen_at,
            contact_read_seq: of.contact.read_seq.get(),
            contact_uncounted: of.contact.uncounted,
            contact_rev: of.contact.rev,
            last_seq: of.last_seq.get(),
            deleted: of.deleted,
            last_message_at: of.last_message_at,
            last_message_id: last.map(|last| last.id),
            last_message_seq: last.map(|last| last.seq.get()),
            last_message_type: last.map(|last| last.message_type.name().to_owned()),
            last_message_sender_type: last.map(|last| last.sender.kind().to_owned()),
            last_message_sender_id: last.and_then(|last| last.sender.id()),
            last_message_preview: last.map(|last| last.preview.clone()),
            last_message_sent_at: last.map(|last| last.sent_at),
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new conversation; false when the channel's name for it is taken.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Conversation) -> QueryResult<bool> {
    let inserted = diesel::insert_into(conversation::table)
        .values(Row::from(new))
        .on_conflict((conversation::chatbot_id, conversation::contact_inbox_id, conversation::source_id))
        .do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// A conversation of the scope, deleted or not.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: ConversationId) -> QueryResult<Option<Conversation>> {
    let mine = conversation::chatbot_id.eq_any(scope.chatbots()).and(conversation::id.eq(id));
    Ok(conversation::table
        .filter(mine)
        .select(Row::as_select())
        .first(conn)
        .optional()?
        .map(Conversation::from))
}

/// A conversation of a chatbot, deleted or not.
///
/// # Errors
/// What Postgres says.
pub fn get(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    id: ConversationId,
) -> QueryResult<Option<Conversation>> {
    let row = conversation::table.find((chatbot, id)).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(Conversation::from))
}

/// The conversation that a channel calls so.
///
/// # Errors
/// What Postgres says.
pub fn by_source(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    contact_inbox: ContactInboxId,
    source_id: &str,
) -> QueryResult<Option<Conversation>> {
    let it = conversation::chatbot_id.eq(chatbot).and(conversation::contact_inbox_id.eq(contact_inbox));
    let row =
        conversation::table.filter(it.and(conversation::source_id.eq(source_id))).select(Row::as_select());
    Ok(row.first(conn).optional()?.map(Conversation::from))
}

/// Locks a conversation of a chatbot. Members are locked before.
///
/// # Errors
/// What Postgres says.
pub fn lock(tx: &mut Tx<'_>, chatbot: ChatbotId, id: ConversationId) -> QueryResult<Option<Conversation>> {
    let row = conversation::table.find((chatbot, id)).for_no_key_update().select(Row::as_select());
    Ok(row.first(tx.conn()).optional()?.map(Conversation::from))
}

/// Stores a locked conversation as it is now.
///
/// # Errors
/// What Postgres says; `conversation_assignee_id_fkey` when the assignee never was a member.
pub fn save(tx: &mut Tx<'_>, of: &Conversation) -> QueryResult<usize> {
    diesel::update(conversation::table.find((of.chatbot_id, of.id))).set(Row::from(of)).execute(tx.conn())
}

/// Of each chatbot the first conversation from a place on, and of these the first; ids are random themselves.
const AT_RANDOM: &str = "
    SELECT found.chatbot_id, found.id FROM unnest($1) AS its(chatbot_id) CROSS JOIN LATERAL (
        SELECT chatbot_id, id FROM conversation
        WHERE chatbot_id = its.chatbot_id AND id >= $2 AND is_active ORDER BY id LIMIT 1
    ) AS found ORDER BY found.id LIMIT 1";

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    chatbot_id: ChatbotId,
    #[diesel(sql_type = Text)]
    id: ConversationId,
}

/// A conversation of the scope, as `luck` has it: the first from it on, else the first of all.
///
/// # Errors
/// What Postgres says.
pub fn at_random(
    conn: &mut PgConnection,
    scope: &Scope,
    luck: ConversationId,
) -> QueryResult<Option<Conversation>> {
    for from in [luck.as_str(), ""] {
        let query = diesel::sql_query(AT_RANDOM).bind::<Array<Text>, _>(scope.chatbots());
        let found: Option<Place> = query.bind::<Text, _>(from).get_result(conn).optional()?;
        if let Some(Place { chatbot_id, id }) = found {
            return get(conn, chatbot_id, id);
        }
    }
    Ok(None)
}

/// The conversations of a contact in an inbox, the latest message first.
///
/// # Errors
/// What Postgres says.
pub fn of_contact(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    inbox: InboxId,
    contact: ContactId,
    limit: i64,
) -> QueryResult<Vec<Conversation>> {
    let theirs = conversation::chatbot_id.eq(chatbot).and(conversation::contact_id.eq(contact));
    let theirs = theirs.and(conversation::inbox_id.eq(inbox)).and(conversation::is_active);
    let in_order = (conversation::last_message_at.desc(), conversation::id.desc());
    let rows: Vec<Row> = conversation::table
        .filter(theirs)
        .order(in_order)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Conversation::from).collect())
}
