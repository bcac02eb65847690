//! Conversations, as one of their members sees them.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, exists, select};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use kit::{Page, Tx, UserId};
use timeline::Seq;

use crate::domain::conversation::{Conversation, ConversationId, LastMessage, Seen};
use crate::domain::message::{Kind, MessageId};
use crate::store::participants::WatermarkRow;
use crate::store::schema::{conversation, participant};

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation)]
struct Row {
    id: ConversationId,
    is_group: bool,
    creator_id: UserId,
    member_ids: Vec<UserId>,
    is_active: bool,
    record_version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    last_seq: i64,
    last_message_at: DateTime<Utc>,
    last_message_id: Option<MessageId>,
    last_message_sender_id: Option<UserId>,
    last_message_kind: Option<String>,
    last_message_preview: Option<String>,
}

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        let last_message = row.last_message();
        Self {
            id: row.id,
            is_group: row.is_group,
            creator_id: row.creator_id,
            member_ids: row.member_ids,
            is_active: row.is_active,
            record_version: row.record_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_seq: Seq::saturating(row.last_seq),
            last_message_at: row.last_message_at,
            last_message,
        }
    }
}

impl Row {
    fn last_message(&self) -> Option<LastMessage> {
        Some(LastMessage {
            id: self.last_message_id?,
            sender_id: self.last_message_sender_id?,
            kind: Kind::parse(self.last_message_kind.as_deref()?)?,
            preview: self.last_message_preview.clone()?,
        })
    }
}

fn seen((row, watermark): (Row, WatermarkRow)) -> Seen {
    Seen { conversation: row.into(), watermark: watermark.into() }
}

/// Stores a new conversation; false when one of that id is there already.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, new: &Conversation) -> QueryResult<bool> {
    let row = (
        conversation::id.eq(new.id),
        conversation::is_group.eq(new.is_group),
        conversation::creator_id.eq(new.creator_id),
        conversation::member_ids.eq(&new.member_ids),
        conversation::created_at.eq(new.created_at),
        conversation::updated_at.eq(new.updated_at),
        conversation::last_message_at.eq(new.last_message_at),
    );
    let inserted = diesel::insert_into(conversation::table).values(row).on_conflict_do_nothing();
    Ok(inserted.execute(tx.conn())? == 1)
}

/// A conversation as a member sees it; nothing when it is not there, or they are not in it.
///
/// # Errors
/// What Postgres says.
pub fn find(conn: &mut PgConnection, id: ConversationId, user: UserId) -> QueryResult<Option<Seen>> {
    let of_user =
        participant::conversation_id.eq(id).and(participant::user_id.eq(user)).and(participant::is_member);
    conversation::table
        .inner_join(participant::table.on(participant::conversation_id.eq(conversation::id).and(of_user)))
        .filter(conversation::id.eq(id).and(conversation::is_active))
        .select((Row::as_select(), WatermarkRow::as_select()))
        .first(conn)
        .optional()
        .map(|found| found.map(seen))
}

/// Whether there is such a conversation, whoever is in it.
///
/// # Errors
/// What Postgres says.
pub fn is_there(conn: &mut PgConnection, id: ConversationId) -> QueryResult<bool> {
    let active = conversation::table.filter(conversation::id.eq(id).and(conversation::is_active));
    select(exists(active)).get_result(conn)
}

/// A page of a user's conversations, the latest message first, and how many they are.
///
/// # Errors
/// What Postgres says.
pub fn page(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<(Vec<Seen>, i64)> {
    let joined = participant::conversation_id.eq(conversation::id);
    let of_user = participant::user_id.eq(user).and(participant::is_member).and(conversation::is_active);
    let total = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(of_user)
        .select(count_star())
        .first(conn)?;
    let rows = participant::table
        .inner_join(conversation::table.on(joined))
        .filter(of_user)
        .order((conversation::last_message_at.desc(), conversation::id.desc()))
        .limit(page.rows())
        .offset(page.offset())
        .select((Row::as_select(), WatermarkRow::as_select()))
        .load(conn)?;
    Ok((rows.into_iter().map(seen).collect(), total))
}

diesel::allow_tables_to_appear_in_same_query!(conversation, participant);
