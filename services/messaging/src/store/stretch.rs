//! A stretch of a conversation with everything that an answer shows of it, in one statement, which is one round trip.
//!
//! It knows the common case only: a member from whom nothing in between is hidden, so that places in the conversation
//! are arithmetic, and no filter. Where it says nothing, [`History`](super::history::History) and the queries for what
//! stands beside messages tell the same, or why not; a test holds both together.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Uuid};
use kit::{Page, SeqQuery, UserId};
use timeline::Seq;

use crate::domain::conversation::ConversationId;
use crate::domain::message::Message;
use crate::domain::participant::{Mark, Participant, Reader};
use crate::store::schema::message;
use crate::store::{messages, participants};

/// The messages at a place in a conversation, for one of its members.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    conversation_id: ConversationId,
    user: UserId,
    /// It begins after this number,
    after: i64,
    /// and after so many more;
    skipped: i64,
    /// or else it ends before this number.
    before: Option<i64>,
    /// How many messages, at most.
    size: i64,
}

/// What there is.
#[derive(Debug)]
pub struct Shown {
    /// The newest number of the conversation.
    pub last_seq: Seq,
    /// Who looks.
    pub member: Participant,
    /// The messages, ascending.
    pub messages: Vec<Message>,
    /// All members, in the order in which they joined.
    pub readers: Vec<Reader>,
    /// What members did with single ones of these messages.
    pub marks: Vec<Mark>,
}

/// One of the parts that the statement puts under one another: the conversation with the member who looks, a message,
/// a member, a mark.
type Part =
    (Option<i64>, Option<participants::Row>, Option<messages::Row>, Option<(i64, UserId, bool, bool)>);

type MarkRow = (BigInt, Uuid, Bool, Bool);

impl Stretch {
    /// What is asked for, unless it lies around a place: that is two stretches.
    #[must_use]
    pub fn of(id: ConversationId, user: UserId, page: Page, place: Option<SeqQuery>) -> Option<Self> {
        let size = place.map_or(page, SeqQuery::page).rows();
        let first = Self { conversation_id: id, user, after: 0, skipped: 0, before: None, size };
        match place {
            None => Some(Self { skipped: page.offset(), ..first }),
            Some(SeqQuery::Newest { .. }) => Some(Self { before: Some(i64::MAX), ..first }),
            Some(SeqQuery::Before { seq, .. }) => Some(Self { before: Some(seq), ..first }),
            Some(SeqQuery::After { seq, .. }) => Some(Self { after: seq, ..first }),
            Some(SeqQuery::Around { .. }) => None,
        }
    }

    /// Reads it; nothing where the user is no member, or hid the conversation, or something in between is hidden from them.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn load(self, conn: &mut PgConnection) -> QueryResult<Option<Shown>> {
        let parts: Vec<Part> = RunQueryDsl::load(self, conn)?;
        Ok(Shown::of(parts))
    }
}

impl Shown {
    fn of(parts: Vec<Part>) -> Option<Self> {
        let (mut seen, mut messages, mut members, mut marks) = (None, Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                (Some(last_seq), member, ..) => seen = Some(Seq::saturating(last_seq)).zip(member),
                (_, Some(member), ..) => members.push(Participant::from(member)),
                (_, _, message, mark) => {
                    messages.extend(message.map(Message::from));
                    marks.extend(mark.map(mark_of));
                }
            }
        }
        let (last_seq, member) = seen?;
        messages.sort_unstable_by_key(|message| message.seq);
        members.sort_unstable_by_key(|member| (member.joined_at, member.user_id));
        let reader = |member: Participant| Reader { user_id: member.user_id, watermark: member.watermark };
        let readers = members.into_iter().map(reader).collect();
        Some(Self { last_seq, member: member.into(), messages, readers, marks })
    }
}

fn mark_of((seq, user_id, hidden, read): (i64, UserId, bool, bool)) -> Mark {
    Mark { seq: Seq::saturating(seq), user_id, hidden, read }
}

