//! A company's own system: what is said to a contact goes to it by signed webhooks.

use diesel::QueryResult;
use diesel::pg::PgConnection;
use kit::{Result, Tx};
use serde::Serialize;
use serde_json::json;

use super::{API, Channel, Said};
use crate::api::message_view::{MessageView, view_one};
use crate::domain::delivery::{Delivery, DeliveryStatus};
use crate::domain::ids::{ChannelId, ChatbotId};
use crate::store::{channel_apis, contact_inboxes, contacts, webhook_deliveries};

/// The channel.
pub(super) struct ChannelApi;

/// What a webhook holds. It is written once, so that every try sends the same.
#[derive(Serialize)]
struct Hook {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(with = "kit::date")]
    timestamp: chrono::DateTime<chrono::Utc>,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    message: MessageView,
    conversation: serde_json::Value,
    contact: serde_json::Value,
}

impl Channel for ChannelApi {
    fn channel_type(&self) -> &'static str {
        API
    }

    fn exists(&self, conn: &mut PgConnection, chatbot: ChatbotId, id: ChannelId) -> QueryResult<bool> {
        Ok(channel_apis::get(conn, chatbot, id)?.is_some())
    }

    /// What the contact said came from there, and does not go back.
    fn said(&self, tx: &mut Tx<'_>, said: &Said<'_>) -> Result<()> {
        if said.message.sender.is_contact() {
            return Ok(());
        }
        let channel = channel_apis::get(tx.conn(), said.inbox.chatbot_id, said.inbox.channel_id)?;
        if channel.is_none_or(|channel| channel.webhook_url.is_none()) {
            return Ok(());
        }
        let hook = hook(tx.conn(), said)?;
        let now = said.message.created_at;
        let delivery = Delivery {
            chatbot_id: said.inbox.chatbot_id,
            id: said.message.id,
            channel_id: said.inbox.channel_id,
            conversation_id: said.conversation.id,
            seq: said.message.seq.get(),
            body: serde_json::to_string(&hook).map_err(kit::Error::internal)?,
            status: DeliveryStatus::Pending,
            tries: 0,
            claim: 0,
            next_try_at: now,
            http_status: None,
            problem: None,
            created_at: now,
            updated_at: now,
        };
        webhook_deliveries::insert(tx, &delivery)?;
        Ok(())
    }
}

/// The other side knows its people and conversations by its own names.
fn hook(conn: &mut PgConnection, said: &Said<'_>) -> Result<Hook> {
    let of = said.conversation;
    let contact = contacts::get(conn, of.chatbot_id, of.contact_id)?;
    let place = contact_inboxes::get(conn, of.chatbot_id, of.contact_inbox_id)?;
    Ok(Hook {
        kind: "message.created",
        timestamp: said.message.created_at,
        data: Data {
            message: view_one(conn, said.message.clone())?,
            conversation: json!({ "id": of.id, "sourceId": of.source_id, "status": of.status }),
            contact: json!({
                "id": of.contact_id,
                "sourceId": place.map(|place| place.source_id),
                "identifier": contact.as_ref().and_then(|contact| contact.card.identifier.clone()),
                "name": contact.as_ref().and_then(|contact| contact.card.name.clone()),
            }),
        },
    })
}
