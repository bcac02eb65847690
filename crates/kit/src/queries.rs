//! Queries around queries, for lists: how many rows there are, and plans that fit what is asked for.

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::{QueryResult, RunQueryDsl};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

/// A query that Postgres plans anew each time: how many rows match decides how they are best found.
#[derive(Debug, Clone, Copy)]
pub struct Fresh<Q>(pub Q);

impl<Q: Query> Query for Fresh<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> QueryId for Fresh<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Fresh<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}

impl<Q> RunQueryDsl<PgConnection> for Fresh<Q> {}

/// How many rows a query has: with a limit, so many at most, and no more are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Counted<Q>(pub Q);

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q> QueryId for Counted<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS found");
        Ok(())
    }
}

impl<Q> RunQueryDsl<PgConnection> for Counted<Q> {}