impl QueryId for Stretch {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Stretch {
    type SqlType =
        (Nullable<BigInt>, Nullable<participants::SqlRow>, Nullable<message::SqlType>, Nullable<MarkRow>);
}

impl RunQueryDsl<PgConnection> for Stretch {}

/// What was asked for stands beside what was found, so that it is bound once. `least` passes over NULL; places beyond the
/// end are brought to it, so that no sum leaves 64 bits.
const CUT: &str = "
    ), stretch AS (
        SELECT conversation_id, size, least(before - 1, last_seq) AS newest, CASE WHEN before IS NULL
            THEN greatest(visible_from, least(after, last_seq) + 1) + least(skipped, last_seq)
            ELSE greatest(visible_from, least(before - 1, last_seq) - size + 1) END AS first
        FROM seen
    ), cut AS (
        SELECT conversation_id, first, least(newest, first + size - 1) AS last FROM stretch
    )";
const MEMBER: &str = "p.user_id, p.is_member, p.joined_at, p.read_seq, p.uncounted, p.visible_from, p.rev, p.absent, p.hidden_seq";
const NO_MEMBER: &str =
    "NULL::uuid, NULL::boolean, NULL::timestamptz, NULL::bigint, NULL::bigint, NULL::bigint,
        NULL::bigint, NULL::bigint, NULL::bigint";
const MESSAGE: &str = "m.conversation_id, m.seq, m.id, m.sender_id, m.kind, m.content, m.client_message_id,
        m.is_active, m.record_version, m.sent_at, m.updated_at, m.reply_to, m.reaction_rev, m.file_ids";
const NO_MESSAGE: &str =
    "NULL::uuid, NULL::bigint, NULL::uuid, NULL::uuid, NULL::text, NULL::text, NULL::text,
        NULL::boolean, NULL::integer, NULL::timestamptz, NULL::timestamptz, NULL::uuid, NULL::bigint, NULL::uuid[]";
const NO_MARK: &str = "NULL::bigint, NULL::uuid, NULL::boolean, NULL::boolean";

/// A select for each kind of part: what it has, and NULL for what it has not.
#[rustfmt::skip]
const PARTS: [&[&str]; 5] = [
    &["
    SELECT last_seq, ", MEMBER, ", ", NO_MESSAGE, ", ", NO_MARK, "
    FROM seen p
    UNION ALL"],
    &["
    SELECT NULL, ", NO_MEMBER, ", ", MESSAGE, ", ", NO_MARK, "
    FROM cut JOIN message m USING (conversation_id) WHERE m.seq BETWEEN first AND last
    UNION ALL"],
    &["
    SELECT NULL, ", MEMBER, ", ", NO_MESSAGE, ", ", NO_MARK, "
    FROM cut JOIN participant p USING (conversation_id) WHERE p.is_member
    UNION ALL"],
    &["
    SELECT NULL, ", NO_MEMBER, ", ", NO_MESSAGE, ", r.seq, r.user_id, false, true
    FROM cut JOIN receipt r USING (conversation_id) WHERE r.seq BETWEEN first AND last
    UNION ALL"],
    &["
    SELECT NULL, ", NO_MEMBER, ", ", NO_MESSAGE, ", h.seq, h.user_id, true, h.had_read
    FROM cut JOIN hide h USING (conversation_id) WHERE h.seq BETWEEN first AND last"],
];

impl QueryFragment<Pg> for Stretch {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.see(&mut out)?;
        out.push_sql(CUT);
        PARTS.iter().copied().flatten().for_each(|part| out.push_sql(part));
        Ok(())
    }
}

impl Stretch {
    fn see<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH seen AS (\n        SELECT c.last_seq, p.*, ");
        out.push_bind_param::<BigInt, _>(&self.after)?;
        out.push_sql("::bigint AS after, ");
        out.push_bind_param::<BigInt, _>(&self.skipped)?;
        out.push_sql("::bigint AS skipped, ");
        out.push_bind_param::<Nullable<BigInt>, _>(&self.before)?;
        out.push_sql("::bigint AS before, ");
        out.push_bind_param::<BigInt, _>(&self.size)?;
        out.push_sql(
            "::bigint AS size\n        FROM participant p JOIN conversation c ON c.id = p.conversation_id",
        );
        out.push_sql("\n        WHERE c.is_active AND p.is_member AND p.absent = 0");
        out.push_sql(" AND (p.hidden_seq IS NULL OR c.last_seq > p.hidden_seq) AND p.conversation_id = ");
        out.push_bind_param::<Uuid, _>(&self.conversation_id)?;
        out.push_sql(" AND p.user_id = ");
        out.push_bind_param::<Uuid, _>(&self.user)
    }
}
