//! `/v1/channelapis/{channelApiId}/messages`: webhooks that come in.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, post, web};
use diesel::pg::PgConnection;
use events::Occasion;
use files::FileId;
use kit::error::REQUIRED;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Error, Raw, Result, Tx, Visit};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::content::{Wish, answer_schema, contact_wish};
use crate::api::conversation_view::{BucketAccess, access};
use crate::api::conversations::{Ids, MAX_SOURCE_ID, open};
use crate::api::message_view::{MessageView, view_one};
use crate::api::messages::draft;
use crate::arriving::{Arrival, arrive};
use crate::channels::API;
use crate::domain::channel::ChannelApi;
use crate::domain::contact::Card;
use crate::domain::content::MessageType;
use crate::domain::conversation::Conversation;
use crate::domain::ids::{ChannelId, ContactId, ContactInboxId, ConversationId, MessageId};
use crate::domain::inbox::{self, ConversationPolicy};
use crate::domain::message::{Attachment, Draft, Message, Sender};
use crate::domain::webhook::Signed;
use crate::saying::{Spoken, say};
use crate::store::{channel_apis, contact_inboxes, conversations, inboxes, messages};
use crate::{Inbox, Refusal};

/// The longest texts about a contact, in characters.
const MAX_NAME: usize = 100;
const MAX_ADDRESS: usize = 320;

/// What a company's system sends when one of its people says something.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct IncomingMessage {
    /// What the system calls the message: a repetition finds the first.
    #[schema(min_length = 1, max_length = 255)]
    source_id: String,
    contact: IncomingContact,
    /// What the system calls the conversation, in an inbox where a contact has several; by default there is one.
    #[schema(max_length = 255)]
    conversation_source_id: Option<String>,
    message: IncomingContent,
}

/// What is said.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct IncomingContent {
    /// `text` by default; contacts send text, image, audio, video, file and location.
    message_type: Option<MessageType>,
    #[schema(example = "Is the blue one available?", max_length = 10_000)]
    content: Option<String>,
    /// Of a location `{lat, lng, name?}`.
    #[schema(value_type = Option<Object>)]
    body: Option<Value>,
    /// Files of the conversation's bucket, at most 10.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<FileId>>,
    /// What the client calls it: a repetition returns the first message.
    #[schema(max_length = 200)]
    client_message_id: Option<String>,
    /// The message whose offers this one picks from.
    answers: Option<MessageId>,
    #[schema(schema_with = answer_schema)]
    answer: Option<Vec<String>>,
}

/// Who said it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct IncomingContact {
    /// What the system calls them.
    #[schema(min_length = 1, max_length = 255)]
    source_id: String,
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(max_length = 320)]
    email: Option<String>,
    /// The company's own name for them, in all its channels.
    #[schema(max_length = 320)]
    identifier: Option<String>,
}

/// A message that came in, with the right to the files of its conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReceivedMessage {
    #[serde(flatten)]
    message: MessageView,
    #[serde(flatten)]
    access: BucketAccess,
}

kit::answer_schema!(ReceivedMessageAnswer { message: ReceivedMessage });

/// What signs a request of a company's system.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct SignatureHeaders {
    /// What the sender calls the request.
    #[param(rename = "webhook-id", min_length = 1, max_length = 255)]
    id: String,
    /// Seconds since the epoch.
    #[param(rename = "webhook-timestamp")]
    timestamp: String,
    /// `v1,` and HMAC-SHA256 of `id.timestamp.body` in Base64.
    #[param(rename = "webhook-signature")]
    signature: String,
}

/// Who comes, and into which conversation, checked as far as that can be done without the database.
#[derive(Debug, Clone)]
pub(crate) struct Coming {
    conversation: Option<String>,
    arrival: Arrival,
}

impl Coming {
    pub(crate) fn read(body: &Body) -> Result<Self> {
        let contact = body.nested("contact")?.ok_or_else(|| Error::field(&REQUIRED, "contact"))?;
        let text =
            |name, max| contact.text(name, max).map(|text| text.filter(|text| !text.trim().is_empty()));
        let card = Card {
            name: text("name", MAX_NAME)?,
            email: text("email", MAX_ADDRESS)?,
            identifier: text("identifier", MAX_ADDRESS)?,
            ..Card::default()
        };
        let arrival = Arrival {
            contact: ContactId::draw(),
            place: ContactInboxId::draw(),
            source_id: contact.required_text("sourceId", MAX_SOURCE_ID)?,
            card,
        };
        let conversation = body.text("conversationSourceId", MAX_SOURCE_ID)?.filter(|text| !text.is_empty());
        Ok(Self { conversation, arrival })
    }

    /// The contact and the conversation, both made as they are needed; and whether the conversation is new.
    pub(crate) fn come(
        &self,
        tx: &mut Tx<'_>,
        inbox: &inbox::Inbox,
        ids: Ids,
        [comes, opens]: &[Occasion; 2],
    ) -> Result<(Conversation, bool)> {
        let (_, place) = arrive(tx, inbox, &self.arrival, comes)?;
        let name = self.conversation(inbox, &place.source_id).to_owned();
        open(tx, ids, &place, name, opens)
    }

    /// What the conversation is called, of a contact whom the channel calls so.
    fn conversation<'a>(&'a self, inbox: &inbox::Inbox, contact: &'a str) -> &'a str {
        match inbox.conversation_policy {
            ConversationPolicy::Single => contact,
            ConversationPolicy::PerSession => self.conversation.as_deref().unwrap_or(contact),
        }
    }
}

/// A message as it came in, checked as far as that can be done without the database.
#[derive(Debug, Clone)]
struct Incoming {
    source_id: String,
    coming: Coming,
    wish: Wish,
}

