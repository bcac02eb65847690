//! The door: which widget is called, from which page, how often, and what that page may read.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CONTENT_SECURITY_POLICY, HeaderValue, ORIGIN,
    VARY,
};
use actix_web::{HttpRequest, HttpResponse, Responder as _, web};
use kit::{Answer, Result};

use crate::api::id_in_path;
use crate::channels::WEB_WIDGET;
use crate::domain::channel::ChannelWebWidget;
use crate::domain::ids::ChannelId;
use crate::domain::inbox;
use crate::domain::site::{Verdict, frame_ancestors, judge};
use crate::limits::Doing;
use crate::store::{channel_web_widgets, inboxes};
use crate::visitor::Visitor;
use crate::{Inbox, Refusal};

const METHODS: &str = "GET, POST, OPTIONS";
const HEADERS: &str = "Accept, Accept-Language, Authorization, Content-Type, Token, X-Request-Id";
const EXPOSED: &str = "X-Request-Id, Retry-After";
/// Ten minutes: a site that is taken off the list is not asked much longer.
const MAX_AGE: &str = "600";

/// A widget with its inbox, and the page that calls.
pub(crate) struct Door {
    pub(crate) widget: ChannelWebWidget,
    pub(crate) inbox: inbox::Inbox,
    origin: Option<HeaderValue>,
    verdict: Verdict,
    any: bool,
    limited: Result<()>,
}

impl Door {
    /// Finds what is called. That the visitor came too often is told by [`Door::admit`], so that the page can read it.
    pub(crate) async fn find(service: &Inbox, request: &HttpRequest, id: &str, doing: Doing) -> Result<Self> {
        let id: ChannelId = id_in_path(id, "channelWebWidgetId")?;
        let limited = service.limits.check(request, id, doing);
        let (widget, inbox) = service.app.read(move |conn| found(conn, id)).await?;
        let origin = request.headers().get(ORIGIN).cloned();
        let text = origin.as_ref().and_then(|origin| origin.to_str().ok());
        let verdict = judge(&widget.look.authorized_domains, text, service.any_site);
        Ok(Self { widget, inbox, origin, verdict, any: service.any_site, limited })
    }

    /// Lets a visitor in, unless they come too often.
    pub(crate) fn admit(&mut self) -> Result<()> {
        std::mem::replace(&mut self.limited, Ok(()))
    }

    /// Whether the page is one that the widget is for.
    pub(crate) fn check_origin(&self) -> Result<()> {
        if self.verdict.is_allowed {
            return Ok(());
        }
        Err(Refusal::OriginNotAuthorized(self.verdict.reason.clone()).into())
    }

    /// Who calls.
    pub(crate) fn visitor(&mut self, service: &Inbox, request: &HttpRequest) -> Result<Visitor> {
        self.admit()?;
        Visitor::of(&service.app, request.headers(), &self.inbox)
    }

    /// Where the widget may be framed.
    pub(crate) fn frame_ancestors(&self) -> String {
        frame_ancestors(&self.widget.look.authorized_domains, self.any)
    }

    /// The answer, or the refusal, as the page may read it.
    pub(crate) fn answer(&self, request: &HttpRequest, answer: Result<Answer>) -> HttpResponse {
        let mut response = match answer {
            Ok(answer) => answer.respond_to(request),
            Err(error) => HttpResponse::from_error(error),
        };
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Ok(policy) = HeaderValue::from_str(&self.frame_ancestors()) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        if let Some(origin) = self.readable_by() {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
        response
    }

    fn readable_by(&self) -> Option<&HeaderValue> {
        self.origin.as_ref().filter(|_| self.verdict.is_allowed)
    }
}

fn found(conn: &mut diesel::pg::PgConnection, id: ChannelId) -> Result<(ChannelWebWidget, inbox::Inbox)> {
    let widget = channel_web_widgets::public(conn, id)?.ok_or(Refusal::ChannelNotFound)?;
    let inbox = inboxes::of_channel(conn, widget.chatbot_id, WEB_WIDGET, id)?;
    Ok((widget, inbox.ok_or(Refusal::ChannelNotFound)?))
}

/// Answers the preflight of a page: only pages that the widget is for may call. Credentials never travel by themselves, since
/// tokens are headers, so no answer allows them.
pub(crate) async fn preflight(
    service: web::Data<Inbox>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let mut door = Door::find(&service, &request, &path.0, Doing::Reads).await?;
    let admitted = door.admit().and_then(|()| door.check_origin());
    if let Err(error) = admitted {
        return Ok(door.answer(&request, Err(error)));
    }
    let mut response = HttpResponse::NoContent();
    response
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .append_header((VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    if let Some(origin) = door.readable_by() {
        response.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()));
    }
    Ok(response.finish())
}
