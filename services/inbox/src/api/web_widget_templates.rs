//! `/v1/webwidgettemplates`

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::openapi::ErrorEnvelope;
use kit::{Action, Answer, Call, Page, Query, Result, answer_schema};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{filters, id_in_path};
use crate::domain::channel::WebWidgetTemplate;
use crate::domain::ids::WebWidgetTemplateId;
use crate::store::web_widget_templates;
use crate::{Inbox, Refusal};

/// A template of the widget: the same for all chatbots.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebWidgetTemplateView {
    id: WebWidgetTemplateId,
    name: String,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// Nobody's.
    #[serde(rename = "_owner")]
    owner: Option<String>,
}

answer_schema!(WebWidgetTemplateAnswer { web_widget_template: WebWidgetTemplateView });
answer_schema!(WebWidgetTemplatesAnswer { web_widget_templates: [WebWidgetTemplateView] });

impl From<&WebWidgetTemplate> for WebWidgetTemplateView {
    fn from(of: &WebWidgetTemplate) -> Self {
        Self {
            id: of.id,
            name: of.name.clone(),
            is_active: true,
            record_version: 1,
            created_at: of.created_at,
            updated_at: of.created_at,
            owner: None,
        }
    }
}

/// List the templates of the widget.
#[utoipa::path(
    operation_id = "listWebWidgetTemplates", tag = "channels", security(("accessToken" = [])),
    params(
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all.", example = 1, minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, by name.", body = WebWidgetTemplatesAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/webwidgettemplates")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let page = Page::parse(&query)?;
    let work = move |conn: &mut PgConnection| {
        let all = web_widget_templates::all(conn)?;
        let (part, total) = filters::part(&all, page);
        let views: Vec<_> = part.iter().map(WebWidgetTemplateView::from).collect();
        call.frame(Action::List, "webWidgetTemplates").list(&views, page.of_total(total)?, &[])
    };
    service.app.read(work).await
}

/// Get a template of the widget.
#[utoipa::path(
    operation_id = "getWebWidgetTemplate", tag = "channels", security(("accessToken" = [])),
    params(("webWidgetTemplateId" = WebWidgetTemplateId, Path, description = "The template.")),
    responses(
        (status = 200, description = "The template.", body = WebWidgetTemplateAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/webwidgettemplates/{webWidgetTemplateId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: WebWidgetTemplateId = id_in_path(&path, "webWidgetTemplateId")?;
    let work = move |conn: &mut PgConnection| {
        let all = web_widget_templates::all(conn)?;
        let found = all.iter().find(|template| template.id == id).ok_or(Refusal::TemplateNotFound)?;
        call.frame(Action::Get, "webWidgetTemplate").row(&WebWidgetTemplateView::from(found))
    };
    service.app.read(work).await
}
