//! What is known of conversations.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid};
use kit::{Tx, planned};

use crate::domain::inbox_entry::{Agents, Facts, Place, Source, Told};
use crate::store::unified::{about, words};

/// With more members than this, entries follow their place afterwards: `unified::ahead`.
const LARGE: i32 = 100;

#[derive(QueryableByName)]
struct Merged {
    #[diesel(sql_type = Bool)]
    is_large: bool,
}

/// Whether it is large is asked of the members that were known before, there and in the answer: one of them makes the
/// entries follow.
const MERGE: &str = "
    INSERT INTO inbox_place AS p (source, conversation_id, last_seq, last_message_at)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT inbox_place_pkey DO UPDATE SET
        last_seq = greatest(p.last_seq, excluded.last_seq),
        last_message_at = greatest(p.last_message_at, excluded.last_message_at),
        is_ahead = p.is_ahead OR (cardinality(p.member_ids) > $5
            AND (p.last_seq < excluded.last_seq OR p.last_message_at < excluded.last_message_at))
    RETURNING cardinality(p.member_ids) > $5 AS is_large";

/// Keeps what is newer of a conversation, and locks it; whether its entries follow afterwards, since it is large.
///
/// # Errors
/// What Postgres says.
pub fn merge(tx: &mut Tx<'_>, told: &Told) -> QueryResult<bool> {
    let merge = about(&told.place, MERGE);
    let merge = merge.bind::<BigInt, _>(told.last_seq).bind::<Timestamptz, _>(told.last_message_at);
    let Merged { is_large } = merge.bind::<Integer, _>(LARGE).get_result(tx.conn())?;
    if let Some(facts) = &told.facts {
        learn(tx, &told.place, facts)?;
    }
    if let Some(agents) = told.agents {
        read_by_agents(tx, &told.place, agents)?;
    }
    Ok(is_large)
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    conversation_id: String,
}

/// Places that are ahead of their entries.
///
/// # Errors
/// What Postgres says.
pub fn ahead(conn: &mut PgConnection) -> QueryResult<Vec<Place>> {
    let keys: Vec<Key> =
        planned("SELECT source, conversation_id FROM inbox_place WHERE is_ahead").load(conn)?;
    let place = |key: Key| Some(Place { source: Source::parse(&key.source)?, id: key.conversation_id });
    Ok(keys.into_iter().filter_map(place).collect())
}

const CAUGHT_UP: &str = "
    UPDATE inbox_place SET is_ahead = false WHERE source = $1 AND conversation_id = $2 AND is_ahead";

/// Locks a place that is ahead of its entries, and notes that they follow; 0 if they did already.
///
/// # Errors
/// What Postgres says.
pub fn caught_up(tx: &mut Tx<'_>, place: &Place) -> QueryResult<usize> {
    about(place, CAUGHT_UP).execute(tx.conn())
}

const LEARN: &str = "
    UPDATE inbox_place SET is_group = $3, name = $4, icon = $5, listing_id = $6, chatbot_id = $7, inbox_id = $8,
        contact_id = $9, member_ids = $10, is_active = $11, record_version = $12,
        terms = array_to_tsvector(string_to_array($13, ' '))
    WHERE source = $1 AND conversation_id = $2 AND record_version < $12";

fn learn(tx: &mut Tx<'_>, place: &Place, facts: &Facts) -> QueryResult<()> {
    let of = about(place, LEARN);
    let named = of.bind::<Bool, _>(facts.is_group).bind::<Nullable<Text>, _>(&facts.name);
    let about = named.bind::<Nullable<Text>, _>(&facts.icon).bind::<Nullable<Uuid>, _>(facts.listing_id);
    let with = about.bind::<Nullable<Text>, _>(&facts.chatbot_id).bind::<Nullable<Text>, _>(&facts.inbox_id);
    let with = with.bind::<Nullable<Text>, _>(&facts.contact_id).bind::<Array<Uuid>, _>(&facts.member_ids);
    let learn = with.bind::<Bool, _>(facts.is_active).bind::<Integer, _>(facts.record_version);
    let name = facts.name.as_deref().filter(|_| facts.is_group);
    learn.bind::<Text, _>(words::of(name)).execute(tx.conn()).map(drop)
}

const READ: &str = "
    UPDATE inbox_place SET agents_read_seq = $3, agents_uncounted = $4, agents_rev = $5
    WHERE source = $1 AND conversation_id = $2 AND agents_rev < $5";

fn read_by_agents(tx: &mut Tx<'_>, place: &Place, of: Agents) -> QueryResult<()> {
    let read = about(place, READ);
    let read = read.bind::<BigInt, _>(of.read_seq).bind::<BigInt, _>(of.uncounted);
    read.bind::<BigInt, _>(of.rev).execute(tx.conn()).map(drop)
}

const FORGET: &str = "
    WITH entries AS (
        UPDATE inbox_entry SET is_member = false, rev = 0, last_seq = 0, last_message_at = 'epoch',
            sight_from = 0, sight_absent = 0, sight_up_to = 0, sight_seq = NULL
        WHERE source = $1 AND conversation_id = $2
    ), messages AS (DELETE FROM inbox_message WHERE source = $1 AND conversation_id = $2 AND is_active)
    UPDATE inbox_place SET record_version = 0, last_seq = 0, last_message_at = 'epoch', agents_rev = 0
    WHERE source = $1 AND conversation_id = $2";

/// Forgets all that is known of a conversation, but for which messages are deleted: whatever is told of it afterwards, in
/// whatever order, is new.
///
/// # Errors
/// What Postgres says.
pub fn forget(tx: &mut Tx<'_>, place: &Place) -> QueryResult<usize> {
    about(place, FORGET).execute(tx.conn())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    conversation_id: String,
}

const AFTER: &str = "
    SELECT conversation_id FROM inbox_place
    WHERE source = $1 AND conversation_id > $2 ORDER BY conversation_id LIMIT $3";

/// The ids of the next conversations of a source after one.
///
/// # Errors
/// What Postgres says.
pub fn after(conn: &mut PgConnection, source: &str, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    let query = planned(AFTER).bind::<Text, _>(source).bind::<Text, _>(after).bind::<BigInt, _>(limit);
    Ok(query.load::<Id>(conn)?.into_iter().map(|row| row.conversation_id).collect())
}
