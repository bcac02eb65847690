//! `/v1/widget/{channelWebWidgetId}/seen`

use actix_web::{HttpRequest, HttpResponse, post, web};
use events::Occasion;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Body, Result, Tx, Visit};
use utoipa::ToSchema;

use crate::Inbox;
use crate::api::seen::{see, up_to};
use crate::api::widget::conversations::theirs;
use crate::api::widget::door::Door;
use crate::api::widget::view::{VisitorConversation, VisitorConversationAnswer};
use crate::domain::conversation::{self, Side};
use crate::domain::ids::{ChannelId, ConversationId};
use crate::limits::Doing;
use crate::store::conversations;
use crate::visitor::Visitor;

/// What a widget sends when its visitor has looked.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct VisitorSaw {
    /// Where.
    conversation_id: ConversationId,
    /// The newest message that was seen; all of them where it is absent.
    #[schema(minimum = 0)]
    up_to_seq: Option<i64>,
}

/// Mark what the company said as seen by the visitor.
#[utoipa::path(
    operation_id = "seeVisitorConversation", tag = "widget", security(("contactToken" = [])),
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    request_body = VisitorSaw,
    responses(
        (status = 200, description = "The conversation.", body = VisitorConversationAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/widget/{channelWebWidgetId}/seen")]
pub(crate) async fn seen(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
    body: Result<Body>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Reads).await?;
    let answer = match door.visitor(&service, &request) {
        Ok(visitor) => saw(&service, visit, visitor, body).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn saw(service: &Inbox, visit: Visit, visitor: Visitor, body: Result<Body>) -> Result<Answer> {
    let body = body?;
    let (id, up_to): (ConversationId, _) = (body.required_id("conversationId")?, up_to(&body)?);
    let occasion = Occasion::at(service.app.now(), &visit.request_id);
    let work = move |tx: &mut Tx<'_>| {
        let of = theirs(tx.conn(), &visitor, id)?;
        let before = conversation::there(conversations::lock(tx, of.chatbot_id, id)?)?;
        let after = see(tx, before, Side::Contact, up_to, &occasion)?;
        visit.frame(Action::Update, "conversation").row(&VisitorConversation::from(&after))
    };
    service.app.write(work).await
}
