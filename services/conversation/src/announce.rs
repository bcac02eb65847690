//! What conversation tells the others, built from what the domain decided.

use events::Member;
use events::conversation as told;

use crate::domain::message::Message;
use crate::domain::participant::Participant;
use crate::domain::thread::Thread;
use crate::store::threads::PREVIEW;

/// A participant's state as events carry it.
pub(crate) fn member(of: &Participant) -> Member {
    let watermark = of.watermark;
    Member {
        user_id: of.user_id,
        read_seq: watermark.read_seq.get(),
        uncounted: watermark.uncounted,
        visible_from: watermark.visible_from.get(),
        is_member: true,
        hidden_seq: None,
        rev: watermark.rev,
    }
}

/// A thread as events carry it.
pub(crate) fn thread(of: &Thread) -> told::Thread {
    told::Thread {
        id: of.id.uuid(),
        listing_id: of.listing_id.uuid(),
        sender_id: of.sender_id,
        receiver_id: of.receiver_id,
        last_message_at: of.last_message_at,
        created_at: of.created_at,
    }
}

/// A message as events carry it: of one that is deleted, the content is erased.
pub(crate) fn message(of: &Message) -> told::Message {
    told::Message {
        id: of.id.uuid(),
        conversation_thread_id: of.thread_id.uuid(),
        seq: of.seq.get(),
        kind: of.kind.name().to_owned(),
        sender_id: of.sender_id,
        receiver_id: of.receiver_id,
        content: if of.is_active { of.content.clone() } else { String::new() },
        client_message_id: of.client_message_id.clone(),
        file_ids: of.file_ids.iter().map(|id| id.uuid()).collect(),
        read_at: of.read_at,
        sent_at: of.sent_at,
        is_active: of.is_active,
        record_version: of.record_version,
        updated_at: of.updated_at,
    }
}

/// A message as others show it in lists: its content is cut.
pub(crate) fn preview(of: &Message) -> told::Message {
    let whole = message(of);
    told::Message { content: whole.content.chars().take(PREVIEW).collect(), ..whole }
}
