//! Lists over several chatbots that each have an index of their own order.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text};
use kit::Page;

use crate::domain::ids::ChatbotId;

/// The first rows of each chatbot, along the index, merged: no more is read than could be on the page.
///
/// The query of each is of `its.chatbot_id`, in the order, and limited to what lies before the page's end.
pub(super) struct Merged<'a, Q> {
    pub(super) chatbots: &'a [ChatbotId],
    pub(super) of_each: Q,
    pub(super) order: &'static str,
    pub(super) page: Page,
}

impl<Q: Query> Query for Merged<'_, Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Merged<'_, Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> RunQueryDsl<PgConnection> for Merged<'_, Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Merged<'_, Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("SELECT found.* FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.chatbots)?;
        out.push_sql(") AS its(chatbot_id) CROSS JOIN LATERAL (");
        self.of_each.walk_ast(out.reborrow())?;
        out.push_sql(") AS found ORDER BY ");
        out.push_sql(self.order);
        out.push_sql(&format!(" LIMIT {} OFFSET {}", self.page.rows(), self.page.offset()));
        Ok(())
    }
}
