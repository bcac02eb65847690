//! Postgres finds the same rows as the naive filter.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::dsl::sql;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_query;
use diesel::sql_types::Timestamptz;
use kit::filters::{
    ArrayFilter, BoolFilter, DateFilter, Filter as _, Filters, IdFilter, Named, NumberFilter, WordFilter,
};
use kit::{Query, UserId};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use testing::Database;
use uuid::Uuid;

diesel::table! {
    /// Two of each: one that may be absent, one that may not.
    thing (n) {
        n -> Int4,
        owner -> Uuid,
        finder -> Nullable<Uuid>,
        big -> Bool,
        red -> Nullable<Bool>,
        members -> Array<Uuid>,
        guests -> Nullable<Array<Uuid>>,
        made -> Timestamptz,
        broken -> Nullable<Timestamptz>,
        state -> Nullable<Text>,
        weight -> Nullable<Float8>,
    }
}

diesel::table! {
    /// Where things are.
    place (thing_n) {
        thing_n -> Int4,
        seen -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(thing, place);

const STATES: [&str; 3] = ["new", "used", "broken"];

const TABLE: &str =
    "CREATE TABLE thing (n int4 PRIMARY KEY, owner uuid NOT NULL, finder uuid, big bool NOT NULL, red bool,
    members uuid[] NOT NULL, guests uuid[], made timestamptz NOT NULL, broken timestamptz,
    state text, weight float8)";

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = thing)]
struct Thing {
    n: i32,
    owner: UserId,
    finder: Option<UserId>,
    big: bool,
    red: Option<bool>,
    members: Vec<UserId>,
    guests: Option<Vec<UserId>>,
    made: DateTime<Utc>,
    broken: Option<DateTime<Utc>>,
    state: Option<&'static str>,
    weight: Option<f64>,
}

#[derive(Debug)]
struct Wanted {
    owner: Option<IdFilter<UserId>>,
    finder: Option<IdFilter<UserId>>,
    big: Option<BoolFilter>,
    red: Option<BoolFilter>,
    members: Option<ArrayFilter<UserId>>,
    guests: Option<ArrayFilter<UserId>>,
    made: Option<DateFilter>,
    broken: Option<DateFilter>,
    state: Option<WordFilter>,
    weight: Option<NumberFilter>,
}

impl Wanted {
    fn read(query: &str) -> Self {
        let query = Query::parse(query);
        let mut filters = Filters::of(&query, Tz::America__St_Johns, now());
        Self {
            owner: filters.ids("owner").unwrap(),
            finder: filters.ids("finder").unwrap(),
            big: filters.boolean("big").unwrap(),
            red: filters.boolean("red").unwrap(),
            members: filters.array("members").unwrap(),
            guests: filters.array("guests").unwrap(),
            made: filters.date("made").unwrap(),
            broken: filters.date("broken").unwrap(),
            state: filters.words("state", |text| STATES.into_iter().find(|it| *it == text)).unwrap(),
            weight: filters.number("weight").unwrap(),
        }
    }

    fn matches(&self, of: &Thing) -> bool {
        let guests = of.guests.as_deref().unwrap_or_default();
        self.owner.as_ref().is_none_or(|filter| filter.matches(Some(&of.owner)))
            && self.finder.as_ref().is_none_or(|filter| filter.matches(of.finder.as_ref()))
            && self.big.as_ref().is_none_or(|filter| filter.matches(Some(of.big)))
            && self.red.as_ref().is_none_or(|filter| filter.matches(of.red))
            && self.members.as_ref().is_none_or(|filter| filter.matches(&of.members))
            && self.guests.as_ref().is_none_or(|filter| filter.matches(guests))
            && self.made.as_ref().is_none_or(|filter| filter.matches(Some(of.made)))
            && self.broken.as_ref().is_none_or(|filter| filter.matches(of.broken))
            && self.state.as_ref().is_none_or(|filter| filter.matches(of.state))
            && self.weight.as_ref().is_none_or(|filter| filter.matches(of.weight))
    }

