//! Those messages that somebody may see as the newest, and which are deleted.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use kit::Tx;

use crate::domain::inbox_entry::{Copied, Place};
use crate::store::unified::{about, words};

const MERGE: &str = "
    INSERT INTO inbox_message AS m (source, conversation_id, seq, id, kind, sender_type, sender_id, preview, sent_at,
        is_active, record_version, newest_up_to, terms)
    SELECT $1, $2, v.seq, v.id, v.kind, v.sender_type, v.sender_id, v.preview, v.sent_at, v.is_active, v.record_version,
        v.newest_up_to, array_to_tsvector(string_to_array(v.words, ' '))
    FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS v (seq, id, kind, sender_type, sender_id, preview,
        sent_at, is_active, record_version, newest_up_to, words)
    ON CONFLICT ON CONSTRAINT inbox_message_pkey DO UPDATE SET
        preview = CASE WHEN m.record_version < excluded.record_version THEN excluded.preview ELSE m.preview END,
        terms = CASE WHEN m.record_version < excluded.record_version THEN excluded.terms ELSE m.terms END,
        is_active = CASE WHEN m.record_version < excluded.record_version THEN excluded.is_active ELSE m.is_active END,
        record_version = greatest(m.record_version, excluded.record_version),
        newest_up_to = greatest(m.newest_up_to, excluded.newest_up_to)
    WHERE m.record_version < excluded.record_version OR m.newest_up_to < excluded.newest_up_to";

/// Keeps messages of a locked place, where what is told is newer.
///
/// # Errors
/// What Postgres says.
pub fn merge(tx: &mut Tx<'_>, place: &Place, messages: &[Copied]) -> QueryResult<()> {
    let texts = |of: fn(&Copied) -> &String| messages.iter().map(of).collect::<Vec<_>>();
    let senders: Vec<Option<&String>> = messages.iter().map(|message| message.sender_id.as_ref()).collect();
    let versions: Vec<i32> = messages.iter().map(|message| message.record_version).collect();
    let words: Vec<String> = messages.iter().map(found_by).collect();
    let merge = about(place, MERGE);
    merge
        .bind::<Array<BigInt>, _>(messages.iter().map(|message| message.seq).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(texts(|message| &message.id))
        .bind::<Array<Text>, _>(texts(|message| &message.kind))
        .bind::<Array<Text>, _>(texts(|message| &message.sender_type))
        .bind::<Array<Nullable<Text>>, _>(senders)
        .bind::<Array<Text>, _>(texts(|message| &message.preview))
        .bind::<Array<Timestamptz>, _>(messages.iter().map(|message| message.sent_at).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(messages.iter().map(|message| message.is_active).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(versions)
        .bind::<Array<BigInt>, _>(messages.iter().map(|message| message.newest_up_to).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(words)
        .execute(tx.conn())
        .map(drop)
}

/// Nobody finds what is deleted.
fn found_by(message: &Copied) -> String {
    words::of(Some(message.preview.as_str()).filter(|_| message.is_active))
}

/// A newer one that is active makes an older one superfluous, unless the older one was told to be the newest after that:
/// then the newer one is deleted, and we will hear of it. What is deleted stays, since an older event may tell of it yet.
const PRUNE: &str = "
    DELETE FROM inbox_message AS m
    WHERE m.source = $1 AND m.conversation_id = $2 AND m.is_active
        AND m.newest_up_to < (
            SELECT max(n.seq) FROM inbox_message n
            WHERE n.source = $1 AND n.conversation_id = $2 AND n.is_active)
        AND NOT EXISTS (
            SELECT FROM inbox_entry e
            WHERE e.source = $1 AND e.conversation_id = $2 AND e.sight_seq = m.seq)";

/// Forgets messages of a locked place that nobody can see as the newest any more.
///
/// # Errors
/// What Postgres says.
pub fn prune(tx: &mut Tx<'_>, place: &Place) -> QueryResult<usize> {
    about(place, PRUNE).execute(tx.conn())
}
