//! What inbox tells the others, built from what the domain decided.

use events::inbox as told;
use events::inbox::{Side, Sides};
use timeline::Watermark;

use crate::domain::chatbot::{Chatbot, Member};
use crate::domain::contact::Contact;
use crate::domain::conversation::Conversation;
use crate::domain::message::Message;

/// A chatbot as events carry it.
pub(crate) fn chatbot(of: &Chatbot) -> told::Chatbot {
    let (is_active, record_version) = (of.is_active, of.record_version);
    told::Chatbot { id: of.id.to_string(), name: of.name.clone(), is_active, record_version }
}

/// A membership as events carry it.
pub(crate) fn member(of: &Member) -> told::ChatbotMember {
    told::ChatbotMember {
        chatbot_id: of.chatbot_id.to_string(),
        user_id: of.user_id,
        role: of.role.name().to_owned(),
        is_active: of.is_active,
        record_version: of.record_version,
    }
}

/// A contact as events carry it: without what they can be reached by.
pub(crate) fn contact(of: &Contact) -> told::Contact {
    told::Contact {
        id: of.id.to_string(),
        chatbot_id: of.chatbot_id.to_string(),
        name: of.card.name.clone(),
        avatar: of.card.avatar.clone(),
        is_active: of.is_active,
        record_version: of.record_version,
    }
}

/// A conversation as events carry it.
pub(crate) fn conversation(of: &Conversation) -> told::Conversation {
    told::Conversation {
        id: of.id.to_string(),
        chatbot_id: of.chatbot_id.to_string(),
        contact_id: of.contact_id.to_string(),
        inbox_id: of.inbox_id.to_string(),
        status: of.status.name().to_owned(),
        assignee_id: of.assignee_id,
        last_seq: of.last_seq.get(),
        last_message_at: of.last_message_at,
        is_active: of.is_active,
        record_version: of.record_version,
        created_at: of.created_at,
        updated_at: of.updated_at,
    }
}

/// How far both sides of a conversation have read.
pub(crate) fn sides(of: &Conversation) -> Sides {
    Sides { agents: side(of.agents), contact: side(of.contact) }
}

fn side(of: Watermark) -> Side {
    Side { read_seq: of.read_seq.get(), uncounted: of.uncounted, rev: of.rev }
}

/// A message as events carry it.
pub(crate) fn message(of: &Message) -> told::Message {
    told::Message {
        id: of.id.to_string(),
        chatbot_id: of.chatbot_id.to_string(),
        conversation_id: of.conversation_id.to_string(),
        inbox_id: of.inbox_id.to_string(),
        seq: of.seq.get(),
        message_type: of.message_type.name().to_owned(),
        content: of.content.clone(),
        sender_type: of.sender.kind().to_owned(),
        sender_id: of.sender.id(),
        client_message_id: of.client_message_id.clone(),
        file_ids: of.attachments.iter().map(|attachment| attachment.file_id.uuid()).collect(),
        sent_at: of.created_at,
        is_active: of.is_active,
        record_version: of.record_version,
    }
}
