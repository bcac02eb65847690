//! What each event, and each state, tells.

use events::{conversation, inbox, messaging};
use kit::UserId;

use crate::domain::inbox_entry::{Agents, Copied, Facts, PREVIEW, Sight, Source, Told};

/// What tells of a conversation.
pub trait Tells {
    /// What it tells.
    fn told(&self) -> Told;
}

fn preview(text: &str) -> String {
    text.chars().take(PREVIEW).collect()
}

impl From<&messaging::Message> for Copied {
    fn from(of: &messaging::Message) -> Self {
        Self {
            seq: of.seq,
            id: of.id.to_string(),
            kind: of.kind.clone(),
            sender_type: sender_type(of.sender_user_id),
            sender_id: of.sender_user_id.map(|id| id.to_string()),
            preview: preview(&of.content),
            sent_at: of.sent_at,
            is_active: of.is_active,
            record_version: of.record_version,
            newest_up_to: of.seq,
        }
    }
}

impl From<&conversation::Message> for Copied {
    fn from(of: &conversation::Message) -> Self {
        Self {
            seq: of.seq,
            id: of.id.to_string(),
            kind: of.kind.clone(),
            sender_type: sender_type(of.sender_id),
            sender_id: of.sender_id.map(|id| id.to_string()),
            preview: preview(&of.content),
            sent_at: of.sent_at,
            is_active: of.is_active,
            record_version: of.record_version,
            newest_up_to: of.seq,
        }
    }
}

impl From<&inbox::Message> for Copied {
    fn from(of: &inbox::Message) -> Self {
        Self {
            seq: of.seq,
            id: of.id.clone(),
            kind: of.message_type.clone(),
            sender_type: of.sender_type.clone(),
            sender_id: of.sender_id.clone(),
            preview: preview(of.content.as_deref().unwrap_or_default()),
            sent_at: of.sent_at,
            is_active: of.is_active,
            record_version: of.record_version,
            newest_up_to: of.seq,
        }
    }
}

fn sender_type(of: Option<UserId>) -> String {
    if of.is_some() { "user" } else { "system" }.to_owned()
}

fn of_conversation(of: &messaging::Conversation) -> Told {
    let facts = Facts {
        is_group: of.is_group,
        name: of.name.clone(),
        icon: of.icon.clone(),
        member_ids: of.participant_ids.clone(),
        is_active: of.is_active,
        record_version: of.record_version,
        ..Facts::default()
    };
    Told { facts: Some(facts), last_message_at: of.last_message_at, ..Told::of(Source::Messaging, &of.id) }
}

fn of_thread(of: &conversation::Thread) -> Told {
    let facts = Facts {
        listing_id: Some(of.listing_id),
        member_ids: vec![of.sender_id, of.receiver_id],
        is_active: true,
        record_version: 1,
        ..Facts::default()
    };
    Told { facts: Some(facts), last_message_at: of.last_message_at, ..Told::of(Source::Conversation, &of.id) }
}

fn of_inbox(of: &inbox::Conversation) -> Told {
    let facts = Facts {
        chatbot_id: Some(of.chatbot_id.clone()),
        inbox_id: Some(of.inbox_id.clone()),
        contact_id: Some(of.contact_id.clone()),
        is_active: of.is_active,
        record_version: of.record_version,
        ..Facts::default()
    };
    let (last_seq, last_message_at) = (of.last_seq, of.last_message_at);
    Told { facts: Some(facts), last_seq, last_message_at, ..Told::of(Source::Inbox, &of.id) }
}

impl Told {
    fn sights(mut self, sights: &[messaging::Sight]) -> Self {
        for sight in sights {
            self.sights.push(Sight {
                user_id: sight.user_id,
                visible_from: sight.visible_from,
                absent: sight.absent,
                up_to: sight.up_to_seq,
                seq: sight.last_message.as_ref().map(|message| message.seq),
            });
            self = match &sight.last_message {
                Some(message) => self.message(message),
                None => self,
            };
        }
        self
    }

