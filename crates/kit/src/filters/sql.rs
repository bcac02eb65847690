//! Filters as conditions of a diesel query.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, Double, HasSqlType, IntoNullable, Nullable, Text, Timestamptz, Uuid};

use super::{ArrayFilter, ArrayOp, BoolFilter, DateFilter, IdFilter, Interval, NumberFilter, WordFilter};
use crate::Id;

/// What can be asked of a column. None asks for nothing: all rows match.
pub trait Filter: Sized {
    /// The type of the columns that it can be asked of, nullable or not.
    type Sql;

    /// The condition on a column, for `.filter(…)`; to be combined with `.and(…)`.
    ///
    /// Where the column goes by another name, `diesel::dsl::sql::<Timestamptz>("m.sent_at")` is a column, too.
    fn on<C>(&self, column: C) -> On<'_, C, Self>
    where
        C: Expression,
        C::SqlType: IntoNullable<Nullable = Nullable<Self::Sql>>,
    {
        On { column, filter: self }
    }

    /// Writes the condition on a column, or on a [`Named`] one: for statements written by hand.
    ///
    /// # Errors
    /// What diesel says.
    fn write<'b, C: QueryFragment<Pg>>(&'b self, column: &'b C, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

/// A [`Filter`] on a column: an expression of diesel's.
#[derive(Debug, Clone, Copy)]
pub struct On<'f, C, F> {
    column: C,
    filter: &'f F,
}

impl<C, F> Expression for On<'_, C, F> {
    type SqlType = Nullable<Bool>;
}

impl<C, F, Source> AppearsOnTable<Source> for On<'_, C, F> where C: AppearsOnTable<Source> {}

impl<C, F, Source> SelectableExpression<Source> for On<'_, C, F> where C: SelectableExpression<Source> {}

impl<C: ValidGrouping<G>, F, G> ValidGrouping<G> for On<'_, C, F> {
    type IsAggregate = C::IsAggregate;
}

/// The text depends on the filter's values.
impl<C, F> QueryId for On<'_, C, F> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<Pg>, F: Filter> QueryFragment<Pg> for On<'_, C, F> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.filter.write(&self.column, out)
    }
}

/// A column by the name that it has in a statement written by hand, for [`Filter::write`].
#[derive(Debug, Clone, Copy)]
pub struct Named(pub &'static str);

impl QueryFragment<Pg> for Named {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl<F: Filter> Filter for Option<F> {
    type Sql = F::Sql;

    fn write<'b, C: QueryFragment<Pg>>(
        &'b self,
        column: &'b C,
        mut out: AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        if let Some(filter) = self {
            return filter.write(column, out);
        }
        out.push_sql("TRUE");
        Ok(())
    }
}

/// Writes `(FALSE OR … OR <column> IS NULL)`: the planner drops what is constant.
fn any<'b, C: QueryFragment<Pg>>(
    column: &'b C,
    or_null: bool,
    mut out: AstPass<'_, 'b, Pg>,
    alternatives: impl FnOnce(AstPass<'_, 'b, Pg>) -> QueryResult<()>,
) -> QueryResult<()> {
    out.push_sql("(FALSE");
    alternatives(out.reborrow())?;
    if or_null {
        out.push_sql(" OR ");
        column.walk_ast(out.reborrow())?;
        out.push_sql(" IS NULL");
    }
    out.push_sql(")");
    Ok(())
}

impl<I> Filter for IdFilter<I>
where
    I: Id + ToSql<I::Sql, Pg>,
    Pg: HasSqlType<I::Sql>,
{
    type Sql = I::Sql;

    fn write<'b, C: QueryFragment<Pg>>(&'b self, column: &'b C, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        any(column, self.or_null, out, |mut out| {
            out.push_sql(" OR ");
            column.walk_ast(out.reborrow())?;
            // Only of one value does the planner know that the rows come in the order of an index.
            if let [id] = self.ids.as_slice() {
                out.push_sql(" = ");
                return out.push_bind_param::<I::Sql, _>(id);
            }
            out.push_sql(" = ANY(");
            out.push_bind_param::<Array<I::Sql>, _>(&self.ids)?;
            out.push_sql(")");
            Ok(())
        })
    }
}

impl Filter for BoolFilter {
    type Sql = Bool;

    fn write<'b, C: QueryFragment<Pg>>(&'b self, column: &'b C, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        any(column, self.or_null, out, |mut out| {
            for value in [true, false].into_iter().filter(|value| self.values.contains(value)) {
                out.push_sql(" OR ");
                column.walk_ast(out.reborrow())?;
                out.push_sql(if value { " = TRUE" } else { " = FALSE" });
            }
            Ok(())
        })
    }
}

impl Filter for WordFilter {
    type Sql = Text;

    fn write<'b, C: QueryFragment<Pg>>(&'b self, column: &'b C, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        any(column, self.or_null, out, |mut out| {
            for word in &self.words {
                out.push_sql(" OR ");
                column.walk_ast(out.reborrow())?;
                out.push_sql(" = ");
                out.push_bind_param::<Text, _>(word)?;
            }
            Ok(())
        })
    }
}

impl Filter for NumberFilter {
    type Sql = Double;

    fn write<'b, C: QueryFragment<Pg>>(
        &'b self,
        column: &'b C,
        mut out: AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        column.walk_ast(out.reborrow())?;
        out.push_sql(" IS NOT NULL");
        for (operator, end) in [(" >= ", &self.min), (" <= ", &self.max)] {
            if let Some(end) = end {
                out.push_sql(" AND ");
                column.walk_ast(out.reborrow())?;
                out.push_sql(operator);
                out.push_bind_param::<Double, _>(end)?;
            }
        }
        Ok(())
    }
}

impl<I: ToSql<Uuid, Pg>> Filter for ArrayFilter<I> {
    type Sql = Array<Uuid>;

    fn write<'b, C: QueryFragment<Pg>>(&'b self, column: &'b C, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        any(column, self.or_empty, out, |mut out| {
            if !self.ids.is_empty() {
                out.push_sql(" OR ");
                column.walk_ast(out.reborrow())?;
                out.push_sql(if self.op == ArrayOp::Contains { " @> " } else { " && " });
                out.push_bind_param::<Array<Uuid>, _>(&self.ids)?;
            }
            if self.or_empty {
                out.push_sql(" OR ");
                column.walk_ast(out.reborrow())?;
                out.push_sql(" = '{}'");
            }
            Ok(())
        })
    }
}

impl Filter for DateFilter {
    type Sql = Timestamptz;

    fn write<'b, C: QueryFragment<Pg>>(
        &'b self,
        column: &'b C,
        mut out: AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        if self.intervals.len() > 1 {
            // There are too many such statements to keep each one prepared.
            out.unsafe_to_cache_prepared();
        }
        any(column, self.or_null, out, |mut out| {
            for interval in &self.intervals {
                out.push_sql(" OR (");
                within(interval, column, out.reborrow())?;
                out.push_sql(")");
            }
            Ok(())
        })
    }
}

fn within<'b, C: QueryFragment<Pg>>(
    interval: &'b Interval,
    column: &'b C,
    mut out: AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    // For the interval whose ends are both open: what is absent does not lie in it either.
    column.walk_ast(out.reborrow())?;
    out.push_sql(" IS NOT NULL");
    for (operator, end) in [(" >= ", interval.from()), (" < ", interval.to())] {
        if let Some(end) = end {
            out.push_sql(" AND ");
            column.walk_ast(out.reborrow())?;
            out.push_sql(operator);
            out.push_bind_param::<Timestamptz, _>(end)?;
        }
    }
    Ok(())
}
