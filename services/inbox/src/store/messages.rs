//! Messages, by their number in a conversation.

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use kit::search::array_to_tsvector;
use kit::{Page, Tx};
use serde_json::Value;
use timeline::{Seq, SeqRange, Window};

use crate::domain::chatbot::Scope;
use crate::domain::content::MessageType;
use crate::domain::conversation::Side;
use crate::domain::ids::{ChatbotId, ConversationId, InboxId, MessageId};
use crate::domain::message::{Message, Picked, Sender};
use crate::store::attachments;
use crate::store::schema::{message, message_term};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = message)]
struct Row {
    chatbot_id: ChatbotId,
    conversation_id: ConversationId,
    seq: i64,
    id: MessageId,
    inbox_id: InboxId,
    message_type: String,
    content: Option<String>,
    body: Option<Value>,
    sender_type: String,
    sender_id: Option<String>,
    source_id: Option<String>,
    client_message_id: Option<String>,
    answers: Option<MessageId>,
    answer: Option<Vec<String>>,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        let answer = row.answers.zip(row.answer);
        Self {
            id: row.id,
            chatbot_id: row.chatbot_id,
            conversation_id: row.conversation_id,
            inbox_id: row.inbox_id,
            seq: Seq::saturating(row.seq),
            // CHECKs keep types and senders to those that there are.
            sender: Sender::parse(&row.sender_type, row.sender_id.as_deref()).unwrap_or(Sender::System),
            message_type: MessageType::parse(&row.message_type).unwrap_or(MessageType::Text),
            content: row.content,
            body: row.body,
            attachments: Vec::new(),
            client_message_id: row.client_message_id,
            source_id: row.source_id,
            answer: answer.map(|(message_id, values)| Picked { message_id, values }),
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<&Message> for Row {
    fn from(of: &Message) -> Self {
        Self {
            chatbot_id: of.chatbot_id,
            conversation_id: of.conversation_id,
            seq: of.seq.get(),
            id: of.id,
            inbox_id: of.inbox_id,
            message_type: of.message_type.name().to_owned(),
            content: of.content.clone(),
            body: of.body.clone(),
            sender_type: of.sender.kind().to_owned(),
            sender_id: of.sender.id(),
            source_id: of.source_id.clone(),
            client_message_id: of.client_message_id.clone(),
            answers: of.answer.as_ref().map(|answer| answer.message_id),
            answer: of.answer.as_ref().map(|answer| answer.values.clone()),
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }
}

/// Stores a new message of a locked conversation, with its attachments and what it is found by.
///
/// # Errors
/// What Postgres says; `message_source_id_key` when the channel delivered it before.
pub fn insert(tx: &mut Tx<'_>, new: &Message) -> QueryResult<usize> {
    diesel::insert_into(message::table).values(Row::from(new)).execute(tx.conn())?;
    attachments::insert(tx, new)?;
    let text = new.content.as_deref().unwrap_or_default();
    let found_by = (
        message_term::chatbot_id.eq(new.chatbot_id),
        message_term::message_id.eq(new.id),
        message_term::conversation_id.eq(new.conversation_id),
        message_term::sent_at.eq(new.created_at),
        message_term::terms.eq(array_to_tsvector(terms::of_within(new.chatbot_id.as_str(), text))),
    );
    diesel::insert_into(message_term::table).values(found_by).execute(tx.conn())
}

/// Stores that a message of a locked conversation is deleted: nothing is found by it any more.
///
/// # Errors
/// What Postgres says.
pub fn erase(tx: &mut Tx<'_>, of: &Message) -> QueryResult<usize> {
    let its = message_term::chatbot_id.eq(of.chatbot_id).and(message_term::message_id.eq(of.id));
    diesel::delete(message_term::table.filter(its)).execute(tx.conn())?;
    let changes = (
        message::content.eq(&of.content),
        message::body.eq(&of.body),
        message::answers.eq(None::<MessageId>),
        message::answer.eq(None::<Vec<String>>),
        message::is_active.eq(of.is_active),
        message::record_version.eq(of.record_version),
        message::updated_at.eq(of.updated_at),
    );
    let key = (of.chatbot_id, of.conversation_id, of.seq.get());
    diesel::update(message::table.find(key)).set(changes).execute(tx.conn())
}

/// A message of the scope by its bare id, deleted or not.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, scope: &Scope, id: MessageId) -> QueryResult<Option<Message>> {
    let mine = message::chatbot_id.eq_any(scope.chatbots()).and(message::id.eq(id));
    one(conn, message::table.filter(mine).into_boxed())
}

/// A message of a conversation by its id, deleted or not.
///
/// # Errors
/// What Postgres says.
pub fn get(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    id: MessageId,
) -> QueryResult<Option<Message>> {
    let its = message::chatbot_id.eq(chatbot).and(message::conversation_id.eq(conversation));
    one(conn, message::table.filter(its.and(message::id.eq(id))).into_boxed())
}

/// The message that a sender's client calls so.
///
/// # Errors
/// What Postgres says.
pub fn by_client_id(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    sender: Sender,
    client_message_id: &str,
) -> QueryResult<Option<Message>> {
    let its = message::chatbot_id.eq(chatbot).and(message::conversation_id.eq(conversation));
    let theirs = message::sender_type.eq(sender.kind()).and(message::sender_id.eq(sender.id()));
    let it = its.and(theirs).and(message::client_message_id.eq(client_message_id));
    one(conn, message::table.filter(it).into_boxed())
}

/// The message that a channel calls so.
///
/// # Errors
/// What Postgres says.
pub fn by_source(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    inbox: InboxId,
    source_id: &str,
) -> QueryResult<Option<Message>> {
    let its = message::chatbot_id.eq(chatbot).and(message::inbox_id.eq(inbox));
    one(conn, message::table.filter(its.and(message::source_id.eq(source_id))).into_boxed())
}

/// The newest message of a conversation that is not deleted.
///
/// # Errors
/// What Postgres says.
pub fn newest_active(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
) -> QueryResult<Option<Message>> {
    let its = message::chatbot_id.eq(chatbot).and(message::conversation_id.eq(conversation));
    let active = message::table.filter(its.and(message::is_active));
    one(conn, active.order(message::seq.desc()).limit(1).into_boxed())
}

/// The messages of a range that are not deleted, ascending.
///
/// # Errors
/// What Postgres says.
pub fn range(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    range: SeqRange,
) -> QueryResult<Vec<Message>> {
    let its = here(chatbot, conversation);
    let within = its.filter(message::seq.between(range.first().get(), range.last().get()));
    load(conn, within.order(message::seq))
}

/// A page of the messages that are not deleted, by number: it begins where those before it would have ended, but for the
/// deleted ones, which are few and have an index of their own.
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    page: Page,
) -> QueryResult<Vec<Message>> {
    let its = message::chatbot_id.eq(chatbot).and(message::conversation_id.eq(conversation));
    let gone = message::table.filter(its.and(diesel::dsl::not(message::is_active)));
    let gone: Vec<i64> = gone.order(message::seq).select(message::seq).load(conn)?;
    let gone: Vec<Seq> = gone.into_iter().map(Seq::saturating).collect();
    newer(conn, chatbot, conversation, timeline::skipping(page.offset(), &gone), page.rows())
}

/// The messages that are not deleted nearest to a place, ascending.
///
/// # Errors
/// What Postgres says.
pub fn window(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    window: Window,
    limit: i64,
) -> QueryResult<Vec<Message>> {
    match window {
        Window::Newest => older(conn, chatbot, conversation, Seq::saturating(i64::MAX), limit),
        Window::Before(seq) => older(conn, chatbot, conversation, seq, limit),
        Window::After(seq) => newer(conn, chatbot, conversation, seq.next(), limit),
        Window::Around(seq) => {
            let before = older(conn, chatbot, conversation, seq, limit)?;
            Ok(timeline::nearest(before, newer(conn, chatbot, conversation, seq, limit)?, limit))
        }
    }
}

/// The newest before a place, ascending.
fn older(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    before: Seq,
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let rows = here(chatbot, conversation).filter(message::seq.lt(before.get()));
    let mut rows = load(conn, rows.order(message::seq.desc()).limit(limit))?;
    rows.reverse();
    Ok(rows)
}

/// The oldest from a place on, ascending.
fn newer(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    from: Seq,
    limit: i64,
) -> QueryResult<Vec<Message>> {
    let rows = here(chatbot, conversation).filter(message::seq.ge(from.get()));
    load(conn, rows.order(message::seq).limit(limit))
}

/// How many messages of a range do not count as unread for a side: its own, and those that are deleted.
///
/// # Errors
/// What Postgres says.
pub fn uncounted_in(
    conn: &mut PgConnection,
    chatbot: ChatbotId,
    conversation: ConversationId,
    side: Side,
    range: SeqRange,
) -> QueryResult<i64> {
    let within =
        here(chatbot, conversation).filter(message::seq.between(range.first().get(), range.last().get()));
    let counting = match side {
        Side::Agents => within.filter(message::sender_type.eq("contact")),
        Side::Contact => within.filter(message::sender_type.ne("contact")),
    };
    let count: i64 = counting.count().get_result(conn)?;
    Ok(range.count() - count)
}

fn here<'q>(chatbot: ChatbotId, conversation: ConversationId) -> message::BoxedQuery<'q, Pg> {
    let its = message::chatbot_id.eq(chatbot).and(message::conversation_id.eq(conversation));
    message::table.filter(its.and(message::is_active)).into_boxed()
}

fn one(conn: &mut PgConnection, query: message::BoxedQuery<'_, Pg>) -> QueryResult<Option<Message>> {
    Ok(load(conn, query.limit(1))?.pop())
}

fn load(conn: &mut PgConnection, query: message::BoxedQuery<'_, Pg>) -> QueryResult<Vec<Message>> {
    let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
    attachments::attach(conn, rows.into_iter().map(Message::from).collect())
}

/// Messages of the scope by their ids, in no order, without those that are deleted.
///
/// # Errors
/// What Postgres says.
pub fn of_ids(conn: &mut PgConnection, scope: &Scope, ids: &[MessageId]) -> QueryResult<Vec<Message>> {
    let these = message::chatbot_id.eq_any(scope.chatbots()).and(message::id.eq_any(ids));
    load(conn, message::table.filter(these.and(message::is_active)).into_boxed())
}
