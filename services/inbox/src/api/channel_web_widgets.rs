//! `/v1/channelwebwidgets`

use actix_web::{delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use diesel::pg::PgConnection;
use kit::error::NOT_VALID;
use kit::filters::Filters;
use kit::openapi::ErrorEnvelope;
use kit::{
    Action, Answer, Body, Call, Error, IfMatch, OnConstraint as _, Page, Query, Result, Tx, answer_schema,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use crate::api::content::texts_schema;
use crate::api::filters::chatbots;
use crate::api::{id_in_path, scope};
use crate::domain::channel::{ChannelWebWidget, Look, color};
use crate::domain::css::{MAX_CSS, stripped};
use crate::domain::ids::{ChannelId, ChatbotId, WebWidgetTemplateId};
use crate::domain::site::{self, MAX_SITES};
use crate::store::{channel_web_widgets, web_widget_templates};
use crate::{Inbox, Refusal};

/// The constraint that a template breaks which is not there.
const TEMPLATE: &str = "channel_web_widget_web_widget_template_id_fkey";
/// The longest entry of a list of sites, and the longest origin, in characters.
const MAX_SITE: usize = 300;

/// What a client sends to make a widget.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct CreateChannelWebWidget {
    /// Whose.
    chatbot_id: ChatbotId,
    #[schema(schema_with = sites_schema)]
    authorized_domains: Option<Vec<String>>,
    /// By default the first one.
    web_widget_template_id: Option<WebWidgetTemplateId>,
    #[schema(example = "#007bff", pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]
    brand_color: Option<String>,
    /// True by default.
    show_header: Option<bool>,
    /// False by default.
    show_personal_logo: Option<bool>,
    /// True by default.
    show_message_input: Option<bool>,
    /// A style sheet. What loads or runs something is taken out of it; null for none.
    #[schema(max_length = 20_000)]
    customize_css: Option<String>,
}

/// What a client sends to change a widget: what is absent stays, or is as it is by default.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its shape is used, by the OpenAPI")]
pub(crate) struct UpdateChannelWebWidget {
    #[schema(schema_with = sites_schema)]
    authorized_domains: Option<Vec<String>>,
    /// By default the first one.
    web_widget_template_id: Option<WebWidgetTemplateId>,
    #[schema(example = "#007bff", pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]
    brand_color: Option<String>,
    /// True by default.
    show_header: Option<bool>,
    /// False by default.
    show_personal_logo: Option<bool>,
    /// True by default.
    show_message_input: Option<bool>,
    /// A style sheet. What loads or runs something is taken out of it; null for none.
    #[schema(max_length = 20_000)]
    customize_css: Option<String>,
}

/// A widget: what companies put on their sites.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the source's fields")]
pub(crate) struct ChannelWebWidgetView {
    id: ChannelId,
    chatbot_id: ChatbotId,
    authorized_domains: Vec<String>,
    web_widget_template_id: WebWidgetTemplateId,
    brand_color: String,
    show_header: bool,
    show_personal_logo: bool,
    show_message_input: bool,
    customize_css: Option<String>,
    is_active: bool,
    record_version: i32,
    #[serde(with = "kit::date")]
    created_at: DateTime<Utc>,
    #[serde(with = "kit::date")]
    updated_at: DateTime<Utc>,
    /// The chatbot.
    #[serde(rename = "_owner")]
    owner: ChatbotId,
}

/// Whether a site may show a widget.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SiteCheck {
    /// The origin that was asked about.
    origin: String,
    is_allowed: bool,
    /// The entry of `authorizedDomains` that allows it.
    matched: Option<String>,
    /// In words.
    reason: String,
}

answer_schema!(ChannelWebWidgetAnswer { channel_web_widget: ChannelWebWidgetView });
answer_schema!(ChannelWebWidgetsAnswer { channel_web_widgets: [ChannelWebWidgetView] });
answer_schema!(SiteCheckAnswer { check: SiteCheck });

