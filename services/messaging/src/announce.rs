//! What messaging tells the others, built from what the domain decided.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use events::messaging::{self as told, Member};
use events::{Announcement, Payload, Recipient};
use kit::{App, Call, Tx, UserId};
use timeline::Watermark;
use uuid::Uuid;

use crate::domain::conversation::{Conversation, ConversationId};
use crate::domain::message::{Message, MessageId};
use crate::domain::participant::Participant;

/// When something happens, and under which id it is told: drawn before the transaction, which may run twice.
#[derive(Debug, Clone)]
pub(crate) struct Occasion {
    pub(crate) now: DateTime<Utc>,
    event_id: Uuid,
    request_id: String,
}

impl Occasion {
    /// As many occasions as a request may tell of.
    pub(crate) fn draw<const N: usize>(app: &App, call: &Call) -> [Self; N] {
        let now = app.now();
        std::array::from_fn(|_| Self {
            now,
            event_id: app.new_id::<MessageId>().uuid(),
            request_id: call.request_id().to_owned(),
        })
    }

    /// Tells `data` about a conversation to some people.
    pub(crate) fn tell<P: Payload>(
        &self,
        tx: &mut Tx<'_>,
        about: ConversationId,
        to: &[UserId],
        data: P,
    ) -> QueryResult<()> {
        let announcement = Announcement {
            id: self.event_id,
            time: self.now,
            request_id: self.request_id.clone(),
            subject: about.to_string(),
            recipients: to.iter().copied().map(Recipient::User).collect(),
            data,
        };
        events::enqueue(tx, &announcement)
    }
}

/// A member's state as events carry it.
pub(crate) fn member(user_id: UserId, watermark: Watermark) -> Member {
    let Watermark { read_seq, uncounted, visible_from, rev } = watermark;
    Member { user_id, read_seq: read_seq.get(), uncounted, visible_from: visible_from.get(), rev }
}

/// Several members' states.
pub(crate) fn members<'a>(of: impl IntoIterator<Item = &'a Participant>) -> Vec<Member> {
    of.into_iter().map(|participant| member(participant.user_id, participant.watermark)).collect()
}

/// A conversation as events carry it.
pub(crate) fn conversation(of: &Conversation) -> told::Conversation {
    told::Conversation {
        id: of.id.uuid(),
        is_group: of.is_group,
        participant_ids: of.member_ids.clone(),
        last_message_at: of.last_message_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
        owner: of.creator_id,
    }
}

/// A message as events carry it: of one that is deleted, the content is erased.
pub(crate) fn message(of: &Message) -> told::Message {
    told::Message {
        id: of.id.uuid(),
        conversation_id: of.conversation_id.uuid(),
        seq: of.seq.get(),
        sender_user_id: of.sender_id,
        content: if of.is_active { of.content.clone() } else { String::new() },
        kind: of.kind.name().to_owned(),
        client_message_id: of.client_message_id.clone(),
        sent_at: of.sent_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.sent_at,
        updated_at: of.updated_at,
    }
}
