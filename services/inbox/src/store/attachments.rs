//! The files that messages carry.

use std::collections::HashMap;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use files::FileId;
use kit::Tx;

use crate::domain::ids::{AttachmentId, MessageId};
use crate::domain::message::{Attachment, Message};
use crate::store::schema::attachment;

/// Stores the attachments of a new message.
///
/// # Errors
/// What Postgres says.
pub fn insert(tx: &mut Tx<'_>, of: &Message) -> QueryResult<usize> {
    let row = |(position, it): (i32, &Attachment)| {
        (
            attachment::chatbot_id.eq(of.chatbot_id),
            attachment::id.eq(it.id),
            attachment::message_id.eq(of.id),
            attachment::attachment_type.eq(it.attachment_type.clone()),
            attachment::file_id.eq(it.file_id),
            attachment::position.eq(position),
            attachment::created_at.eq(of.created_at),
            attachment::updated_at.eq(of.created_at),
        )
    };
    let rows: Vec<_> = (0..).zip(&of.attachments).map(row).collect();
    if rows.is_empty() {
        Ok(0)
    } else {
        diesel::insert_into(attachment::table).values(rows).execute(tx.conn())
    }
}

/// Gives messages of some chatbots their attachments: one query, however many messages.
///
/// # Errors
/// What Postgres says.
pub(super) fn attach(conn: &mut PgConnection, mut messages: Vec<Message>) -> QueryResult<Vec<Message>> {
    if messages.is_empty() {
        return Ok(messages);
    }
    let mut chatbots: Vec<_> = messages.iter().map(|message| message.chatbot_id).collect();
    chatbots.dedup();
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let theirs = attachment::chatbot_id.eq_any(chatbots).and(attachment::message_id.eq_any(ids));
    let rows: Vec<(MessageId, AttachmentId, String, FileId)> = attachment::table
        .filter(theirs)
        .order((attachment::message_id, attachment::position))
        .select((attachment::message_id, attachment::id, attachment::attachment_type, attachment::file_id))
        .load(conn)?;
    let mut found: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
    for (message, id, attachment_type, file_id) in rows {
        found.entry(message).or_default().push(Attachment { id, attachment_type, file_id });
    }
    for message in &mut messages {
        message.attachments = found.remove(&message.id).unwrap_or_default();
    }
    Ok(messages)
}
