//! The list of conversations.

use diesel::dsl::{exists, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use kit::filters::{DateFilter, Filter as _};
use kit::queries::{Counted, Fresh};
use kit::{Page, UserId};

use super::Row;
use crate::domain::chatbot::Scope;
use crate::domain::conversation::{Conversation, Status};
use crate::domain::ids::{ContactId, InboxId};
use crate::store::merged::Merged;
use crate::store::schema::{conversation, conversation_participant};

/// How many conversations a list reaches: it is exact below that, and counts no further.
pub const REACHED: i64 = 10_000;

/// Which conversations are wanted; what is empty or absent asks for nothing.
#[derive(Debug, Default)]
pub struct ConversationFilter {
    /// In one of these inboxes.
    pub inboxes: Vec<InboxId>,
    /// With one of these contacts.
    pub contacts: Vec<ContactId>,
    /// One of these agents takes part.
    pub participants: Vec<UserId>,
    /// One of these agents takes care of it.
    pub assignees: Vec<UserId>,
    /// Standing so.
    pub statuses: Vec<Status>,
    /// With something, or nothing, that no agent has read.
    pub unread: Option<bool>,
    /// When the newest message was sent.
    pub last_message_at: Option<DateFilter>,
}

/// A page of the conversations of the scope, the latest message first, and how many they are: at most [`REACHED`].
///
/// # Errors
/// What Postgres says.
pub fn page(
    conn: &mut PgConnection,
    scope: &Scope,
    filter: &ConversationFilter,
    page: Page,
) -> QueryResult<(Vec<Conversation>, i64)> {
    let all = wanted(filter).filter(conversation::chatbot_id.eq_any(scope.chatbots()));
    let total = Fresh(Counted(all.select(sql::<Integer>("1")).limit(REACHED))).get_result(conn)?;
    if page.offset() >= total {
        return Ok((Vec::new(), total));
    }
    let of_each = wanted(filter).filter(sql::<Bool>("conversation.chatbot_id = its.chatbot_id"));
    let in_order = of_each.order((conversation::last_message_at.desc(), conversation::id.desc()));
    let of_each = in_order.limit(page.offset().saturating_add(page.rows()));
    let (chatbots, of_each) = (scope.chatbots(), of_each.select(Row::as_select()));
    let order = "last_message_at DESC, id DESC";
    let rows: Vec<Row> = Merged { chatbots, of_each, order, page }.load(conn)?;
    Ok((rows.into_iter().map(Conversation::from).collect(), total))
}

fn wanted(filter: &ConversationFilter) -> conversation::BoxedQuery<'_, Pg> {
    let mut query = conversation::table
        .filter(conversation::is_active)
        .filter(filter.last_message_at.on(conversation::last_message_at))
        .into_boxed();
    // Only of one value does the planner know that an index has the rows in order.
    query = match filter.inboxes.as_slice() {
        [] => query,
        [one] => query.filter(conversation::inbox_id.eq(one)),
        several => query.filter(conversation::inbox_id.eq_any(several)),
    };
    query = match filter.assignees.as_slice() {
        [] => query,
        [one] => query.filter(conversation::assignee_id.eq(one)),
        several => query.filter(conversation::assignee_id.eq_any(several)),
    };
    if !filter.contacts.is_empty() {
        query = query.filter(conversation::contact_id.eq_any(&filter.contacts));
    }
    if !filter.statuses.is_empty() {
        let names: Vec<&str> = filter.statuses.iter().map(|status| status.name()).collect();
        query = query.filter(conversation::status.eq_any(names));
    }
    query = match filter.unread {
        Some(true) => query.filter(conversation::agent_unread.gt(0)),
        Some(false) => query.filter(conversation::agent_unread.eq(0)),
        None => query,
    };
    if filter.participants.is_empty() { query } else { query.filter(exists(part_of(&filter.participants))) }
}

/// What makes one of these users a participant of the conversation at hand.
#[diesel::dsl::auto_type(no_type_alias)]
fn part_of<'f>(users: &'f [UserId]) -> _ {
    let its = conversation_participant::chatbot_id.eq(conversation::chatbot_id);
    let its = its.and(conversation_participant::conversation_id.eq(conversation::id));
    let theirs: diesel::dsl::EqAny<conversation_participant::user_id, &'f [UserId]> =
        conversation_participant::user_id.eq_any(users);
    conversation_participant::table.filter(its.and(theirs))
}

diesel::allow_tables_to_appear_in_same_query!(conversation, conversation_participant);
