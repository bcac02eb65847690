//! What the bucket does on others' events: it knows which messages carry a file and whose owner is gone, and so which files
//! are nobody's.

use events::auth::UserDeleted;
use events::{Heard, On, Payload, Reaction, conversation, inbox, messaging};
use kit::{Result, Tx, sha256};
use uuid::Uuid;

use crate::store::carriers::{self, Carrier};
use crate::store::departed_users;

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[
    &On(said_in_thread),
    &On(deleted_in_thread),
    &On(restored_in_thread),
    &On(said_in_conversation),
    &On(deleted_in_conversation),
    &On(said_in_inbox),
    &On(deleted_in_inbox),
    &On(user_deleted),
];

/// A user may have thousands of files, so that the sweeper sees to them, bite by bite.
fn user_deleted(tx: &mut Tx<'_>, event: &Heard<UserDeleted>) -> Result<()> {
    Ok(departed_users::insert(tx, event.data.user.id, event.time)?)
}

fn said_in_thread(tx: &mut Tx<'_>, event: &Heard<conversation::MessageCreated>) -> Result<()> {
    of_thread(tx, event, &event.data.message)
}

fn deleted_in_thread(tx: &mut Tx<'_>, event: &Heard<conversation::MessageDeleted>) -> Result<()> {
    of_thread(tx, event, &event.data.message)
}

fn restored_in_thread(tx: &mut Tx<'_>, event: &Heard<conversation::MessageRestored>) -> Result<()> {
    of_thread(tx, event, &event.data.message)
}

fn said_in_conversation(tx: &mut Tx<'_>, event: &Heard<messaging::MessageCreated>) -> Result<()> {
    of_conversation(tx, event, &event.data.message)
}

fn deleted_in_conversation(tx: &mut Tx<'_>, event: &Heard<messaging::MessageDeleted>) -> Result<()> {
    of_conversation(tx, event, &event.data.message)
}

fn said_in_inbox(tx: &mut Tx<'_>, event: &Heard<inbox::MessageCreated>) -> Result<()> {
    of_inbox(tx, event, &event.data.message)
}

fn deleted_in_inbox(tx: &mut Tx<'_>, event: &Heard<inbox::MessageDeleted>) -> Result<()> {
    of_inbox(tx, event, &event.data.message)
}

fn of_thread<P: Payload>(tx: &mut Tx<'_>, event: &Heard<P>, of: &conversation::Message) -> Result<()> {
    let (is_active, record_version) = (of.is_active, of.record_version);
    let carrier = Carrier { source: P::SOURCE, message_id: of.id, is_active, record_version };
    keep(tx, event, carrier, &of.file_ids)
}

fn of_conversation<P: Payload>(tx: &mut Tx<'_>, event: &Heard<P>, of: &messaging::Message) -> Result<()> {
    let (is_active, record_version) = (of.is_active, of.record_version);
    let carrier = Carrier { source: P::SOURCE, message_id: of.id, is_active, record_version };
    // A message may also be a file: then its content is the file's id, until it is erased.
    let is_file = of.kind == "docId";
    let itself = Some(&of.content).filter(|_| is_file).and_then(|content| content.parse().ok());
    let files: Vec<Uuid> = of.file_ids.iter().copied().chain(itself).collect();
    keep(tx, event, carrier, &files)
}

fn of_inbox<P: Payload>(tx: &mut Tx<'_>, event: &Heard<P>, of: &inbox::Message) -> Result<()> {
    let (is_active, record_version) = (of.is_active, of.record_version);
    let carrier = Carrier { source: P::SOURCE, message_id: stand_in(&of.id), is_active, record_version };
    keep(tx, event, carrier, &of.file_ids)
}

/// Ids of inbox are no UUIDs, and a carrier only needs to be told from the others.
fn stand_in(id: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, digest) in bytes.iter_mut().zip(sha256(&[id.as_bytes()])) {
        *byte = digest;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// An older state than the one we have changes nothing, so the order of events does not matter.
fn keep<P>(tx: &mut Tx<'_>, event: &Heard<P>, carrier: Carrier, files: &[Uuid]) -> Result<()> {
    let files: Vec<_> = files.iter().map(|id| (*id).into()).collect();
    Ok(carriers::keep(tx, carrier, &files, event.time)?)
}
