//! Saying something in a conversation: the one way in which messages come to be, whoever sends them.

use events::inbox::{ConversationUpdated, MessageCreated};
use events::{Occasion, Recipient};
use kit::{OnConstraint as _, Result, Tx};

use crate::channels::{self, Said};
use crate::domain::conversation::{self, Conversation, LastMessage};
use crate::domain::ids::{ChatbotId, ConversationId, MessageId};
use crate::domain::message::{Draft, Message, Sender};
use crate::store::{conversations, inboxes, members, messages};
use crate::{Refusal, announce};

/// How many characters of the newest message lists show.
const PREVIEW: usize = 200;

/// A message, and whether it was said just now: a repetition finds the first.
pub(crate) enum Spoken {
    /// Just now.
    New(Message),
    /// Before, under the same name.
    Before(Message),
}

/// Says it: next number, newest message, both sides' reading state, events and what the channel has to send, all or
/// nothing. The `occasions` tell of the message, and of the conversation if it opens again.
///
/// Whoever sends in a user's name must hold their membership.
pub(crate) fn say(tx: &mut Tx<'_>, draft: Draft, occasions: &[Occasion; 2]) -> Result<Spoken> {
    let found = conversations::lock(tx, draft.chatbot_id, draft.conversation_id)?;
    let before = conversation::there(found)?;
    if let Some(first) = said_before(tx, &draft, &before)? {
        return Ok(Spoken::Before(first));
    }
    let asked = asked(tx, &draft)?;
    let message = draft.answering(asked.as_ref())?.into_message(&before);
    messages::insert(tx, &message).on_constraint("message_source_id_key", Refusal::SourceIdInUse)?;
    let version = before.record_version;
    let after = before.said(&message, last(&message));
    conversations::save(tx, &after)?;
    let inbox = inboxes::get(tx.conn(), after.chatbot_id, after.inbox_id)?.ok_or(Refusal::InboxNotFound)?;
    tell(tx, &after, &message, occasions, after.record_version != version)?;
    if let Some(channel) = channels::find(&inbox.channel_type) {
        channel.said(tx, &Said { inbox: &inbox, conversation: &after, message: &message })?;
    }
    Ok(Spoken::New(message))
}

/// Under the lock of the conversation nobody else gives a message the same name meanwhile.
fn said_before(tx: &mut Tx<'_>, draft: &Draft, of: &Conversation) -> Result<Option<Message>> {
    if let Some(source_id) = &draft.source_id {
        return Ok(messages::by_source(tx.conn(), of.chatbot_id, of.inbox_id, source_id)?);
    }
    let Some(name) = &draft.client_message_id else { return Ok(None) };
    Ok(messages::by_client_id(tx.conn(), of.chatbot_id, of.id, draft.sender, name)?)
}

fn asked(tx: &mut Tx<'_>, draft: &Draft) -> Result<Option<Message>> {
    let Some(answer) = &draft.answer else { return Ok(None) };
    Ok(messages::get(tx.conn(), draft.chatbot_id, draft.conversation_id, answer.message_id)?)
}

fn tell(
    tx: &mut Tx<'_>,
    of: &Conversation,
    message: &Message,
    [said, changed]: &[Occasion; 2],
    is_changed: bool,
) -> Result<()> {
    let to = audience(tx, of)?;
    let data = MessageCreated { message: announce::message(message), sides: announce::sides(of) };
    said.tell_all(tx, message.id, to.clone(), data)?;
    if is_changed {
        changed.tell_all(tx, of.id, to, ConversationUpdated { conversation: announce::conversation(of) })?;
    }
    Ok(())
}

/// Whom it concerns what happens in a conversation: all who answer, and the contact.
pub(crate) fn audience(tx: &mut Tx<'_>, of: &Conversation) -> Result<Vec<Recipient>> {
    let users = members::users(tx.conn(), of.chatbot_id)?;
    let contact = Recipient::Contact(of.contact_id.to_string());
    Ok(users.into_iter().map(Recipient::User).chain([contact]).collect())
}

/// A message as lists of conversations show it.
pub(crate) fn last(of: &Message) -> LastMessage {
    LastMessage {
        id: of.id,
        seq: of.seq,
        message_type: of.message_type,
        sender: of.sender,
        preview: of.content.as_deref().unwrap_or_default().chars().take(PREVIEW).collect(),
        sent_at: of.created_at,
    }
}

/// A draft of plain text.
pub(crate) fn text(
    id: MessageId,
    (chatbot_id, conversation_id): (ChatbotId, ConversationId),
    sender: Sender,
    content: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Draft {
    Draft {
        id,
        chatbot_id,
        conversation_id,
        sender,
        message_type: crate::domain::content::MessageType::Text,
        content: Some(content),
        body: None,
        attachments: Vec::new(),
        client_message_id: None,
        source_id: None,
        answer: None,
        now,
    }
}
