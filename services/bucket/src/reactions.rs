//! What the bucket does on others' events: it knows which messages carry a file, and so which files are nobody's.

use events::conversation::{MessageCreated, MessageDeleted, MessageRestored};
use events::{Event, On, Reaction};
use kit::{Result, Tx};

use crate::domain::file::FileId;
use crate::store::carriers::{self, Carrier};

/// The reactions, by event.
pub static REACTIONS: &[Reaction] = &[&On(said_in_thread), &On(deleted_in_thread), &On(restored_in_thread)];

fn said_in_thread(tx: &mut Tx<'_>, event: &Event<MessageCreated>) -> Result<()> {
    carry(tx, event, &event.data.message)
}

fn deleted_in_thread(tx: &mut Tx<'_>, event: &Event<MessageDeleted>) -> Result<()> {
    carry(tx, event, &event.data.message)
}

fn restored_in_thread(tx: &mut Tx<'_>, event: &Event<MessageRestored>) -> Result<()> {
    carry(tx, event, &event.data.message)
}

/// An older state than the one we have changes nothing, so the order of events does not matter.
fn carry<P: events::Payload>(
    tx: &mut Tx<'_>,
    event: &Event<P>,
    of: &events::conversation::Message,
) -> Result<()> {
    let files: Vec<FileId> = of.file_ids.iter().map(|id| (*id).into()).collect();
    let carrier = Carrier {
        source: P::SOURCE,
        message_id: of.id,
        is_active: of.is_active,
        record_version: of.record_version,
    };
    Ok(carriers::keep(tx, carrier, &files, event.time)?)
}
