//! The rows, in COPY's text format. Columns that are not named have their defaults.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::result::Error::{RollbackTransaction, SerializationError};
use events::listing::{Condition, Listing};

use super::market::Offer;
use super::talk::{Said, Thread};
use super::world::World;

diesel::table! {
    conversation.known_user (id) {
        id -> Uuid,
        fullname -> Text,
        is_active -> Bool,
        record_version -> Int4,
    }
}

diesel::table! {
    conversation.message (thread_id, seq) {
        thread_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        kind -> Text,
        sender_id -> Nullable<Uuid>,
        receiver_id -> Nullable<Uuid>,
        content -> Text,
        read_at -> Nullable<Timestamptz>,
        is_active -> Bool,
        record_version -> Int4,
        sent_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        deleted_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    conversation.message_term (message_id) {
        message_id -> Uuid,
        thread_id -> Uuid,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    conversation.thread (id) {
        id -> Uuid,
        listing_id -> Uuid,
        sender_id -> Uuid,
        receiver_id -> Uuid,
        created_at -> Timestamptz,
        last_seq -> Int8,
        deleted -> Int8,
        last_message_at -> Timestamptz,
        last_message_id -> Nullable<Uuid>,
        last_message_seq -> Nullable<Int8>,
        last_message_sender_id -> Nullable<Uuid>,
        last_message_kind -> Nullable<Text>,
        last_message_preview -> Nullable<Text>,
        last_message_sent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    conversation.participant (thread_id, user_id) {
        thread_id -> Uuid,
        user_id -> Uuid,
        read_seq -> Int8,
        uncounted -> Int8,
        rev -> Int8,
    }
}

diesel::table! {
    conversation.known_listing (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        status -> Text,
        is_active -> Bool,
        record_version -> Int4,
        listing -> Jsonb,
        terms -> kit::search::Tsvector,
    }
}

diesel::table! {
    #[sql_name = "listing"]
    listing.catalogue (id) {
        id -> Uuid,
        user_id -> Uuid,
        title -> Text,
        price -> Nullable<Float8>,
        currency -> Nullable<Text>,
        attributes -> Jsonb,
        condition -> Nullable<Text>,
        listing_type -> Text,
        status -> Text,
        is_active -> Bool,
        record_version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        terms -> kit::search::Tsvector,
    }
}

const NULL: &str = "\\N";
/// How many characters of the newest message lists show.
const PREVIEW: usize = 200;

/// `known_user`.
pub(super) fn people(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    put(&mut out, &format!("{}\tModerator\tt\t1\n", world.staff))?;
    for (user, number) in world.new_users.iter().zip(1_usize..) {
        put(&mut out, &format!("{user}\tUser {number}\tt\t1\n"))?;
    }
    flush(&mut out)
}

/// A row of `message`.
pub(super) fn message_row(said: &Said, world: &World) -> String {
    let Said { thread, seq, id, between, text, at, read_at, deleted_at } = said;
    let (sender, receiver) = between.unzip();
    let between = format!("{}\t{}", nullable(sender), nullable(receiver));
    let version = 1 + i32::from(read_at.is_some()) + i32::from(deleted_at.is_some());
    let updated = deleted_at.or(*read_at).unwrap_or(*at).to_rfc3339();
    let (kind, active, sent) = (kind(said), deleted_at.is_none(), at.to_rfc3339());
    let deleted = format!("{}\t{}", date(*deleted_at), nullable(deleted_at.map(|_| world.staff)));
    let (seq, read) = (seq.get(), date(*read_at));
    format!(
        "{thread}\t{seq}\t{id}\t{kind}\t{between}\t{text}\t{read}\t{active}\t{version}\t{sent}\t{updated}\t{deleted}\n"
    )
}

/// A row of `message_term`.
pub(super) fn term_row(said: &Said) -> String {
    format!("{}\t{}\t{}\n", said.id, said.thread, found_by(&said.text))
}

/// `thread`.
pub(super) fn threads(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for thread in &world.threads {
        put(&mut out, &thread_row(thread))?;
    }
    flush(&mut out)
}

fn thread_row(of: &Thread) -> String {
    let Thread {
        id, listing, two: [sender, receiver], created_at, last_seq, deleted, last_message_at, ..
    } = of;
    let last = of.last.as_ref().map_or_else(|| [NULL; 6].join("\t"), last_columns);
    let (created, at, last_seq) = (created_at.to_rfc3339(), last_message_at.to_rfc3339(), last_seq.get());
    let (sender, receiver) = (sender.user, receiver.user);
    format!("{id}\t{listing}\t{sender}\t{receiver}\t{created}\t{last_seq}\t{deleted}\t{at}\t{last}\n")
}

fn last_columns(last: &Said) -> String {
    let preview: String = last.text.chars().take(PREVIEW).collect();
    let sender = nullable(last.between.map(|(sender, _)| sender));
    let (id, seq, kind, at) = (last.id, last.seq.get(), kind(last), last.at.to_rfc3339());
    format!("{id}\t{seq}\t{sender}\t{kind}\t{preview}\t{at}")
}

/// `participant`.
pub(super) fn participants(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for thread in &world.threads {
        for reader in &thread.two {
            let (id, user, of) = (thread.id, reader.user, reader.watermark);
            let (read_seq, uncounted, rev) = (of.read_seq.get(), of.uncounted, of.rev);
            put(&mut out, &format!("{id}\t{user}\t{read_seq}\t{uncounted}\t{rev}\n"))?;
        }
    }
    flush(&mut out)
}

/// `known_listing`.
pub(super) fn known_listings(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for listing in world.offers.iter().map(Offer::listing) {
        let json = serde_json::to_string(&listing).map_err(|error| SerializationError(error.into()))?;
        let Listing { id, user_id, title, status, record_version, .. } = listing;
        let (status, json, terms) = (status.name(), escaped(&json), found_by(&title));
        put(
            &mut out,
            &format!("{id}\t{user_id}\t{title}\t{status}\tt\t{record_version}\t{json}\t{terms}\n"),
        )?;
    }
    flush(&mut out)
}

/// `listing`, of the service of that name.
pub(super) fn listings(out: &mut dyn Write, world: &World) -> QueryResult<()> {
    let mut out = std::io::BufWriter::new(out);
    for listing in world.offers.iter().map(Offer::listing) {
        put(&mut out, &catalogue_row(&listing))?;
    }
    flush(&mut out)
}

fn catalogue_row(of: &Listing) -> String {
    let Listing { id, user_id, title, price, record_version, .. } = of;
    let (price, currency) = (nullable(*price), nullable(of.currency.as_ref()));
    let (condition, kind, status) =
        (nullable(of.condition.map(Condition::name)), of.listing_type.name(), of.status.name());
    let (created, updated, terms) = (of.created_at.to_rfc3339(), of.updated_at.to_rfc3339(), found_by(title));
    let said = format!("{title}\t{price}\t{currency}\t{{}}\t{condition}\t{kind}\t{status}");
    format!("{id}\t{user_id}\t{said}\tt\t{record_version}\t{created}\t{updated}\t{terms}\n")
}

fn kind(said: &Said) -> &'static str {
    if said.between.is_some() { "text" } else { "system" }
}

/// The text of the `tsvector` that a text is found by.
fn found_by(text: &str) -> String {
    let lexemes: Vec<String> = terms::of(text)
        .iter()
        .map(|term| format!("'{}'", term.replace('\\', r"\\").replace('\'', "''")))
        .collect();
    escaped(&lexemes.join(" "))
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
}

fn date(at: Option<DateTime<Utc>>) -> String {
    nullable(at.map(|at| at.to_rfc3339()))
}

fn nullable(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NULL.to_owned(), |value| value.to_string())
}

/// Writes a row.
pub(super) fn put(out: &mut impl Write, row: &str) -> QueryResult<()> {
    out.write_all(row.as_bytes()).map_err(|_| RollbackTransaction)
}

/// Writes what is still buffered; a buffer that is merely dropped swallows the failure.
pub(super) fn flush(out: &mut impl Write) -> QueryResult<()> {
    out.flush().map_err(|_| RollbackTransaction)
}
