//! Sending: check, save and announce in one statement, which is one round trip.

use chrono::{DateTime, Utc};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid};
use events::Payload as _;
use events::messaging::MessageCreated;
use kit::OneStatement;
use serde_json::{Value, json};
use timeline::Seq;

use crate::domain::message::{Draft, Message};

/// A draft on its way.
///
/// Whatever it decides on is a column of a row that it locks or updates: membership on the sender's own row, the
/// recipients on the conversation's. A deleted conversation has no members, so that the sender's row alone says no.
/// Locks are taken in the order participant, conversation.
#[derive(Debug, Clone)]
pub struct Send {
    draft: Draft,
    kind: &'static str,
    event_id: uuid::Uuid,
    request_id: String,
    data: Value,
}

/// The number that a message got, and the time.
type Placed = (i64, DateTime<Utc>);

impl Send {
    /// Sends `draft` and announces it under `event_id`.
    #[must_use]
    pub fn new(draft: Draft, event_id: uuid::Uuid, request_id: &str) -> Self {
        let data = json!({
            "id": draft.id,
            "conversationId": draft.conversation_id,
            "senderUserId": draft.sender_id,
            "content": draft.content,
            "type": draft.kind.name(),
            "clientMessageId": draft.client_message_id,
            "replyTo": draft.reply_to,
            "fileIds": draft.file_ids,
            "isActive": true,
            "recordVersion": 1,
        });
        Self { kind: draft.kind.name(), draft, event_id, request_id: request_id.to_owned(), data }
    }

    /// What is being sent.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }
}

impl OneStatement for Send {
    type Row = Message;
    const TELLS: bool = true;

    fn run(&self, conn: &mut PgConnection) -> QueryResult<Option<Message>> {
        let placed: Option<Placed> = self.clone().get_result(conn).optional()?;
        Ok(placed.map(|(seq, sent_at)| self.draft.clone().numbered(Seq::saturating(seq), sent_at)))
    }
}

impl QueryId for Send {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Send {
    type SqlType = (BigInt, Timestamptz);
}

impl RunQueryDsl<PgConnection> for Send {}

const SENDER: &str = "
    WITH sender AS (
        UPDATE participant SET uncounted = uncounted + 1, rev = rev + 1
        WHERE is_member AND conversation_id = ";
const BUMPED: &str = "
        RETURNING conversation_id, user_id, read_seq, uncounted, visible_from, is_member, hidden_seq, rev
    ), bumped AS (
        UPDATE conversation AS c SET
            last_seq = c.last_seq + 1, last_message_seq = c.last_seq + 1, last_message_sender_id = s.user_id";
const STORED: &str = "
        FROM sender s WHERE c.id = s.conversation_id
        RETURNING c.last_seq, c.last_message_at, c.member_ids, s.*
    ), stored AS (
        INSERT INTO message
            (conversation_id, seq, sender_id, sent_at, updated_at, id, kind, content, client_message_id, reply_to,
            file_ids)
        SELECT conversation_id, last_seq, user_id, last_message_at, last_message_at, ";
const ANNOUNCED: &str = " FROM bumped
    ), announced AS (
        INSERT INTO outbox (subject, time, recipients, id, type, version, request_id, data)
        SELECT conversation_id::text, last_message_at,
            ARRAY(SELECT 'user:' || member FROM unnest(member_ids) AS member), ";
/// What only the statement knows, added to the event as the draft has it.
const DATA: &str = " || jsonb_build_object('seq', last_seq, 'sentAt', at, 'createdAt', at, 'updatedAt', at),
                'members', jsonb_build_array(jsonb_build_object('userId', user_id, 'readSeq', read_seq,
                    'uncounted', uncounted, 'visibleFrom', visible_from, 'isMember', is_member,
                    'hiddenSeq', hidden_seq, 'rev', rev)))
        FROM bumped, to_char(last_message_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\":\"MI\":\"SS.MS\"Z\"') AS at
    ) SELECT last_seq, last_message_at FROM bumped";

impl QueryFragment<Pg> for Send {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.check(&mut out)?;
        self.bump(&mut out)?;
        self.store(&mut out)?;
        self.announce(&mut out)
    }
}

impl Send {
    fn check<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(SENDER);
        out.push_bind_param::<Uuid, _>(&self.draft.conversation_id)?;
        out.push_sql(" AND user_id = ");
        out.push_bind_param::<Uuid, _>(&self.draft.sender_id)
    }

    fn bump<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(BUMPED);
        out.push_sql(", last_message_at = greatest(c.last_message_at, ");
        out.push_bind_param::<Timestamptz, _>(&self.draft.now)?;
        out.push_sql("), last_message_sent_at = greatest(c.last_message_at, ");
        out.push_bind_param::<Timestamptz, _>(&self.draft.now)?;
        out.push_sql("), last_message_id = ");
        out.push_bind_param::<Uuid, _>(&self.draft.id)?;
        out.push_sql(", last_message_kind = ");
        self.kind(out)?;
        out.push_sql(", last_message_preview = left(");
        out.push_bind_param::<Text, _>(&self.draft.content)?;
        out.push_sql(", 200)");
        Ok(())
    }

    fn store<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(STORED);
        out.push_bind_param::<Uuid, _>(&self.draft.id)?;
        out.push_sql(", ");
        self.kind(out)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.draft.content)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Text>, _>(&self.draft.client_message_id)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Uuid>, _>(&self.draft.reply_to)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Uuid>, _>(&self.draft.file_ids)
    }

    fn announce<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(ANNOUNCED);
        out.push_bind_param::<Uuid, _>(&self.event_id)?;
        out.push_sql(&format!(", '{}', {}, ", MessageCreated::TYPE, MessageCreated::VERSION));
        out.push_bind_param::<Text, _>(&self.request_id)?;
        out.push_sql(", jsonb_build_object('message', ");
        out.push_bind_param::<Jsonb, _>(&self.data)?;
        out.push_sql(DATA);
        Ok(())
    }

    /// Bound, since the statement is prepared once for all kinds.
    fn kind<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Text, _>(self.kind)
    }
}
