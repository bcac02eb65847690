//! Where each user stands in each of their conversations.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid};
use events::Member;
use kit::{Tx, UserId};

use crate::domain::ids::InboxEntryId;
use crate::domain::inbox_entry::{Place, Sight};
use crate::store::unified::about;

#[derive(QueryableByName)]
struct User {
    #[diesel(sql_type = Uuid)]
    user_id: UserId,
}

const MISSING: &str = "
    SELECT of.user_id FROM unnest($3) AS of (user_id) WHERE NOT EXISTS (
        SELECT FROM inbox_entry e
        WHERE e.user_id = of.user_id AND e.source = $1 AND e.conversation_id = $2)";
const INSERT: &str = "
    INSERT INTO inbox_entry (source, conversation_id, user_id, id, last_seq, last_message_at, created_at, updated_at)
    SELECT p.source, p.conversation_id, of.user_id, of.id, p.last_seq, p.last_message_at, now(), now()
    FROM inbox_place p, unnest($3, $4) AS of (user_id, id)
    WHERE p.source = $1 AND p.conversation_id = $2
    ON CONFLICT ON CONSTRAINT inbox_entry_pkey DO NOTHING";

/// Makes entries of a locked place for those who have none; nothing is known of where they stand.
///
/// # Errors
/// What Postgres says.
pub fn make(tx: &mut Tx<'_>, place: &Place, users: &[UserId]) -> QueryResult<()> {
    let missing: Vec<User> = about(place, MISSING).bind::<Array<Uuid>, _>(users).load(tx.conn())?;
    if missing.is_empty() {
        return Ok(());
    }
    let (users, ids): (Vec<UserId>, Vec<InboxEntryId>) =
        missing.into_iter().map(|row| (row.user_id, InboxEntryId::draw())).unzip();
    about(place, INSERT)
        .bind::<Array<Uuid>, _>(users)
        .bind::<Array<Text>, _>(ids)
        .execute(tx.conn())
        .map(drop)
}

const MERGE_ONE: &str = "
    UPDATE inbox_entry SET read_seq = $4, uncounted = $5, visible_from = $6, is_member = $7, hidden_seq = $8, rev = $9,
        updated_at = now()
    WHERE source = $1 AND conversation_id = $2 AND user_id = $3 AND rev < $9";
const MERGE: &str = "
    UPDATE inbox_entry AS e SET read_seq = v.read_seq, uncounted = v.uncounted, visible_from = v.visible_from,
        is_member = v.is_member, hidden_seq = v.hidden_seq, rev = v.rev, updated_at = now()
    FROM unnest($3, $4, $5, $6, $7, $8, $9)
        AS v (user_id, read_seq, uncounted, visible_from, is_member, hidden_seq, rev)
    WHERE e.source = $1 AND e.conversation_id = $2 AND e.user_id = v.user_id AND e.rev < v.rev";

/// Keeps where members of a locked place stand, where that is newer.
///
/// # Errors
/// What Postgres says.
pub fn merge(tx: &mut Tx<'_>, place: &Place, members: &[Member]) -> QueryResult<()> {
    // All but the first that is told of somebody finds their entry, and is newer: one statement does.
    if members.is_empty() || stand(tx, place, members)? == members.len() {
        return Ok(());
    }
    let users: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
    make(tx, place, &users)?;
    stand(tx, place, members).map(drop)
}

/// Most events tell of one: Postgres would walk all entries of a conversation, however large, to find some by an array.
fn stand(tx: &mut Tx<'_>, place: &Place, members: &[Member]) -> QueryResult<usize> {
    if let [one] = members {
        let one_is = about(place, MERGE_ONE).bind::<Uuid, _>(one.user_id).bind::<BigInt, _>(one.read_seq);
        let one_is = one_is.bind::<BigInt, _>(one.uncounted).bind::<BigInt, _>(one.visible_from);
        let one_is = one_is.bind::<Bool, _>(one.is_member).bind::<Nullable<BigInt>, _>(one.hidden_seq);
        return one_is.bind::<BigInt, _>(one.rev).execute(tx.conn());
    }
    let numbers = |of: fn(&Member) -> i64| members.iter().map(of).collect::<Vec<i64>>();
    let hidden: Vec<Option<i64>> = members.iter().map(|member| member.hidden_seq).collect();
    about(place, MERGE)
        .bind::<Array<Uuid>, _>(members.iter().map(|member| member.user_id).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(numbers(|member| member.read_seq))
        .bind::<Array<BigInt>, _>(numbers(|member| member.uncounted))
        .bind::<Array<BigInt>, _>(numbers(|member| member.visible_from))
        .bind::<Array<Bool>, _>(members.iter().map(|member| member.is_member).collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(hidden)
        .bind::<Array<BigInt>, _>(numbers(|member| member.rev))
        .execute(tx.conn())
}

const SEE: &str = "
    UPDATE inbox_entry AS e SET sight_from = v.visible_from, sight_absent = v.absent, sight_up_to = v.up_to,
        sight_seq = v.seq, updated_at = now()
    FROM unnest($3, $4, $5, $6, $7) AS v (user_id, visible_from, absent, up_to, seq)
    WHERE e.source = $1 AND e.conversation_id = $2 AND e.user_id = v.user_id
        AND (e.sight_from, e.sight_absent) < (v.visible_from, v.absent)";

/// Keeps what members of a locked place see, where that is newer.
///
/// # Errors
/// What Postgres says.
pub fn see(tx: &mut Tx<'_>, place: &Place, sights: &[Sight]) -> QueryResult<()> {
    if sights.is_empty() {
        return Ok(());
    }
    let users: Vec<UserId> = sights.iter().map(|sight| sight.user_id).collect();
    make(tx, place, &users)?;
    let numbers = |of: fn(&Sight) -> i64| sights.iter().map(of).collect::<Vec<i64>>();
    let of = about(place, SEE);
    of.bind::<Array<Uuid>, _>(users)
        .bind::<Array<BigInt>, _>(numbers(|sight| sight.visible_from))
        .bind::<Array<BigInt>, _>(numbers(|sight| sight.absent))
        .bind::<Array<BigInt>, _>(numbers(|sight| sight.up_to))
        .bind::<Array<Nullable<BigInt>>, _>(sights.iter().map(|sight| sight.seq).collect::<Vec<_>>())
        .execute(tx.conn())
        .map(drop)
}

const BUMP: &str = "
    UPDATE inbox_entry AS e SET last_seq = p.last_seq, last_message_at = p.last_message_at, updated_at = now()
    FROM inbox_place p
    WHERE p.source = $1 AND p.conversation_id = $2 AND e.source = $1 AND e.conversation_id = $2
        AND (e.last_seq < p.last_seq OR e.last_message_at < p.last_message_at)";

/// Brings all entries of a locked place up to its newest message, in one statement.
///
/// # Errors
/// What Postgres says.
pub fn bump(tx: &mut Tx<'_>, place: &Place) -> QueryResult<()> {
    let bump = about(place, BUMP);
    bump.execute(tx.conn()).map(drop)
}
