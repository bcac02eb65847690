//! `/v1/channelapis/{channelApiId}/conversations`: conversations that begin without a message.

use actix_web::{HttpRequest, post, web};
use events::Occasion;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Raw, Result, Tx, Visit};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Inbox;
use crate::api::conversation_view::{BucketAccess, access};
use crate::api::conversations::Ids;
use crate::api::incoming::{Coming, IncomingContact, SignatureHeaders, channel, inbox_of};
use crate::domain::conversation::{Conversation, Status};
use crate::domain::ids::{ChannelId, ContactId, ConversationId, InboxId};

/// What a company's system sends to open a conversation.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct IncomingConversation {
    contact: IncomingContact,
    /// What the system calls the conversation, in an inbox where a contact has several; by default there is one.
    #[schema(max_length = 255)]
    conversation_source_id: Option<String>,
}

/// A conversation as the system sees it, with the right to its files.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceivedConversation {
    id: ConversationId,
    inbox_id: InboxId,
    contact_id: ContactId,
    /// What the system calls it.
    source_id: String,
    status: Status,
    /// The number of its newest message.
    last_seq: i64,
    #[serde(flatten)]
    access: BucketAccess,
}

kit::answer_schema!(ReceivedConversationAnswer { conversation: ReceivedConversation });

impl ReceivedConversation {
    fn of(conversation: Conversation, access: BucketAccess) -> Self {
        let Conversation { id, inbox_id, contact_id, source_id, status, last_seq, .. } = conversation;
        Self { id, inbox_id, contact_id, source_id, status, last_seq: last_seq.get(), access }
    }
}

/// Open the conversation of one of a company's people, from a system of its own: for a first message with files, which go into
/// the conversation's bucket before.
///
/// The request is signed as that of `receiveMessage`.
#[utoipa::path(
    operation_id = "receiveConversation", tag = "channels",
    params(
        ("channelApiId" = ChannelId, Path, description = "The channel."),
        SignatureHeaders,
    ),
    request_body = IncomingConversation,
    responses(
        (status = 201, description = "The conversation.", body = ReceivedConversationAnswer),
        (status = 200, description = "The one that there is.", body = ReceivedConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/channelapis/{channelApiId}/conversations")]
pub(crate) async fn open(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    raw: Raw,
) -> Result<Answer> {
    let channel = channel(&service, &request, &path, &raw).await?;
    let coming = Coming::read(&Body::parse(&raw.0)?)?;
    let (inbox, now) = (inbox_of(&service, &channel).await?, service.app.now());
    let (ids, occasions) = (Ids::draw(), [(); 2].map(|()| Occasion::at(now, &visit.request_id)));
    let work = move |tx: &mut Tx<'_>| coming.come(tx, &inbox, ids, &occasions);
    let (conversation, is_new) = service.app.write(work).await?;
    let access = access(&service, conversation.id, channel.id.to_string())?;
    let frame = visit.frame(Action::Create, "conversation");
    frame.reused_unless(is_new).row(&ReceivedConversation::of(conversation, access))
}
