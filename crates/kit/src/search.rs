//! Searching texts by terms that a service makes of them itself: `tsvector`, without any of Postgres' dictionaries.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Bool, SqlType, Text};

/// The type of a column that holds a text's terms, for a GIN index.
#[derive(Debug, Clone, Copy, SqlType, QueryId)]
#[diesel(postgres_type(name = "tsvector", schema = "pg_catalog"))]
pub struct Tsvector;

#[diesel::declare_sql_function]
extern "SQL" {
    /// Terms as they stand, for a column of that type: none may be empty.
    fn array_to_tsvector(terms: Array<Text>) -> Tsvector;
}

/// The condition that a column of terms matches a `tsquery`, such as `'desk':* & 'oak':*`.
///
/// Postgres plans it anew each time, since rare and frequent terms want different plans.
#[derive(Debug, Clone, Copy)]
pub struct Matches<'q, C> {
    column: C,
    query: &'q str,
}

impl<'q, C: Expression<SqlType = Tsvector>> Matches<'q, C> {
    /// Whether the column matches. The query must be well-formed.
    #[must_use]
    pub fn new(column: C, query: &'q str) -> Self {
        Self { column, query }
    }
}

impl<C> Expression for Matches<'_, C> {
    type SqlType = Bool;
}

impl<C, Source> AppearsOnTable<Source> for Matches<'_, C> where C: AppearsOnTable<Source> {}

impl<C, Source> SelectableExpression<Source> for Matches<'_, C> where C: SelectableExpression<Source> {}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Matches<'_, C> {
    type IsAggregate = C::IsAggregate;
}

impl<C> QueryId for Matches<'_, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Matches<'_, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" @@ ");
        out.push_bind_param::<Text, _>(self.query)?;
        out.push_sql("::tsquery");
        Ok(())
    }
}
