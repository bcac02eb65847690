//! What a member can see of the messages: parts of it, in order.

use diesel::dsl::{exists, not};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid};
use kit::filters::{DateFilter, Filter as _, IdFilter};
use kit::{Page, UserId};
use timeline::{Seq, Window, nearest};

use crate::domain::conversation::ConversationId;
use crate::domain::message::Message;
use crate::store::conversations::is_shown_to;
use crate::store::messages::Row;
use crate::store::schema::{conversation, hide, message, participant, receipt};

/// Which of the messages that a user can see are wanted.
#[derive(Debug, Default)]
pub struct MessageFilter {
    /// Where they were said.
    pub conversations: Option<IdFilter<ConversationId>>,
    /// Who said them.
    pub senders: Option<IdFilter<UserId>>,
    /// When.
    pub sent_at: Option<DateFilter>,
    /// Who has not read them: as their unread count has it.
    pub unread_by: Option<UserId>,
}

impl MessageFilter {
    /// The one conversation that is asked for, if it is one.
    #[must_use]
    pub fn only_conversation(&self) -> Option<ConversationId> {
        self.conversations.as_ref().and_then(IdFilter::only)
    }

    /// Whether nothing is asked for besides conversations.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.senders.is_none() && self.sent_at.is_none() && self.unread_by.is_none()
    }
}

/// The messages that a user can see, in one conversation or in all of theirs, and that are wanted.
pub struct History<'a> {
    /// Who looks.
    pub user: UserId,
    /// The one conversation and from where they see it, already checked; else all of theirs.
    pub place: Option<(ConversationId, Seq)>,
    /// Which are wanted.
    pub filter: &'a MessageFilter,
}

impl History<'_> {
    /// How many they are.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn count(&self, conn: &mut PgConnection) -> QueryResult<i64> {
        self.query().count().get_result(conn)
    }

    /// A page of them: of one conversation by number, of several by time.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn page(&self, conn: &mut PgConnection, page: Page) -> QueryResult<Vec<Message>> {
        let query = self.query().limit(page.rows()).offset(page.offset());
        let rows = match self.place {
            Some(_) => query.order(message::seq).select(Row::as_select()).load(conn)?,
            None => query.order((message::sent_at, message::id)).select(Row::as_select()).load(conn)?,
        };
        Ok(rows.into_iter().map(Message::from).collect())
    }

    /// The nearest of them to a place in one conversation, ascending.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn window(&self, conn: &mut PgConnection, window: Window, limit: i64) -> QueryResult<Vec<Message>> {
        match window {
            Window::Newest => self.older(conn, i64::MAX, limit),
            Window::Before(seq) => self.older(conn, seq.get(), limit),
            Window::After(seq) => self.newer(conn, seq.get().saturating_add(1), limit),
            Window::Around(seq) => {
                let older = self.older(conn, seq.get(), limit)?;
                Ok(nearest(older, self.newer(conn, seq.get(), limit)?, limit))
            }
        }
    }

    /// The newest of them in one conversation but for so many, ascending.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn newest(&self, conn: &mut PgConnection, limit: i64, skipped: i64) -> QueryResult<Vec<Message>> {
        let query = self.query().order(message::seq.desc()).limit(limit).offset(skipped);
        let rows = query.select(Row::as_select()).load(conn)?;
        Ok(rows.into_iter().rev().map(Message::from).collect())
    }

    /// The newest before `seq`, ascending.
    fn older(&self, conn: &mut PgConnection, seq: i64, limit: i64) -> QueryResult<Vec<Message>> {
        let query = self.query().filter(message::seq.lt(seq)).order(message::seq.desc()).limit(limit);
        let rows = query.select(Row::as_select()).load(conn)?;
        Ok(rows.into_iter().rev().map(Message::from).collect())
    }

    /// The oldest from `seq` on, ascending.
    fn newer(&self, conn: &mut PgConnection, seq: i64, limit: i64) -> QueryResult<Vec<Message>> {
        let query = self.query().filter(message::seq.ge(seq)).order(message::seq).limit(limit);
        let rows = query.select(Row::as_select()).load(conn)?;
        Ok(rows.into_iter().map(Message::from).collect())
    }

    fn query(&self) -> message::BoxedQuery<'_, Pg> {
        let MessageFilter { conversations, senders, sent_at, unread_by } = self.filter;
        let visible = message::table.filter(message::is_active.and(not(has_hidden(self.user)))).into_boxed();
        let placed = match self.place {
            Some((id, from)) => {
                visible.filter(message::conversation_id.eq(id).and(message::seq.ge(from.get())))
            }
            None => visible.filter(is_mine(self.user)).filter(conversations.on(message::conversation_id)),
        };
        let wanted = placed.filter(senders.on(message::sender_id)).filter(sent_at.on(message::sent_at));
        match unread_by {
            Some(user) => wanted.filter(is_unread_by(*user)).filter(not(has_hidden(*user))),
            None => wanted,
        }
    }
}