    fn sides(self, sides: inbox::Sides) -> Self {
        let inbox::Side { read_seq, uncounted, rev } = sides.agents;
        Self { agents: Some(Agents { read_seq, uncounted, rev }), ..self }
    }
}

/// `tells!(Payload, |data| what it tells);`
macro_rules! tells {
    ($($payload:path, |$data:ident| $told:expr;)+) => {
        $(impl Tells for $payload {
            fn told(&self) -> Told {
                let $data = self;
                $told
            }
        })+
    };
}

tells! {
    messaging::ConversationCreated, |it| of_conversation(&it.conversation).members(&it.members);
    messaging::ConversationUpdated, |it| of_conversation(&it.conversation).members(&it.members);
    messaging::ConversationDeleted, |it| of_conversation(&it.conversation).members(&it.members);
    messaging::ConversationRead, |it| Told::of(Source::Messaging, &it.conversation_id).members(&[it.member]);
    messaging::ConversationHidden, |it| Told::of(Source::Messaging, &it.conversation_id).members(&[it.member]);
    messaging::MessageCreated, |it| {
        Told::of(Source::Messaging, &it.message.conversation_id).members(&it.members).message(&it.message)
    };
    messaging::MessageUpdated, |it| {
        let told = Told::of(Source::Messaging, &it.message.conversation_id).message(&it.message);
        told.newest(it.last_message.as_ref(), it.last_seq).sights(&it.sights)
    };
    messaging::MessageDeleted, |it| {
        let told = Told::of(Source::Messaging, &it.message.conversation_id).members(&it.members);
        told.message(&it.message).newest(it.last_message.as_ref(), it.last_seq).sights(&it.sights)
    };
    messaging::MessageHidden, |it| {
        let told = Told::of(Source::Messaging, &it.conversation_id).members(&[it.member]);
        told.sights(std::slice::from_ref(&it.sight))
    };
    messaging::MessageRead, |it| Told::of(Source::Messaging, &it.conversation_id).members(&[it.member]);
    messaging::ConversationState, |it| {
        let told = of_conversation(&it.conversation).members(&it.members);
        told.newest(it.last_message.as_ref(), it.last_seq).sights(&it.sights)
    };
    conversation::ThreadCreated, |it| of_thread(&it.thread).members(&it.members);
    conversation::ThreadRead, |it| {
        Told::of(Source::Conversation, &it.conversation_thread_id).members(&[it.member])
    };
    conversation::MessageCreated, |it| {
        let told = Told::of(Source::Conversation, &it.message.conversation_thread_id);
        told.members(&it.members).message(&it.message)
    };
    conversation::MessageRead, |it| {
        let told = Told::of(Source::Conversation, &it.message.conversation_thread_id);
        told.members(&[it.member]).message(&it.message)
    };
    conversation::MessageDeleted, |it| {
        let told = Told::of(Source::Conversation, &it.message.conversation_thread_id);
        told.members(&it.members).message(&it.message).newest(it.last_message.as_ref(), it.last_seq)
    };
    conversation::MessageRestored, |it| {
        let told = Told::of(Source::Conversation, &it.message.conversation_thread_id);
        told.members(&it.members).message(&it.message).newest(it.last_message.as_ref(), it.last_seq)
    };
    conversation::ThreadState, |it| {
        of_thread(&it.thread).members(&it.members).newest(it.last_message.as_ref(), it.last_seq)
    };
    inbox::ConversationCreated, |it| of_inbox(&it.conversation).sides(it.sides);
    inbox::ConversationUpdated, |it| of_inbox(&it.conversation);
    inbox::ConversationSeen, |it| Told::of(Source::Inbox, &it.conversation_id).sides(it.sides);
    inbox::MessageCreated, |it| {
        Told::of(Source::Inbox, &it.message.conversation_id).sides(it.sides).message(&it.message)
    };
    inbox::MessageDeleted, |it| {
        let told = Told::of(Source::Inbox, &it.message.conversation_id).sides(it.sides);
        told.message(&it.message).newest(it.last_message.as_ref(), it.last_seq)
    };
}
