//! What messaging tells the others, built from what the domain decided.

use events::Member;
pub(crate) use events::Occasion;
use events::messaging as told;
use events::messaging::Sight;
use timeline::{Seq, Watermark};

use crate::domain::conversation::Conversation;
use crate::domain::message::{Message, MessageId};
use crate::domain::participant::Participant;
use crate::domain::reaction::{self, Tally};
use crate::store::conversations::PREVIEW;

/// A member's state as events carry it.
pub(crate) fn member(of: &Participant) -> Member {
    let Watermark { read_seq, uncounted, visible_from, rev } = of.watermark;
    Member {
        user_id: of.user_id,
        read_seq: read_seq.get(),
        uncounted,
        visible_from: visible_from.get(),
        is_member: of.is_member,
        hidden_seq: of.hidden_seq.map(Seq::get),
        rev,
    }
}

/// Several members' states.
pub(crate) fn members<'a>(of: impl IntoIterator<Item = &'a Participant>) -> Vec<Member> {
    of.into_iter().map(member).collect()
}

/// What a member sees, whose conversation's newest number is `up_to`.
pub(crate) fn sight(of: &Participant, up_to: Seq, last_message: Option<&Message>) -> Sight {
    let visible_from = of.watermark.visible_from;
    let visible = last_message.filter(|last| last.seq >= visible_from);
    Sight {
        user_id: of.user_id,
        visible_from: visible_from.get(),
        absent: of.absent,
        up_to_seq: up_to.get(),
        last_message: visible.map(preview),
    }
}

/// A conversation as events carry it.
pub(crate) fn conversation(of: &Conversation) -> told::Conversation {
    told::Conversation {
        id: of.id.uuid(),
        is_group: of.is_group,
        name: of.profile.name.clone(),
        icon: of.profile.icon.clone(),
        desc: of.profile.description.clone(),
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
        file_ids: of.file_ids.iter().map(|id| id.uuid()).collect(),
        reply_to: of.reply_to.map(MessageId::uuid),
        sent_at: of.sent_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.sent_at,
        updated_at: of.updated_at,
    }
}

/// A message as others show it in lists: its content is cut.
pub(crate) fn preview(of: &Message) -> told::Message {
    let whole = message(of);
    told::Message { content: whole.content.chars().take(PREVIEW).collect(), ..whole }
}

/// What the reactions to a message came to, as events carry it.
pub(crate) fn reactions(of: Vec<Tally>) -> Vec<told::Reaction> {
    let tell = |Tally { emoji, mut user_ids }: Tally| {
        let count = user_ids.len();
        user_ids.truncate(reaction::NAMED);
        told::Reaction { emoji, count, user_ids }
    };
    of.into_iter().map(tell).collect()
}