impl From<&ChannelWebWidget> for ChannelWebWidgetView {
    fn from(of: &ChannelWebWidget) -> Self {
        let look = of.look.clone();
        Self {
            id: of.id,
            chatbot_id: of.chatbot_id,
            authorized_domains: look.authorized_domains,
            web_widget_template_id: look.web_widget_template_id,
            brand_color: look.brand_color,
            show_header: look.show_header,
            show_personal_logo: look.show_personal_logo,
            show_message_input: look.show_message_input,
            customize_css: look.customize_css,
            is_active: of.is_active,
            record_version: of.record_version,
            created_at: of.created_at,
            updated_at: of.updated_at,
            owner: of.chatbot_id,
        }
    }
}

/// What a body sets; all else is absent.
#[derive(Debug, Clone)]
struct Wishes {
    sites: Option<Vec<String>>,
    template: Option<WebWidgetTemplateId>,
    color: Option<String>,
    header: Option<bool>,
    logo: Option<bool>,
    input: Option<bool>,
    /// Empty for none.
    css: Option<String>,
}

impl Wishes {
    fn of(body: &Body) -> Result<Self> {
        let css = body.text("customizeCss", MAX_CSS)?.map(|css| stripped(&css)).unwrap_or_default();
        Ok(Self {
            sites: sites(body)?,
            template: body.id("webWidgetTemplateId")?,
            color: brand_color(body)?,
            header: body.boolean("showHeader")?,
            logo: body.boolean("showPersonalLogo")?,
            input: body.boolean("showMessageInput")?,
            css: body.has("customizeCss").then_some(css),
        })
    }

    fn over(&self, before: &Look) -> Look {
        Look {
            authorized_domains: self.sites.clone().unwrap_or_else(|| before.authorized_domains.clone()),
            web_widget_template_id: self.template.unwrap_or(before.web_widget_template_id),
            brand_color: self.color.clone().unwrap_or_else(|| before.brand_color.clone()),
            show_header: self.header.unwrap_or(before.show_header),
            show_personal_logo: self.logo.unwrap_or(before.show_personal_logo),
            show_message_input: self.input.unwrap_or(before.show_message_input),
            customize_css: match &self.css {
                Some(css) => Some(css.clone()).filter(|css| !css.trim().is_empty()),
                None => before.customize_css.clone(),
            },
        }
    }
}

fn sites_schema() -> Schema {
    let what = "The sites that may show it: hosts such as `shop.example.com`, or `*.` for what is below one, each with a port \
        where it is not the usual one. None are none in production, and any elsewhere.";
    texts_schema(what, MAX_SITES, MAX_SITE)
}

fn sites(body: &Body) -> Result<Option<Vec<String>>> {
    let Some(given) = body.texts("authorizedDomains", MAX_SITES, MAX_SITE)? else {
        return Ok(body.has("authorizedDomains").then(Vec::new));
    };
    let wrong = |why: String| Error::field(&NOT_VALID, "authorizedDomains").detail(why);
    site::list(&given).map(Some).map_err(wrong)
}

fn brand_color(body: &Body) -> Result<Option<String>> {
    let wrong = || Error::field(&NOT_VALID, "brandColor").detail("A colour such as #007bff.");
    let given = body.text("brandColor", 20)?;
    given.map(|text| color(&text).ok_or_else(wrong)).transpose()
}

