//! `/v1/widget/{channelWebWidgetId}/config`

use actix_web::{HttpRequest, HttpResponse, get, web};
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Result, Visit, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Inbox;
use crate::api::widget::door::Door;
use crate::domain::ids::{ChannelId, InboxId};
use crate::limits::Doing;
use crate::store::web_widget_templates;

/// What a widget needs to draw itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the source's fields")]
pub(crate) struct WidgetConfig {
    id: ChannelId,
    inbox_id: InboxId,
    /// What the inbox is called.
    name: String,
    /// The template's name.
    template: String,
    brand_color: String,
    show_header: bool,
    show_personal_logo: bool,
    show_message_input: bool,
    /// A style sheet that loads and runs nothing.
    customize_css: Option<String>,
    /// Whether a visitor must prove who they are.
    identity_required: bool,
    /// What `Content-Security-Policy` should say of the page that the widget is.
    #[schema(example = "frame-ancestors http://shop.example.com")]
    frame_ancestors: String,
}

answer_schema!(WidgetConfigAnswer { config: WidgetConfig });

/// What a widget needs to draw itself.
///
/// `Content-Security-Policy: frame-ancestors …` names the sites that may frame it. Pages of other sites cannot read it.
#[utoipa::path(
    operation_id = "getWidgetConfig", tag = "widget",
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    responses(
        (status = 200, description = "How it looks.", body = WidgetConfigAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/widget/{channelWebWidgetId}/config")]
pub(crate) async fn config(
    service: web::Data<Inbox>,
    request: HttpRequest,
    visit: Visit,
    path: web::Path<String>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path, Doing::Reads).await?;
    let answer = match door.admit() {
        Ok(()) => drawn(&service, &visit, &door).await,
        Err(error) => Err(error),
    };
    Ok(door.answer(&request, answer))
}

async fn drawn(service: &Inbox, visit: &Visit, door: &Door) -> Result<Answer> {
    let templates = service.app.read(|conn| Ok(web_widget_templates::all(conn)?)).await?;
    let look = door.widget.look.clone();
    let template = templates.into_iter().find(|template| template.id == look.web_widget_template_id);
    let row = WidgetConfig {
        id: door.widget.id,
        inbox_id: door.inbox.id,
        name: door.inbox.name.clone(),
        template: template.map(|template| template.name).unwrap_or_default(),
        brand_color: look.brand_color,
        show_header: look.show_header,
        show_personal_logo: look.show_personal_logo,
        show_message_input: look.show_message_input,
        customize_css: look.customize_css,
        identity_required: door.inbox.identity_required,
        frame_ancestors: door.frame_ancestors(),
    };
    visit.frame(Action::Get, "config").row(&row)
}
