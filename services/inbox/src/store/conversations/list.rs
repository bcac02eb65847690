//! The list of conversations.

use diesel::dsl::{exists, not, sql};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use kit::filters::{DateFilter, Filter as _, IdFilter, WordFilter};
use kit::queries::{Counted, Fresh};
use kit::{Page, UserId};

use super::Row;
use crate::domain::chatbot::Scope;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ContactId, InboxId};
use crate::store::merged::Merged;
use crate::store::schema::{conversation, conversation_participant};

/// How many conversations a list reaches: it is exact below that, and counts no further.
pub const REACHED: i64 = 10_000;

/// Which conversations are wanted; what is absent asks for nothing.
#[derive(Debug, Default)]
pub struct ConversationFilter {
    /// In one of these inboxes.
    pub inboxes: Option<IdFilter<InboxId>>,
    /// With one of these contacts.
    pub contacts: Option<IdFilter<ContactId>>,
    /// One of these agents takes part, or none does.
    pub participants: Option<IdFilter<UserId>>,
    /// One of these agents takes care of it, or nobody does.
    pub assignees: Option<IdFilter<UserId>>,
    /// Standing so.
    pub statuses: Option<WordFilter>,
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
    let query = conversation::table
        .filter(conversation::is_active)
        .filter(filter.inboxes.on(conversation::inbox_id))
        .filter(filter.contacts.on(conversation::contact_id))
        .filter(filter.assignees.on(conversation::assignee_id))
        .filter(filter.statuses.on(conversation::status))
        .filter(filter.last_message_at.on(conversation::last_message_at))
        .into_boxed();
    let query = match filter.unread {
        Some(true) => query.filter(conversation::agent_unread.gt(0)),
        Some(false) => query.filter(conversation::agent_unread.eq(0)),
        None => query,
    };
    match &filter.participants {
        Some(users) if users.or_null() => {
            query.filter(exists(part_of(users.ids())).or(not(exists(agents()))))
        }
        Some(users) => query.filter(exists(part_of(users.ids()))),
        None => query,
    }
}

/// The agents who take part in the conversation at hand.
#[diesel::dsl::auto_type]
fn agents() -> _ {
    let its = conversation_participant::chatbot_id.eq(conversation::chatbot_id);
    let its = its.and(conversation_participant::conversation_id.eq(conversation::id));
    conversation_participant::table.filter(its.and(conversation_participant::user_id.is_not_null()))
}

/// What makes one of these users a participant of the conversation at hand.
#[diesel::dsl::auto_type(no_type_alias)]
fn part_of<'f>(users: &'f [UserId]) -> _ {
    let theirs: diesel::dsl::EqAny<conversation_participant::user_id, &'f [UserId]> =
        conversation_participant::user_id.eq_any(users);
    let agents: agents = agents();
    agents.filter(theirs)
}

diesel::allow_tables_to_appear_in_same_query!(conversation, conversation_participant);