/// Make a widget: by the owner or an admin. Visitors come by it once it has an inbox.
#[utoipa::path(
    operation_id = "createChannelWebWidget", tag = "channels", security(("accessToken" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Repetitions within 24 h get the same answer.",
            min_length = 1, max_length = 255),
    ),
    request_body = CreateChannelWebWidget,
    responses(
        (status = 201, description = "The widget.", body = ChannelWebWidgetAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[post("/v1/channelwebwidgets")]
pub(crate) async fn create(service: web::Data<Inbox>, call: Call, body: Body) -> Result<Answer> {
    let (chatbot_id, wishes): (ChatbotId, _) = (body.required_id("chatbotId")?, Wishes::of(&body)?);
    let (id, now, by) = (ChannelId::draw(), service.app.now(), call.clone());
    let work = move |tx: &mut Tx<'_>| {
        scope(tx.conn(), &by)?.role(chatbot_id)?.may_manage()?;
        let first = web_widget_templates::all(tx.conn())?.into_iter().next();
        let first = first.ok_or(Refusal::TemplateNotFound)?;
        let new = ChannelWebWidget {
            id,
            chatbot_id,
            look: wishes.over(&Look::plain(first.id)),
            is_active: true,
            record_version: 1,
            created_at: now,
            updated_at: now,
        };
        channel_web_widgets::insert(tx, &new).on_constraint(TEMPLATE, Refusal::TemplateNotFound)?;
        by.frame(Action::Create, "channelWebWidget").row(&ChannelWebWidgetView::from(&new))
    };
    service.app.post(&call, &body, "POST /v1/channelwebwidgets", work).await
}

/// List the widgets of the caller's chatbots.
#[utoipa::path(
    operation_id = "listChannelWebWidgets", tag = "channels", security(("accessToken" = [])),
    params(
        ("chatbotId" = Option<Vec<ChatbotId>>, Query, description = "Of one of these."),
        ("pageNumber" = Option<i64>, Query, description = "From 1; 0 for all, at most 1,000.", example = 1,
            minimum = 0),
        ("pageRowCount" = Option<i64>, Query, description = "25 by default.", example = 25, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page, the oldest first.", body = ChannelWebWidgetsAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelwebwidgets")]
pub(crate) async fn list(service: web::Data<Inbox>, call: Call, query: Query) -> Result<Answer> {
    let (page, mut filters) = (Page::parse(&query)?, Filters::undated(&query));
    let (chatbots, applied) = (chatbots(&mut filters)?, filters.applied());
    let work = move |conn: &mut PgConnection| {
        let scope = scope(conn, &call)?.narrowed(&chatbots)?;
        let (found, total) = channel_web_widgets::page(conn, &scope, page)?;
        let rows: Vec<_> = found.iter().map(ChannelWebWidgetView::from).collect();
        call.frame(Action::List, "channelWebWidgets").list(&rows, page.of_total(total)?, &applied)
    };
    service.app.read(work).await
}

/// Get a widget.
#[utoipa::path(
    operation_id = "getChannelWebWidget", tag = "channels", security(("accessToken" = [])),
    params(("channelWebWidgetId" = ChannelId, Path, description = "The widget.")),
    responses(
        (status = 200, description = "The widget.", body = ChannelWebWidgetAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelwebwidgets/{channelWebWidgetId}")]
pub(crate) async fn get(service: web::Data<Inbox>, call: Call, path: web::Path<String>) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelWebWidgetId")?;
    let work = move |conn: &mut PgConnection| {
        let found = found(conn, &call, id)?;
        let view = ChannelWebWidgetView::from(&found);
        Ok(call.frame(Action::Get, "channelWebWidget").row(&view)?.etag(found.record_version))
    };
    service.app.read(work).await
}

fn found(conn: &mut PgConnection, call: &Call, id: ChannelId) -> Result<ChannelWebWidget> {
    let scope = scope(conn, call)?;
    channel_web_widgets::find(conn, &scope, id)?.ok_or(Refusal::ChannelNotFound.into())
}

/// Change a widget: by the owner or an admin.
#[utoipa::path(
    operation_id = "updateChannelWebWidget", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be changed."),
    ),
    request_body = Option<UpdateChannelWebWidget>,
    responses(
        (status = 200, description = "The widget.", body = ChannelWebWidgetAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[patch("/v1/channelwebwidgets/{channelWebWidgetId}")]
pub(crate) async fn update(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
    body: Body,
) -> Result<Answer> {
    let (id, wishes): (ChannelId, _) = (id_in_path(&path, "channelWebWidgetId")?, Wishes::of(&body)?);
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let before = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let look = wishes.over(&before.look);
        let after = if look == before.look { before } else { saved(tx, &before, look, true, now)? };
        let view = ChannelWebWidgetView::from(&after);
        Ok(call.frame(Action::Update, "channelWebWidget").row(&view)?.etag(after.record_version))
    };
    service.app.write(work).await
}

/// Delete a widget: by the owner or an admin. Pages that still show it show nothing, and its visitors' tokens end.
#[utoipa::path(
    operation_id = "deleteChannelWebWidget", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("If-Match" = Option<String>, Header, description = "The recordVersion that is to be deleted."),
    ),
    responses(
        (status = 200, description = "The widget, no longer active.", body = ChannelWebWidgetAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[delete("/v1/channelwebwidgets/{channelWebWidgetId}")]
pub(crate) async fn delete(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    if_match: IfMatch,
) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelWebWidgetId")?;
    let now = service.app.now();
    let work = move |tx: &mut Tx<'_>| {
        let before = locked(tx, &call, id)?;
        if_match.admit(before.record_version)?;
        let look = before.look.clone();
        let after = saved(tx, &before, look, false, now)?;
        let frame = call.frame(Action::Delete, "channelWebWidget").with("effect", json!("deleted"));
        frame.row(&ChannelWebWidgetView::from(&after))
    };
    service.app.write(work).await
}

/// A widget that the caller may manage, locked.
fn locked(tx: &mut Tx<'_>, call: &Call, id: ChannelId) -> Result<ChannelWebWidget> {
    let scope = scope(tx.conn(), call)?;
    let found = channel_web_widgets::find(tx.conn(), &scope, id)?.ok_or(Refusal::ChannelNotFound)?;
    scope.role(found.chatbot_id)?.may_manage()?;
    channel_web_widgets::lock(tx, found.chatbot_id, id)?.ok_or(Refusal::ChannelNotFound.into())
}

fn saved(
    tx: &mut Tx<'_>,
    of: &ChannelWebWidget,
    look: Look,
    is_active: bool,
    now: DateTime<Utc>,
) -> Result<ChannelWebWidget> {
    let record_version = of.record_version + 1;
    let after = ChannelWebWidget { look, is_active, record_version, updated_at: now, ..of.clone() };
    channel_web_widgets::save(tx, &after).on_constraint(TEMPLATE, Refusal::TemplateNotFound)?;
    Ok(after)
}

/// Whether a site may show a widget, and why.
#[utoipa::path(
    operation_id = "checkChannelWebWidget", tag = "channels", security(("accessToken" = [])),
    params(
        ("channelWebWidgetId" = ChannelId, Path, description = "The widget."),
        ("origin" = String, Query, description = "The page's.", example = "https://shop.example.com", max_length = 300),
    ),
    responses(
        (status = 200, description = "Whether, and why.", body = SiteCheckAnswer),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
    ),
)]
#[get("/v1/channelwebwidgets/{channelWebWidgetId}/check")]
pub(crate) async fn check(
    service: web::Data<Inbox>,
    call: Call,
    path: web::Path<String>,
    query: Query,
) -> Result<Answer> {
    let id: ChannelId = id_in_path(&path, "channelWebWidgetId")?;
    let origin = query.one("origin")?.filter(|text| !text.trim().is_empty());
    let origin = origin.ok_or_else(|| Error::field(&kit::error::REQUIRED, "origin"))?.to_owned();
    if origin.chars().nth(MAX_SITE).is_some() {
        return Err(Error::field(&kit::error::TOO_LONG, "origin"));
    }
    let any = service.any_site;
    let work = move |conn: &mut PgConnection| {
        let found = found(conn, &call, id)?;
        let verdict = site::judge(&found.look.authorized_domains, Some(&origin), any);
        let site::Verdict { is_allowed, matched, reason } = verdict;
        let row = SiteCheck { origin: origin.clone(), is_allowed, matched, reason };
        call.frame(Action::Get, "check").row(&row)
    };
    service.app.read(work).await
}
