//! What messages consist of, as bodies have it: the same for agents, contacts and channels.

use files::{Attachments, FileId, public_bucket_of};
use kit::error::{NOT_VALID, REQUIRED};
use kit::{Body, Error, MAX_TEXT, Result, UserId};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

use crate::domain::content::MessageType;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{AttachmentId, ConversationId, MessageId};
use crate::domain::message::{Attachment, Picked};
use crate::{Inbox, Refusal};

/// The longest name that a client may give to its message, in characters.
pub(crate) const MAX_CLIENT_ID: usize = 200;
/// The largest body, in bytes of JSON.
const MAX_BODY: usize = 64 << 10;
/// How many values an answer has at most, and how long each is.
const MAX_ANSWER: usize = 50;

/// What somebody wants to say.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) message_type: MessageType,
    pub(crate) content: Option<String>,
    pub(crate) body: Option<Value>,
    pub(crate) file_ids: Vec<FileId>,
    pub(crate) client_message_id: Option<String>,
    pub(crate) answer: Option<Picked>,
}

/// Reads it, as far as that can be told from the request alone.
pub(crate) fn wish(body: &Body) -> Result<Wish> {
    let message_type = match body.text("messageType", 20)? {
        Some(name) => MessageType::parse(&name).ok_or_else(|| Error::field(&NOT_VALID, "messageType"))?,
        None => MessageType::Text,
    };
    let answer = answer(body)?;
    let content = body.text("content", MAX_TEXT)?.filter(|text| !text.trim().is_empty());
    if content.is_none() && answer.is_none() && message_type.needs_text() {
        return Err(Error::field(&REQUIRED, "content"));
    }
    let given: Option<Map<String, Value>> = body.object("body", MAX_BODY)?;
    let client_message_id = body.text("clientMessageId", MAX_CLIENT_ID)?.filter(|name| !name.is_empty());
    Ok(Wish {
        message_type,
        content,
        body: message_type.body(given.as_ref()).map_err(Refusal::BodyNotValid)?,
        file_ids: files_of(message_type, body)?,
        client_message_id,
        answer,
    })
}

/// The schema of texts of which a single one counts as a list of one, and null as none; see [`Body::texts`].
pub(crate) fn texts_schema(what: &str, count: usize, max: usize) -> Schema {
    let one = ObjectBuilder::new().schema_type(Type::String).max_length(Some(max)).build();
    let several = ArrayBuilder::new().items(one.clone()).max_items(Some(count)).build();
    let none = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().description(Some(what)).item(several).item(one).item(none).into()
}

/// The schema of `answer`.
pub(crate) fn answer_schema() -> Schema {
    texts_schema("The values that are picked, or the one.", MAX_ANSWER, MAX_CLIENT_ID)
}

/// The same from a contact, who sends some types only.
pub(crate) fn contact_wish(body: &Body) -> Result<Wish> {
    let wish = wish(body)?;
    if wish.message_type.is_for_contacts() { Ok(wish) } else { Err(Refusal::TypeNotForContacts.into()) }
}

fn files_of(message_type: MessageType, body: &Body) -> Result<Vec<FileId>> {
    let ids: Vec<FileId> = body.ids("fileIds")?.unwrap_or_default();
    match ids.is_empty() {
        true if message_type.needs_files() => Err(Error::field(&REQUIRED, "fileIds")),
        false if !message_type.takes_files() => {
            Err(Refusal::FilesDoNotFit("A message of this type carries no files.").into())
        }
        _ => Ok(ids),
    }
}

/// `answers`: a message that offers something; `answer`: what is picked of it, one value or several.
fn answer(body: &Body) -> Result<Option<Picked>> {
    let asked: Option<MessageId> = body.id("answers")?;
    let values = body.texts("answer", MAX_ANSWER, MAX_CLIENT_ID)?;
    let Some(message_id) = asked else { return Ok(None) };
    let values =
        values.filter(|values| !values.is_empty()).ok_or_else(|| Error::field(&REQUIRED, "answer"))?;
    Ok(Some(Picked { message_id, values }))
}

impl Wish {
    /// The files that go with it, of the conversation's bucket, or of the public one of the user who sends them.
    pub(crate) async fn attachments(
        &self,
        service: &Inbox,
        conversation: ConversationId,
        user: Option<UserId>,
    ) -> Result<Vec<Attachment>> {
        let own = user.map(public_bucket_of);
        let buckets: Vec<String> = std::iter::once(Conversation::bucket(conversation)).chain(own).collect();
        let (ids, known) = service.files.attachable(self.file_ids.clone(), &buckets).await?;
        attachments(self.message_type, &ids, &known)
    }
}

fn attachments(message_type: MessageType, ids: &[FileId], known: &Attachments) -> Result<Vec<Attachment>> {
    let views = known.views(ids);
    let attach = |view: files::AttachmentView| {
        let mime_type = view.mime_type.unwrap_or_default();
        if !message_type.fits(&mime_type) {
            return Err(Refusal::FilesDoNotFit("Each file must be what the message's type says.").into());
        }
        let attachment_type = message_type.of_attachment(&mime_type).to_owned();
        Ok(Attachment { id: AttachmentId::draw(), attachment_type, file_id: view.file_id })
    };
    views.into_iter().map(attach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Wish> {
        wish(&Body::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn an_answer_is_read_even_where_it_answers_nothing() {
        assert_eq!(read(r#"{"content":"Hello","answer":"r"}"#).unwrap().answer, None);
        for wrong in ["[null]", "1", "{}"] {
            assert!(read(&format!(r#"{{"content":"Hello","answer":{wrong}}}"#)).is_err(), "{wrong}");
        }
    }
}