    fn found(&self, conn: &mut PgConnection) -> Vec<i32> {
        let condition = self.owner.on(thing::owner).and(self.finder.on(thing::finder));
        thing::table
            .filter(condition)
            .filter(self.big.on(thing::big).and(self.red.on(thing::red)))
            .filter(self.members.on(thing::members))
            .filter(self.guests.on(thing::guests))
            .filter(self.made.on(thing::made).and(self.broken.on(thing::broken)))
            .filter(self.state.on(thing::state).and(self.weight.on(thing::weight)))
            .order(thing::n)
            .select(thing::n)
            .load(conn)
            .unwrap()
    }
}

fn now() -> DateTime<Utc> {
    "2010-11-07T12:00:00Z".parse().unwrap()
}

fn person() -> impl Strategy<Value = UserId> {
    (1..4_u128).prop_map(|n| UserId::from(Uuid::from_u128(n)))
}

/// Around the night in which a day ended twice.
fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-4_000..4_000_i64).prop_map(|minutes| now() + TimeDelta::minutes(minutes))
}

fn things() -> impl Strategy<Value = Vec<Thing>> {
    let people = || prop::collection::vec(person(), 0..3);
    let ids = (person(), prop::option::of(person()), people(), prop::option::of(people()));
    let rest = (any::<bool>(), any::<Option<bool>>(), instant(), prop::option::of(instant()));
    let marks = (prop::option::of(select(STATES.to_vec())), prop::option::of((0..8).prop_map(f64::from)));
    let thing = (ids, rest, marks).prop_map(|(ids, (big, red, made, broken), (state, weight))| Thing {
        n: 0,
        owner: ids.0,
        finder: ids.1,
        big,
        red,
        members: ids.2,
        guests: ids.3,
        made,
        broken,
        state,
        weight,
    });
    let numbered = |things: Vec<Thing>| (1..).zip(things).map(|(n, thing)| Thing { n, ..thing }).collect();
    prop::collection::vec(thing, 30).prop_map(numbered)
}

/// A parameter with some values, or none.
fn parameter(
    names: &'static [&'static str],
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let values = prop::collection::vec(value, 0..3);
    (select(names), values)
        .prop_map(|(name, values)| values.iter().flat_map(|value| [name, "=", value, "&"]).collect())
}

fn query() -> impl Strategy<Value = String> {
    let id = || prop_oneof![4 => person().prop_map(|id| id.to_string()), 1 => Just("null".to_owned())];
    let boolean = select(vec!["true", "false", "null"]).prop_map(str::to_owned);
    let day = (4..10).prop_map(|day| format!("2010-11-{day:02}"));
    let words = vec!["", "$leq-", "$lin-", "$lt-", "$lte-", "$gt-", "$gte-"];
    let by_day = (select(words), day.clone()).prop_map(|(word, day)| format!("{word}{day}"));
    let current =
        select(vec!["$today", "$ltoday", "$week", "$lweek", "$month", "null"]).prop_map(str::to_owned);
    let op = select(vec!["", "members_op=overlap&", "guests_op=overlap&", "members_op=contains&"]);
    let bound = prop::option::of((select(vec!["made_min", "made_max", "broken_min", "broken_max"]), day));
    let bound = bound.prop_map(|bound| bound.map_or(String::new(), |(name, day)| format!("{name}={day}")));
    let state = select(vec!["new", "used", "broken", "null"]).prop_map(str::to_owned);
    let weight = prop::option::of((select(vec!["weight_min", "weight_max"]), 0..8));
    let weight = weight.prop_map(|of| of.map_or(String::new(), |(name, number)| format!("&{name}={number}")));
    let some = (
        parameter(&["state"], state),
        parameter(&["owner", "finder"], id()),
        parameter(&["big", "red"], boolean),
        parameter(&["members", "guests"], id()),
        parameter(&["made", "broken"], prop_oneof![2 => by_day, 1 => current]),
        op,
        bound,
        weight,
    );
    some.prop_map(|(states, ids, booleans, arrays, dates, op, bound, weight)| {
        [&states, &ids, &booleans, &arrays, &dates, op, &bound[..], &weight[..]].concat()
    })
}

