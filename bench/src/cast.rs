//! Who asks for what: people and conversations, drawn at random, and a token for each of the people.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};
use kit::clock::uuid_v7;
use kit::{AccessClaims, Claims, Clock as _, Grant, Role, SigningKeys, SystemClock, Use};
use stack::Stack;

use crate::{Result, wrong};

/// Drawn once for each stand, into a schema of the bench's own, which pgbench draws from, too.
///
/// `pair`: somebody in a conversation of ordinary size with a page of messages. `lister`: somebody with a page of
/// conversations, but for the one who has thousands, who is `busy`, forty times over.
const DRAW: &str = "
    DROP SCHEMA IF EXISTS bench CASCADE;
    CREATE SCHEMA bench;
    CREATE TABLE bench.pair AS
        SELECT row_number() OVER () AS n, conversation_id::text AS conversation, user_id::text AS member
        FROM (SELECT p.conversation_id, p.user_id FROM messaging.participant p
            JOIN messaging.conversation c ON c.id = p.conversation_id
            WHERE c.last_seq >= 25 AND cardinality(c.member_ids) <= 50
            ORDER BY random() LIMIT 20000) AS drawn;
    ALTER TABLE bench.pair ADD PRIMARY KEY (n);
    CREATE TABLE bench.lister AS
        SELECT row_number() OVER () AS n, user_id::text AS member
        FROM (SELECT user_id FROM messaging.participant GROUP BY 1 HAVING count(*) BETWEEN 25 AND 199
            ORDER BY random() LIMIT 20000) AS drawn;
    ALTER TABLE bench.lister ADD PRIMARY KEY (n);
    CREATE TABLE bench.busy AS
        SELECT n, member FROM generate_series(1, 40) AS n, (
            SELECT user_id::text AS member FROM messaging.participant GROUP BY user_id ORDER BY count(*) DESC LIMIT 1
        ) AS busiest;
    ALTER TABLE bench.busy ADD PRIMARY KEY (n)";

const PAIRS: &str = "SELECT conversation, member FROM bench.pair";
const LISTERS: &str = "SELECT '' AS conversation, member FROM bench.lister";
/// The conversation with the most messages, and one of its members.
const LONG: &str = "
    SELECT id::text AS conversation, member_ids[1]::text AS member
    FROM messaging.conversation ORDER BY last_seq DESC LIMIT 1";
/// The largest group, and its members.
const GROUP: &str = "
    SELECT id::text AS conversation, unnest(member_ids)::text AS member
    FROM (SELECT * FROM messaging.conversation ORDER BY cardinality(member_ids) DESC LIMIT 1) AS largest";
/// The one with the most conversations.
const BUSY: &str = "SELECT '' AS conversation, member FROM bench.busy LIMIT 1";

/// Somebody, somewhere.
#[derive(Clone, Debug, QueryableByName)]
pub(crate) struct Part {
    #[diesel(sql_type = Text)]
    pub(crate) conversation: String,
    #[diesel(sql_type = Text)]
    pub(crate) member: String,
}

/// All of them.
pub(crate) struct Cast {
    pub(crate) pairs: Vec<Part>,
    pub(crate) listers: Vec<Part>,
    pub(crate) long: Part,
    pub(crate) group: Vec<Part>,
    pub(crate) busy: Part,
    tokens: HashMap<String, String>,
}

impl Cast {
    /// Draws them.
    ///
    /// # Errors
    /// What Postgres says, or a key that does not sign.
    pub(crate) fn gather(database: &mut PgConnection, stack: &Stack) -> Result<Self> {
        database.batch_execute(DRAW)?;
        let mut parts = |query: &str| -> Result<Vec<Part>> { Ok(sql_query(query).load(database)?) };
        let (pairs, listers, group) = (parts(PAIRS)?, parts(LISTERS)?, parts(GROUP)?);
        let mut first = |query| parts(query)?.into_iter().next().ok_or_else(|| wrong("there is no data"));
        let (long, busy) = (first(LONG)?, first(BUSY)?);
        let everybody = pairs.iter().chain(&listers).chain(&group).chain([&long, &busy]);
        let members = everybody.map(|part| part.member.clone());
        let tokens = tokens(stack, members)?;
        Ok(Self { pairs, listers, long, group, busy, tokens })
    }

    /// Somebody's token.
    pub(crate) fn token(&self, part: &Part) -> Option<&str> {
        self.tokens.get(&part.member).map(String::as_str)
    }
}

/// Signs a token for each, as auth does, with auth's own key.
fn tokens(stack: &Stack, members: impl Iterator<Item = String>) -> Result<HashMap<String, String>> {
    let keys = SigningKeys::load(&stack.home().root().join("keys/auth"))?;
    let now = SystemClock.now();
    let sign = |member: &str| -> Result<String> {
        let extra = AccessClaims { sid: uuid_v7(now).into(), role: Role::User };
        let (environment, subject) = ("production", member.to_owned());
        let grant = Grant { issuer: "auth", environment, typ: Use::Access, subject, extra };
        keys.sign(&Claims::new(grant, now, TimeDelta::hours(1)), now)
            .map_err(|error| wrong(error.to_string()))
    };
    let members: HashSet<String> = members.collect();
    members.into_iter().map(|member| Ok((member.clone(), sign(&member)?))).collect()
}
