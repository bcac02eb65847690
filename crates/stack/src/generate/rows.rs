//! The rows of the messaging service's tables, in COPY's text format. Columns that are not named have their defaults.

use std::io::Write;

use diesel::QueryResult;
use diesel::result::Error::RollbackTransaction;

use super::world::{Reading, Room, Said, World};

diesel::table! {
    messaging.known_user (id) {
        id -> Uuid,
        fullname -> Text,
        is_active -> Bool,
        record_version -> Int4,
    }
}

diesel::table! {
    messaging.message (conversation_id, seq) {
        conversation_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        sender_id -> Uuid,
        kind -> Text,
        content -> Text,
        sent_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    messaging.conversation (id) {
        id -> Uuid,
        is_group -> Bool,
        creator_id -> Uuid,
        member_ids -> Array<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_seq -> Int8,
        last_message_at -> Timestamptz,
        last_message_id -> Nullable<Uuid>,
        last_message_sender_id -> Nullable<Uuid>,
        last_message_kind -> Nullable<Text>,
        last_message_preview -> Nullable<Text>,
        last_message_seq -> Nullable<Int8>,
        last_message_sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    messaging.participant (conversation_id, user_id) {
        conversation_id -> Uuid,
        user_id -> Uuid,
        joined_at -> Timestamptz,
        read_seq -> Int8,
        uncounted -> Int8,
    }
}

const NULL: &str = "\\N";

/// `known_user`.
pub(super) fn people(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for user in &world.new_users {
        put(&mut out, &format!("{}\tUser {}\tt\t1\n", user.id, user.number))?;
    }
    flush(&mut out)
}

/// `message`.
pub(super) fn put_message(out: &mut impl Write, said: &Said) -> QueryResult<()> {
    let Said { room, id, seq, sender, text, at } = said;
    let at = at.to_rfc3339();
    put(out, &format!("{room}\t{seq}\t{id}\t{sender}\ttext\t{text}\t{at}\t{at}\n"))
}

/// `conversation`.
pub(super) fn conversations(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for room in &world.rooms {
        put(&mut out, &conversation_row(room))?;
    }
    flush(&mut out)
}

fn conversation_row(room: &Room) -> String {
    let Room { id, created_at, members, last, .. } = room;
    let ids: Vec<String> = members.iter().map(ToString::to_string).collect();
    let creator = ids.first().map_or(NULL, String::as_str);
    let last = last.as_ref().map_or_else(
        || format!("0\t{created_at}{}", format!("\t{NULL}").repeat(6)),
        |Said { id, seq, sender, text, at, .. }| {
            format!("{seq}\t{at}\t{id}\t{sender}\ttext\t{text}\t{seq}\t{at}")
        },
    );
    let (is_group, all) = (members.len() > 2, ids.join(","));
    format!("{id}\t{is_group}\t{creator}\t{{{all}}}\t{created_at}\t{created_at}\t{last}\n")
}

/// `participant`.
pub(super) fn participants(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for room in &world.rooms {
        for (place, member) in room.members.iter().enumerate() {
            let Reading { read_seq, uncounted } = room.reading(place, *member);
            let (id, joined) = (room.id, room.created_at);
            put(&mut out, &format!("{id}\t{member}\t{joined}\t{read_seq}\t{uncounted}\n"))?;
        }
    }
    flush(&mut out)
}

fn put(out: &mut impl Write, row: &str) -> QueryResult<()> {
    out.write_all(row.as_bytes()).map_err(|_| RollbackTransaction)
}

/// Writes what is still buffered; a buffer that is merely dropped swallows the failure.
pub(super) fn flush(out: &mut impl Write) -> QueryResult<()> {
    out.flush().map_err(|_| RollbackTransaction)
}
