//! What all events of our own conversations come to, for who asks whether the unified inbox knows it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use kit::UserId;

use crate::domain::inbox_entry::{Agents, Copied, Facts, Source, Told};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    chatbot_id: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    inbox_id: String,
    #[diesel(sql_type = Text)]
    contact_id: String,
    #[diesel(sql_type = Bool)]
    is_active: bool,
    #[diesel(sql_type = Integer)]
    record_version: i32,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
    #[diesel(sql_type = Timestamptz)]
    last_message_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    agent_read_seq: i64,
    #[diesel(sql_type = BigInt)]
    agent_uncounted: i64,
    #[diesel(sql_type = BigInt)]
    agent_rev: i64,
    #[diesel(embed)]
    last: Option<Last>,
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    message_id: String,
    #[diesel(sql_type = Text)]
    message_type: String,
    #[diesel(sql_type = Text)]
    sender_type: String,
    #[diesel(sql_type = Nullable<Text>)]
    sender_id: Option<String>,
    #[diesel(sql_type = Text)]
    preview: String,
    #[diesel(sql_type = Timestamptz)]
    sent_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_there: bool,
    #[diesel(sql_type = Integer)]
    message_version: i32,
}

const AFTER: &str = "
    SELECT c.chatbot_id, c.id, c.inbox_id, c.contact_id, c.is_active, c.record_version, c.last_seq, c.last_message_at,
        c.agent_read_seq, c.agent_uncounted, c.agent_rev,
        m.seq, m.id AS message_id, m.message_type, m.sender_type, m.sender_id, left(coalesce(m.content, ''), 200) AS preview,
        m.created_at AS sent_at, m.is_active AS is_there, m.record_version AS message_version
    FROM conversation c
    LEFT JOIN message m ON m.chatbot_id = c.chatbot_id AND m.conversation_id = c.id AND m.seq = c.last_message_seq
    WHERE (c.chatbot_id, c.id) > ($1, $2) AND ($3 OR c.id = ANY ($4))
    ORDER BY c.chatbot_id, c.id LIMIT $5";

/// The conversations after a place, in the order of chatbots and ids, and the last of these places; of these ids only,
/// where there are any.
///
/// # Errors
/// What Postgres says.
pub fn after(
    conn: &mut PgConnection,
    (chatbot, id): (&str, &str),
    ids: &[String],
    limit: i64,
) -> QueryResult<(Vec<Told>, Option<String>)> {
    let query = sql_query(AFTER).bind::<Text, _>(chatbot).bind::<Text, _>(id);
    let query = query.bind::<Bool, _>(ids.is_empty()).bind::<Array<Text>, _>(ids);
    let rows: Vec<Row> = query.bind::<BigInt, _>(limit).load(conn)?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| is_full).map(|row| format!("{},{}", row.chatbot_id, row.id));
    Ok((rows.into_iter().map(told).collect(), next))
}

fn told(row: Row) -> Told {
    let facts = Facts {
        chatbot_id: Some(row.chatbot_id),
        inbox_id: Some(row.inbox_id),
        contact_id: Some(row.contact_id),
        is_active: row.is_active,
        record_version: row.record_version,
        ..Facts::default()
    };
    let (read_seq, uncounted, rev) = (row.agent_read_seq, row.agent_uncounted, row.agent_rev);
    let told = Told {
        facts: Some(facts),
        agents: Some(Agents { read_seq, uncounted, rev }),
        last_message_at: row.last_message_at,
        ..Told::of(Source::Inbox, &row.id)
    };
    told.newest(row.last.map(copied), row.last_seq)
}

fn copied(of: Last) -> Copied {
    Copied {
        seq: of.seq,
        id: of.message_id,
        kind: of.message_type,
        sender_type: of.sender_type,
        sender_id: of.sender_id,
        preview: of.preview,
        sent_at: of.sent_at,
        is_active: of.is_there,
        record_version: of.message_version,
        newest_up_to: of.seq,
    }
}

#[derive(QueryableByName)]
struct Agent {
    #[diesel(sql_type = Text)]
    chatbot_id: String,
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
}

/// Who answers for these chatbots.
///
/// # Errors
/// What Postgres says.
pub fn agents(conn: &mut PgConnection, chatbots: &[String]) -> QueryResult<Vec<(String, UserId)>> {
    let query = sql_query(
        "SELECT m.chatbot_id, m.user_id FROM chatbot_member m JOIN chatbot c ON c.id = m.chatbot_id
         WHERE m.chatbot_id = ANY ($1) AND m.is_active AND c.is_active",
    );
    let rows: Vec<Agent> = query.bind::<Array<Text>, _>(chatbots).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.chatbot_id, row.user_id)).collect())
}
