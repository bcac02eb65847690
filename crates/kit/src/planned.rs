//! Statements in plain SQL that Postgres plans once per connection.

use std::fmt;
use std::marker::PhantomData;

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::{QueryResult, RunQueryDsl};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// A statement in plain SQL, with `$1` and so on as often and in whatever order it needs them. Postgres keeps its plan for
/// the next time, unlike that of [`diesel::sql_query`]: for statements that are run again and again, and whose best plan is
/// the same for all values. It names the columns that it wants: `*` would fail as soon as a migration adds one.
#[must_use]
pub fn planned<'a>(sql: &'static str) -> Planned<'a> {
    Planned { sql, values: Vec::new() }
}

/// See [`planned`].
pub struct Planned<'a> {
    sql: &'static str,
    values: Vec<Box<dyn QueryFragment<Pg> + 'a>>,
}

impl fmt::Debug for Planned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planned").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl<'a> Planned<'a> {
    /// Gives the next value: the first is `$1`.
    #[must_use]
    pub fn bind<T, V>(mut self, value: V) -> Self
    where
        T: 'a,
        V: ToSql<T, Pg> + 'a,
        Pg: HasSqlType<T>,
    {
        self.values.push(Box::new(Value { value, of: PhantomData::<T> }));
        self
    }

    fn value(&self, number: &str) -> QueryResult<&(dyn QueryFragment<Pg> + 'a)> {
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let value = index.and_then(|index| self.values.get(index));
        let missing = || Error::QueryBuilderError(format!("no value for ${number} in {}", self.sql).into());
        value.map(AsRef::as_ref).ok_or_else(missing)
    }
}

impl Query for Planned<'_> {
    type SqlType = Untyped;
}

/// The text is the key that diesel finds a prepared statement by.
impl QueryId for Planned<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Planned<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.sql.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        for piece in pieces {
            let end = piece.find(|it: char| !it.is_ascii_digit()).unwrap_or(piece.len());
            let (number, text) = piece.split_at(end);
            self.value(number)?.walk_ast(out.reborrow())?;
            out.push_sql(text);
        }
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Planned<'_> {}

struct Value<T, V> {
    value: V,
    of: PhantomData<T>,
}

impl<T, V> QueryFragment<Pg> for Value<T, V>
where
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<T, V>(&self.value)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use diesel::debug_query;
    use diesel::sql_types::{BigInt, Text};

    use super::planned;

    #[test]
    fn a_value_stands_wherever_its_number_does() {
        let query = planned("SELECT $2, $1 || $2").bind::<Text, _>("a").bind::<BigInt, _>(7_i64);
        let text = debug_query::<diesel::pg::Pg, _>(&query).to_string();
        assert_eq!(text, r#"SELECT $1, $2 || $3 -- binds: [7, "a", 7]"#);
    }

    #[test]
    fn a_number_without_a_value_is_an_error() {
        for sql in ["SELECT $2", "SELECT $0", "SELECT $", "SELECT $x"] {
            let query = planned(sql).bind::<Text, _>("a");
            let text = &mut String::new();
            assert!(write!(text, "{}", debug_query::<diesel::pg::Pg, _>(&query)).is_err(), "{sql}: {text}");
        }
    }
}