#[test]
fn postgres_agrees() {
    let database = Database::create();
    let mut conn = database.connect();
    sql_query(TABLE).execute(&mut conn).unwrap();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(100));
    let strategy = (things(), prop::collection::vec(query(), 20));
    let conn = std::cell::RefCell::new(conn);
    let outcome = runner.run(&strategy, |(things, queries)| {
        let conn = &mut *conn.borrow_mut();
        diesel::delete(thing::table).execute(conn).unwrap();
        diesel::insert_into(thing::table).values(&things).execute(conn).unwrap();
        for query in queries {
            let wanted = Wanted::read(&query);
            let naive: Vec<i32> = things.iter().filter(|of| wanted.matches(of)).map(|of| of.n).collect();
            prop_assert_eq!(wanted.found(conn), naive, "{}", query);
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn as_many_values_as_can_be() {
    let database = Database::create();
    let mut conn = database.connect();
    sql_query(TABLE).execute(&mut conn).unwrap();
    let ids: Vec<String> = (0..1_000).map(|n| format!("owner={}&members={0}", Uuid::from_u128(n))).collect();
    let days: Vec<String> =
        (0..1_000).map(|day| (now() + TimeDelta::days(2 * day)).date_naive().to_string()).collect();
    let wanted = Wanted::read(&ids.join("&"));
    assert!(wanted.found(&mut conn).is_empty());
    let wanted = Wanted::read(&format!(
        "made=$lin-{}&broken=0001-01-01&broken=9999-12-31&broken=null",
        days.join(",")
    ));
    assert_eq!(wanted.made.as_ref().unwrap().intervals().len(), 1_001, "one of the days ended twice");
    assert!(wanted.found(&mut conn).is_empty());
    let far =
        Wanted::read("made=$leq-0001-01-01&made=$leq-9999-12-31&made_min=0001-01-01&made_max=9999-12-31");
    assert!(far.found(&mut conn).is_empty());
}

/// Boxed queries, aliased columns, counts and deletes take conditions, too.
#[test]
fn conditions_stand_wherever_diesel_takes_one() {
    let wanted = Wanted::read("made=$lweek&owner=null");
    let mut boxed = thing::table.into_boxed();
    boxed = boxed.filter(wanted.made.on(thing::made));
    boxed = boxed.filter(wanted.owner.as_ref().unwrap().on(thing::owner));
    let text = diesel::debug_query::<Pg, _>(&boxed.count()).to_string();
    assert!(
        text.contains(r#""thing"."made" IS NOT NULL AND "thing"."made" >= $1 AND "thing"."made" < $2"#),
        "{text}"
    );
    let aliased = thing::table.filter(wanted.made.on(sql::<Timestamptz>("m.sent_at")));
    let text = diesel::debug_query::<Pg, _>(&aliased).to_string();
    assert!(text.contains("m.sent_at >= $1 AND m.sent_at < $2"), "{text}");
    let joined = place::table.inner_join(thing::table.on(thing::n.eq(place::thing_n)));
    let joined =
        joined.filter(wanted.made.on(place::seen).and(wanted.owner.on(thing::owner))).select(place::thing_n);
    let text = diesel::debug_query::<Pg, _>(&joined).to_string();
    assert!(
        text.contains(r#""place"."seen" < $2"#) && text.contains(r#"OR "thing"."owner" IS NULL"#),
        "{text}"
    );
    let deleted = diesel::delete(thing::table.filter(wanted.broken.on(thing::broken)));
    let text = diesel::debug_query::<Pg, _>(&deleted).to_string();
    assert!(text.contains("WHERE TRUE"), "{text}");
}

/// A statement written by hand.
struct Oldest<'a>(&'a Wanted);

impl QueryFragment<Pg> for Oldest<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT t.n FROM thing t WHERE ");
        self.0.made.write(&Named("t.made"), out.reborrow())?;
        out.push_sql(" AND ");
        self.0.owner.write(&Named("t.owner"), out)
    }
}

#[test]
fn statements_written_by_hand_take_conditions() {
    let wanted = Wanted::read(&format!("made=$lweek&owner={}", Uuid::from_u128(1)));
    let text = diesel::debug_query::<Pg, _>(&Oldest(&wanted)).to_string();
    let made = "t.made IS NOT NULL AND t.made >= $1 AND t.made < $2";
    assert!(text.contains(made) && text.contains("t.owner = $3"), "{text}");
}
