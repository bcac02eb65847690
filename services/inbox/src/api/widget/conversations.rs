//! `/v1/widget/{channelWebWidgetId}/conversations`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use diesel::pg::PgConnection;
use events::Occasion;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Page, Query, Result, Tx, Visit};

use crate::api::conversation_view::access;
use crate::api::conversations::{self as opening, Ids};
use crate::api::id_in_path;
use crate::api::widget::door::Door;
use crate::api::widget::session::SHOWN;
use crate::api::widget::view::{
    VisitorConversation, VisitorConversationOpened, VisitorConversationOpenedAnswer,
    VisitorConversationsAnswer,
};
use crate::domain::conversation::{self, Conversation};
use crate::domain::ids::{ChannelId, ConversationId};
use crate::domain::inbox;
use crate::limits::Doing;
use crate::store::conversations;
use crate::visitor::Visitor;
use crate::{Inbox, Refusal};

/// List the visitor's conversations: the latest message first, at most 50.
#[utoipa::path(
    operation_id = "listVisitorConversations", tag = "widget", security(("contactToken" = [])),
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    responses(
        (status = 200, description = "Theirs.", body = VisitorConversationsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/widget/{channelWebWidgetId}/conversations")]
pub(crate) async fn list(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Reads).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => listed(&service, visit, visitor, door.inbox.clone()).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn listed(service: &Inbox, visit: Visit, visitor: Visitor, inbox: inbox::Inbox) -> Result<Answer> {
    let page = Page::parse(&Query::parse("pageNumber=0"))?;
    let work = move |conn: &mut PgConnection| {
        let contact = visitor.present(conn)?;
        let all = conversations::of_contact(conn, inbox.chatbot_id, inbox.id, contact.id, SHOWN)?;
        let rows: Vec<_> = all.iter().map(VisitorConversation::from).collect();
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        visit.frame(Action::List, "conversations").list(&rows, page.of_total(total)?, &[])
    };
    service.app.read(work).await
}

/// Open the conversation of this visit, or find it: for files that go with its first message.
#[utoipa::path(
    operation_id = "openVisitorConversation", tag = "widget", security(("contactToken" = [])),
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    responses(
        (status = 201, description = "A new one.", body = VisitorConversationOpenedAnswer),
        (status = 200, description = "There is one.", body = VisitorConversationOpenedAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/widget/{channelWebWidgetId}/conversations")]
pub(crate) async fn open(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Messages).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => opened(&service, &visit, visitor, door.inbox.clone()).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn opened(service: &Inbox, visit: &Visit, visitor: Visitor, inbox: inbox::Inbox) -> Result<Answer> {
    let subject = visitor.contact.to_string();
    let (ids, occasion) = (Ids::draw(), Occasion::at(service.app.now(), &visit.request_id));
    let work = move |tx: &mut Tx<'_>| current(tx, &visitor, &inbox, ids, &occasion);
    let (of, is_new) = service.app.write(work).await?;
    let row = VisitorConversationOpened {
        conversation: VisitorConversation::from(&of),
        access: access(service, of.id, subject)?,
    };
    let frame = visit.frame(Action::Create, "conversation");
    frame.reused_unless(is_new).row(&row)
}

/// The conversation of this visit, and whether it is new.
pub(super) fn current(
    tx: &mut Tx<'_>,
    visitor: &Visitor,
    inbox: &inbox::Inbox,
    ids: Ids,
    occasion: &Occasion,
) -> Result<(Conversation, bool)> {
    visitor.present(tx.conn())?;
    let (place, source_id) = visitor.place(tx.conn(), inbox)?;
    opening::open(tx, ids, &place, source_id, occasion)
}

/// Get a conversation of the visitor's, with the right to its files.
#[utoipa::path(
    operation_id = "getVisitorConversation", tag = "widget", security(("contactToken" = [])),
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("conversationId" = ConversationId, Path, description = "The conversation."),
    ),
    responses(
        (status = 200, description = "The conversation.", body = VisitorConversationOpenedAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/widget/{channelWebWidgetId}/conversations/{conversationId}")]
pub(crate) async fn get(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path.0, Doing::Reads).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => got(&service, &visit, visitor, &path.1).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn got(service: &Inbox, visit: &Visit, visitor: Visitor, id: &str) -> Result<Answer> {
    let id: ConversationId = id_in_path(id, "conversationId")?;
    let access = access(service, id, visitor.contact.to_string())?;
    let of = service.app.read(move |conn| theirs(conn, &visitor, id)).await?;
    let row = VisitorConversationOpened { conversation: VisitorConversation::from(&of), access };
    visit.frame(Action::Get, "conversation").row(&row)
}

/// A conversation of the visitor's in the inbox of their token; all others are none.
pub(super) fn theirs(conn: &mut PgConnection, visitor: &Visitor, id: ConversationId) -> Result<Conversation> {
    let contact = visitor.present(conn)?;
    let found = conversations::get(conn, visitor.claims.chatbot, id)?;
    let is_theirs = |of: &Conversation| of.contact_id == contact.id && of.inbox_id == visitor.claims.inbox;
    let found = found.filter(is_theirs).ok_or(Refusal::ConversationNotFound)?;
    Ok(conversation::there(Some(found))?)
}
