//! A page of a user's conversations with everything that an answer shows of them, in one statement, which is one round
//! trip.
//!
//! It knows lists without a filter only. Where it says nothing, [`conversations::page`] and
//! the query for names tell the same; a test holds both together.

use std::cmp::Reverse;

use diesel::dsl::SqlTypeOf;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Uuid};
use directory::KnownUser;
use kit::UserId;

use crate::domain::conversation::{NAMED_PARTICIPANTS, Seen};
use crate::store::conversations::{self, Found};
use crate::store::participants;
use crate::store::schema::conversation;

/// A page of a user's conversations, the latest message first.
#[derive(Debug, Clone, Copy)]
pub struct Overview {
    user: UserId,
    rows: i64,
    offset: i64,
    named: i32,
}

/// What there is.
#[derive(Debug)]
pub struct Shown {
    /// The conversations.
    pub seen: Vec<Seen>,
    /// How many there are on all pages.
    pub total: i64,
    /// Those who are named as participants of these.
    pub people: Vec<KnownUser>,
}

/// One of the parts that the statement puts under one another: how many there are, a conversation, the member who looks
/// and whether they hid the newest message; or somebody who is named.
type Part = (Option<(i64, bool)>, Option<conversations::Row>, Option<participants::Row>, Option<KnownUser>);
type Person = SqlTypeOf<<KnownUser as Selectable<Pg>>::SelectExpression>;

impl Overview {
    /// At most `rows` of what `user` sees, after `offset` others.
    #[must_use]
    pub fn of(user: UserId, rows: i64, offset: i64) -> Self {
        Self { user, rows, offset, named: i32::from(NAMED_PARTICIPANTS) }
    }

    /// Reads it; nothing where the page is empty, since then nothing tells how many there are.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn load(self, conn: &mut PgConnection) -> QueryResult<Option<Shown>> {
        let parts: Vec<Part> = RunQueryDsl::load(self, conn)?;
        let (mut found, mut total, mut people) = (Vec::<Found>::new(), None, Vec::new());
        for (counted, place, member, person) in parts {
            people.extend(person);
            if let (Some((all, is_hidden)), Some(place), Some(member)) = (counted, place, member) {
                total = Some(all);
                found.push((place, member, is_hidden));
            }
        }
        // The parts of a union come as they come.
        found.sort_by_key(|(place, ..)| Reverse(place.place()));
        let seen = conversations::seen(conn, self.user, found)?;
        Ok(total.map(|total| Shown { seen, total, people }))
    }
}

impl QueryId for Overview {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Overview {
    type SqlType = (
        Nullable<(BigInt, Bool)>,
        Nullable<conversation::SqlType>,
        Nullable<participants::SqlRow>,
        Nullable<Person>,
    );
}

impl RunQueryDsl<PgConnection> for Overview {}

/// The people are an array: a join would read all there are, as long as they are a few thousand.
const PAGE: &str = "WITH page AS (
        SELECT count(*) OVER () AS total, c.*, p.conversation_id, p.user_id, p.is_member, p.joined_at, p.read_seq,
            p.uncounted, p.visible_from, p.rev, p.absent, p.hidden_seq
        FROM participant p JOIN conversation c ON c.id = p.conversation_id
        WHERE p.is_member AND c.is_active AND (p.hidden_seq IS NULL OR c.last_seq > p.hidden_seq) AND p.user_id = ";
const CONVERSATIONS: &str = "
    )
    SELECT total, EXISTS (SELECT FROM hide h
            WHERE h.conversation_id = c.id AND h.user_id = c.user_id AND h.seq = c.last_message_seq),
        id, is_group, creator_id, member_ids, is_active, record_version, created_at, updated_at, last_seq,
        last_message_at, last_message_id, last_message_sender_id, last_message_kind, last_message_preview,
        last_message_seq, last_message_sent_at, name, icon, description,
        user_id, is_member, joined_at, read_seq, uncounted, visible_from, rev, absent, hidden_seq,
        NULL::uuid, NULL::text, NULL::text, NULL::boolean, NULL::integer, NULL::text
    FROM page c
    UNION ALL
    SELECT NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        id, fullname, avatar, is_active, record_version, timezone
    FROM known_user WHERE id = ANY (ARRAY(SELECT unnest(member_ids[: ";

impl QueryFragment<Pg> for Overview {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(PAGE);
        out.push_bind_param::<Uuid, _>(&self.user)?;
        out.push_sql("\n        ORDER BY c.last_message_at DESC, c.id DESC LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)?;
        out.push_sql(CONVERSATIONS);
        out.push_bind_param::<Integer, _>(&self.named)?;
        out.push_sql("]) FROM page))");
        Ok(())
    }
}