/// Whether the user deleted the message for themselves.
#[diesel::dsl::auto_type]
fn has_hidden(user: UserId) -> _ {
    let of_user = hide::conversation_id.eq(message::conversation_id).and(hide::user_id.eq(user));
    exists(hide::table.filter(of_user.and(hide::seq.eq(message::seq))))
}

/// Whether the message counts as unread for the user, hides aside.
#[diesel::dsl::auto_type]
fn is_unread_by(user: UserId) -> _ {
    let here = participant::conversation_id.eq(message::conversation_id).and(participant::user_id.eq(user));
    let above = participant::visible_from.le(message::seq).and(participant::read_seq.lt(message::seq));
    let not_passed = exists(participant::table.filter(here.and(participant::is_member).and(above)));
    let receipted = receipt::conversation_id.eq(message::conversation_id).and(receipt::user_id.eq(user));
    let read = exists(receipt::table.filter(receipted.and(receipt::seq.eq(message::seq))));
    message::sender_id.ne(user).and(not_passed).and(not(read))
}

/// Whether the message lies in a conversation of the user's, since they came.
#[diesel::dsl::auto_type]
fn is_mine(user: UserId) -> _ {
    let joined = participant::conversation_id.eq(conversation::id);
    let of_user: is_shown_to = is_shown_to(user);
    let here = conversation::id.eq(message::conversation_id).and(participant::visible_from.le(message::seq));
    exists(participant::table.inner_join(conversation::table.on(joined)).filter(of_user.and(here)))
}

/// Takes of each conversation no more than the page can need, so that a short page is cheap beside a long history.
const ACROSS: &str = "
    SELECT m.* FROM participant p
    JOIN conversation c ON c.id = p.conversation_id AND c.is_active
        AND (p.hidden_seq IS NULL OR c.last_seq > p.hidden_seq)
    CROSS JOIN LATERAL (
        SELECT * FROM message m
        WHERE m.conversation_id = p.conversation_id AND m.seq >= p.visible_from AND m.is_active
            AND NOT EXISTS (SELECT FROM hide h
                WHERE h.conversation_id = m.conversation_id AND h.user_id = p.user_id AND h.seq = m.seq)
        ORDER BY m.seq LIMIT $2 + $3
    ) m
    WHERE p.user_id = $1 AND p.is_member
    ORDER BY m.sent_at, m.id LIMIT $2 OFFSET $3";

/// A page over all of a user's conversations, by the time of sending, without conditions.
///
/// # Errors
/// What Postgres says.
pub fn page_across(conn: &mut PgConnection, user: UserId, page: Page) -> QueryResult<Vec<Message>> {
    let offset = page.offset().min(i64::MAX - page.rows());
    let query = diesel::sql_query(ACROSS).bind::<Uuid, _>(user).bind::<BigInt, _>(page.rows());
    let rows: Vec<Row> = query.bind::<BigInt, _>(offset).load(conn)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

diesel::allow_tables_to_appear_in_same_query!(message, participant, conversation, hide, receipt);
