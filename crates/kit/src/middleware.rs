//! What happens around every request: an id, a log line, figures, and the gates of start and end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpResponse, ResponseError as _, web};
use futures_util::FutureExt as _;
use log::Level;
use serde_json::Value;

use crate::body::Unread;
use crate::clock::uuid_v7;
use crate::error::{
    BAD_REQUEST, BODY_TOO_LARGE, Code, INTERNAL, METHOD_NOT_ALLOWED, NOT_FOUND, NOT_JSON, UNAVAILABLE,
};
use crate::health::Lifecycle;
use crate::logs::{self, Scope};
use crate::metrics::count_request;
use crate::pace::at_their_pace;
use crate::{Clock as _, Error, SystemClock};

/// The header that carries a request's id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, runs it within its log scope, and tells the log and the metrics what became of it.
pub(crate) async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    at_their_pace(&mut request);
    let scope = Arc::new(Scope::new(request_id(&request)));
    request.extensions_mut().insert(scope.clone());
    logs::scoped(scope.clone(), async move {
        let lifecycle = request.app_data::<web::Data<Lifecycle>>().map(|data| Lifecycle::clone(data));
        let method = request.method().clone();
        let answered = AssertUnwindSafe(answer(request, next, lifecycle.as_ref())).catch_unwind().await;
        // A handler that panics is a fault of ours like any other; the log has its words already.
        let answered = answered.unwrap_or_else(|_| Err(Error::internal("panicked").into()));
        let mut response = answered.map(amended).map_err(|error| lost(&error, method.as_str(), &scope))?;
        if lifecycle.is_some_and(|lifecycle| lifecycle.is_draining()) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        if let Ok(value) = HeaderValue::from_str(&scope.request_id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        tell(&response, &scope);
        let unread = response.request().extensions_mut().remove::<Unread>();
        Ok(match unread {
            Some(unread) => response.map_body(|_, body| unread.held_by(body)),
            None => response,
        })
    })
    .await
}

/// The request is gone with whatever failed: the answer is told, and gets its id, here.
fn lost(error: &actix_web::Error, method: &str, scope: &Scope) -> actix_web::Error {
    let mut response: HttpResponse = error.error_response();
    if let Ok(value) = HeaderValue::from_str(&scope.request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let cause = error.as_error::<Error>().and_then(Error::cause).map(str::to_owned);
    let told =
        Told { route: scope.route().unwrap_or("unmatched"), method, status: response.status().as_u16() };
    told.tell(scope, false, &cause.unwrap_or_else(|| error.to_string()));
    InternalError::from_response("lost", response).into()
}

/// Handlers' errors are responses already when they come back; what is left are failures of actix itself.
async fn answer<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    lifecycle: Option<&Lifecycle>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let about_health = matches!(request.path(), "/healthz" | "/readyz");
    if !about_health && lifecycle.is_some_and(Lifecycle::is_starting) {
        let error = Error::new(&UNAVAILABLE).detail("The service is starting.").retry_after(1);
        return Ok(request.into_response(error.error_response()));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body).map(enveloped)
}

/// Puts the envelope where actix refused by itself: an extractor in words of its own, a resource with `Allow` alone.
fn enveloped(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (status, inner) = (response.status(), response.response());
    let foreign = inner.error().filter(|error| error.as_error::<Error>().is_none());
    let refusal = Error::new(code_of(status));
    if let Some(cause) = foreign.map(ToString::to_string) {
        return ServiceResponse::from_err(refusal.because(cause), response.into_parts().0);
    }
    let allow = inner.headers().get(ALLOW).filter(|_| inner.headers().len() == 1).cloned();
    let Some(allow) = allow.filter(|_| status == StatusCode::METHOD_NOT_ALLOWED) else { return response };
    let mut refused = response.into_response(refusal.error_response());
    refused.headers_mut().insert(ALLOW, allow);
    refused
}

/// What a process's errors say besides the envelope, by path and status; as `web::Data` of its app. Services say it by
/// [`crate::Service::error_also_says`]. An answer that is passed on, and so has no bytes yet, stays as it is.
pub struct Addition(pub fn(&str, u16) -> Option<(&'static str, Value)>);

fn amended(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let (request, status) = (response.request(), response.status().as_u16());
    let addition = request.app_data::<web::Data<Addition>>().filter(|_| status >= 400);
    match addition.and_then(|addition| (addition.0)(request.path(), status)) {
        Some((name, value)) => response.map_body(|_, body| with_field(body, name, value)),
        None => response,
    }
}

/// The error with one more field; whatever is no JSON object stays as it is.
fn with_field(body: BoxBody, name: &str, value: Value) -> BoxBody {
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return body,
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(mut fields)) => {
            fields.insert(name.to_owned(), value);
            BoxBody::new(Value::Object(fields).to_string())
        }
        _ => BoxBody::new(bytes),
    }
}

fn code_of(status: StatusCode) -> &'static Code {
    match status.as_u16() {
        404 => &NOT_FOUND,
        405 => &METHOD_NOT_ALLOWED,
        413 => &BODY_TOO_LARGE,
        415 => &NOT_JSON,
        503 => &UNAVAILABLE,
        400..500 => &BAD_REQUEST,
        _ => &INTERNAL,
    }
}

/// The caller's own id where it is short and plain, else a new one.
fn request_id(request: &ServiceRequest) -> Arc<str> {
    let plain = |text: &&str| {
        (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(plain);
    given.map_or_else(|| uuid_v7(SystemClock.now()).to_string().into(), Arc::from)
}

fn tell(response: &ServiceResponse<BoxBody>, scope: &Scope) {
    let request = response.request();
    let pattern = || request.match_pattern().unwrap_or_else(|| "unmatched".into());
    let route = scope.route().map_or_else(pattern, str::to_owned);
    let cause =
        response.response().error().and_then(|error| error.as_error::<Error>()).and_then(Error::cause);
    let quiet = matches!(request.path(), "/healthz" | "/readyz");
    let told = Told { route: &route, method: request.method().as_str(), status: response.status().as_u16() };
    told.tell(scope, quiet, cause.unwrap_or_default());
}

/// What the log and the metrics hear of a request.
struct Told<'a> {
    route: &'a str,
    method: &'a str,
    status: u16,
}

impl Told<'_> {
    fn tell(&self, scope: &Scope, quiet: bool, error: &str) {
        let Self { route, method, status } = *self;
        let elapsed = scope.started.elapsed().as_secs_f64();
        count_request(route, method, status, elapsed);
        let level = match status {
            500.. => Level::Error,
            _ if quiet => Level::Debug,
            _ => Level::Info,
        };
        let ms = elapsed * 1e3;
        if error.is_empty() {
            log::log!(level, route, status, ms; "{method}");
        } else {
            log::log!(level, route, status, ms, error; "{method}");
        }
    }
}
