//! `/v1/widget/{channelWebWidgetId}/messages`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use diesel::pg::PgConnection;
use events::Occasion;
use files::FileId;
use kit::error::REQUIRED;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Error, Query, Result, Tx, Visit};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::content::{Wish, answer_schema, contact_wish};
use crate::api::conversations::Ids;
use crate::api::messages::{Part, draft};
use crate::api::widget::conversations::{current, theirs};
use crate::api::widget::door::Door;
use crate::api::widget::view::{VisitorMessageAnswer, VisitorMessagesAnswer, messages};
use crate::domain::content::MessageType;
use crate::domain::ids::{ChannelId, ConversationId, MessageId};
use crate::domain::inbox;
use crate::domain::message::{Attachment, Sender};
use crate::limits::Doing;
use crate::saying::{Spoken, say};
use crate::visitor::Visitor;
use crate::{Inbox, Refusal};

/// What a widget sends for a visitor who says something.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct VisitorSays {
    /// Where; without it in the conversation of this visit, which is opened where there is none.
    conversation_id: Option<ConversationId>,
    /// `text` by default; visitors send text, image, audio, video, file and location.
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

/// List the messages of a conversation of the visitor's: ascending by `seq`.
#[utoipa::path(
    operation_id = "listVisitorMessages", tag = "widget", security(("contactToken" = [])),
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("conversationId" = ConversationId, Query, description = "Of which."),
        ("pageNumber" = Option<i64>, Query, description = "From 1, the oldest; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
        ("beforeSeq" = Option<i64>, Query, description = "The newest before this one.", minimum = 0),
        ("afterSeq" = Option<i64>, Query, description = "The oldest after this one.", minimum = 0),
        ("aroundSeq" = Option<i64>, Query, description = "The nearest to this one.", minimum = 0),
        ("limit" = Option<i64>, Query, description = "25 by default. Alone: the newest.", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "Messages.", body = VisitorMessagesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/widget/{channelWebWidgetId}/messages")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    query: Query,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Reads).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => listed(&service, visit, visitor, &query).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn listed(service: &Inbox, visit: Visit, visitor: Visitor, query: &Query) -> Result<Answer> {
    let (part, id) = (Part::parse(query)?, query.id::<ConversationId>("conversationId")?);
    let id = id.ok_or_else(|| Error::field(&REQUIRED, "conversationId"))?;
    let work = move |conn: &mut PgConnection| {
        let of = theirs(conn, &visitor, id)?;
        let (found, paging) = (part.find(conn, &of)?, part.paging(&of)?);
        let rows = messages(conn, found)?;
        visit.frame(Action::List, "messages").list(&rows, paging, &[])
    };
    service.app.read(work).await
}

/// Say something as the visitor.
#[utoipa::path(
    operation_id = "createVisitorMessage", tag = "widget", security(("contactToken" = [])),
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    request_body = VisitorSays,
    responses(
        (status = 201, description = "The message.", body = VisitorMessageAnswer),
        (status = 200, description = "The first message of this clientMessageId.", body = VisitorMessageAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/widget/{channelWebWidgetId}/messages")]
pub(crate) async fn create(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    body: Result<Body>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Messages).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => said(&service, visit, visitor, door.inbox.clone(), body).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn said(
    service: &Inbox,
    visit: Visit,
    visitor: Visitor,
    inbox: inbox::Inbox,
    body: Result<Body>,
) -> Result<Answer> {
    let body = body?;
    let (id, wish) = (body.id::<ConversationId>("conversationId")?, contact_wish(&body)?);
    let attachments = attachments(service, &visitor, &wish, id).await?;
    let now = service.app.now();
    let [opens, says, reopens] = [(); 3].map(|()| Occasion::at(now, &visit.request_id));
    let (ids, message_id, occasions) = (Ids::draw(), MessageId::draw(), [says, reopens]);
    let work = move |tx: &mut Tx<'_>| {
        let of = match id {
            Some(id) => theirs(tx.conn(), &visitor, id)?,
            None => current(tx, &visitor, &inbox, ids, &opens)?.0,
        };
        let draft =
            draft(&wish, &attachments, (message_id, Sender::Contact(visitor.contact)), &of, &occasions);
        let (message, is_new) = match say(tx, draft, &occasions)? {
            Spoken::New(message) => (message, true),
            Spoken::Before(message) => (message, false),
        };
        let frame = visit.frame(Action::Create, "message");
        let frame = frame.reused_unless(is_new);
        let row = messages(tx.conn(), vec![message])?.pop();
        frame.row(&row.ok_or_else(|| Error::internal("a message without a view"))?)
    };
    service.app.write(work).await
}

/// Files lie in the bucket of a conversation, which must be the visitor's before anything is looked up.
async fn attachments(
    service: &Inbox,
    visitor: &Visitor,
    wish: &Wish,
    id: Option<ConversationId>,
) -> Result<Vec<Attachment>> {
    let Some(id) = id else {
        let none = wish.file_ids.is_empty();
        let what = "Files lie in the bucket of a conversation: name it, in conversationId.";
        return if none { Ok(Vec::new()) } else { Err(Refusal::FilesDoNotFit(what).into()) };
    };
    let visitor = visitor.clone();
    service.app.read(move |conn| theirs(conn, &visitor, id)).await?;
    wish.attachments(service, id, None).await
}