impl Incoming {
    fn read(body: &Body) -> Result<Self> {
        let coming = Coming::read(body)?;
        let message = body.nested("message")?.ok_or_else(|| Error::field(&REQUIRED, "message"))?;
        let source_id = body.required_text("sourceId", MAX_SOURCE_ID)?;
        Ok(Self { source_id, coming, wish: contact_wish(&message)? })
    }
}

/// Take in what one of a company's people said, from a system of its own.
///
/// The request is signed with the channel's secret as Standard Webhooks has it, by the headers `webhook-id`,
/// `webhook-timestamp` (within five minutes) and `webhook-signature`; no token is asked for. Contact and conversation are
/// made as they are needed.
#[utoipa::path(
    operation_id = "receiveMessage", tag = "channels",
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        SignatureHeaders,
    ),
    request_body = IncomingMessage,
    responses(
        (status = 201, description = "The message.", body = ReceivedMessageAnswer),
        (status = 200, description = "The first message of this sourceId.", body = ReceivedMessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/channelapis/{channelApiId}/messages")]
pub(crate) async fn receive(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    raw: Raw,
) -> Result<Answer> {
    let channel = channel(&service, &request, &path, &raw).await?;
    let incoming = Incoming::read(&Body::parse(&raw.0)?)?;
    let inbox = inbox_of(&service, &channel).await?;
    let attachments = attachments(&service, &inbox, &incoming).await?;
    let (message, view, is_new) = stored(&service, &visit, inbox, incoming, attachments).await?;
    let access = access(&service, message.conversation_id, channel.id.to_string())?;
    let frame = visit.frame(Action::Create, "message");
    frame.reused_unless(is_new).row(&ReceivedMessage { message: view, access })
}

/// The channel whose secret signed the body. Whatever is wrong, and also when there is no such channel, the answer is the same.
pub(crate) async fn channel(
    service: &Inbox,
    request: &HttpRequest,
    id: &str,
    raw: &Raw,
) -> Result<ChannelApi> {
    let id: ChannelId = id.parse().map_err(|_| Refusal::SignatureNotValid)?;
    let channel = service.app.read(move |conn| Ok(channel_apis::public(conn, id)?)).await?;
    let signed = signed(request.headers()).ok_or(Refusal::SignatureNotValid)?;
    let secret = channel.as_ref().map_or("none", |channel| channel.secret.as_str());
    let is_good = signed.is_good(secret, &raw.0, service.app.now());
    channel.filter(|_| is_good).ok_or(Refusal::SignatureNotValid.into())
}

/// The inbox of a channel.
pub(crate) async fn inbox_of(service: &Inbox, channel: &ChannelApi) -> Result<inbox::Inbox> {
    let (chatbot, id) = (channel.chatbot_id, channel.id);
    let inbox = service.app.read(move |conn| Ok(inboxes::of_channel(conn, chatbot, API, id)?)).await?;
    Ok(inbox.ok_or(Refusal::InboxNotFound)?)
}

fn signed(headers: &HeaderMap) -> Option<Signed<'_>> {
    let header = |name| headers.get(name)?.to_str().ok();
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    Some(Signed { id, timestamp, signature: header("webhook-signature")? })
}

/// Files lie in the bucket of a conversation that there is: who wants to begin with one opens it before.
async fn attachments(service: &Inbox, inbox: &inbox::Inbox, of: &Incoming) -> Result<Vec<Attachment>> {
    if of.wish.file_ids.is_empty() {
        return Ok(Vec::new());
    }
    let (inbox, incoming) = (inbox.clone(), of.clone());
    let known = service.app.read(move |conn| known(conn, &inbox, &incoming)).await?;
    let what = "Files lie in the bucket of a conversation: open it before its first message.";
    of.wish.attachments(service, known.ok_or(Refusal::FilesDoNotFit(what))?, None).await
}

fn known(conn: &mut PgConnection, inbox: &inbox::Inbox, of: &Incoming) -> Result<Option<ConversationId>> {
    let chatbot = inbox.chatbot_id;
    let place = contact_inboxes::by_source(conn, chatbot, inbox.id, &of.coming.arrival.source_id)?;
    let Some(place) = place else { return Ok(None) };
    let name = of.coming.conversation(inbox, &place.source_id);
    Ok(conversations::by_source(conn, chatbot, place.id, name)?.map(|found| found.id))
}

/// The message, as it is seen, and whether it is new.
async fn stored(
    service: &Inbox,
    visit: &Visit,
    inbox: inbox::Inbox,
    incoming: Incoming,
    attachments: Vec<Attachment>,
) -> Result<(Message, MessageView, bool)> {
    let now = service.app.now();
    let [comes, opens, says, reopens] = [(); 4].map(|()| Occasion::at(now, &visit.request_id));
    let (ids, id, beginning, occasions) = (Ids::draw(), MessageId::draw(), [comes, opens], [says, reopens]);
    let work = move |tx: &mut Tx<'_>| {
        // A message that came before makes nobody and opens nothing, whatever else stands beside its name now.
        if let Some(first) = messages::by_source(tx.conn(), inbox.chatbot_id, inbox.id, &incoming.source_id)?
        {
            return Ok((first.clone(), view_one(tx.conn(), first)?, false));
        }
        let (of, _) = incoming.coming.come(tx, &inbox, ids, &beginning)?;
        let sender = Sender::Contact(of.contact_id);
        let draft = draft(&incoming.wish, &attachments, (id, sender), &of, &occasions);
        let source_id = Some(incoming.source_id.clone());
        let (message, is_new) = match say(tx, Draft { source_id, ..draft }, &occasions)? {
            Spoken::New(message) => (message, true),
            Spoken::Before(message) => (message, false),
        };
        Ok((message.clone(), view_one(tx.conn(), message)?, is_new))
    };
    service.app.write(work).await
}
