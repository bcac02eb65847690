//! What happens around every request: an id, a log line, figures, and the gates of start and end.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, ResponseError as _, web};
use log::Level;

use crate::clock::uuid_v7;
use crate::error::UNAVAILABLE;
use crate::health::Lifecycle;
use crate::logs::{self, Scope};
use crate::metrics::count_request;
use crate::{Clock as _, Error, SystemClock};

/// The header that carries a request's id, both ways.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, runs it within its log scope, and tells the log and the metrics what became of it.
pub(crate) async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let scope = Arc::new(Scope::new(request_id(&request)));
    request.extensions_mut().insert(scope.clone());
    logs::scoped(scope.clone(), async move {
        let lifecycle = request.app_data::<web::Data<Lifecycle>>().map(|data| Lifecycle::clone(data));
        let mut response = answer(request, next, lifecycle.as_ref()).await?;
        if lifecycle.is_some_and(|lifecycle| lifecycle.is_draining()) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        if let Ok(value) = HeaderValue::from_str(&scope.request_id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        tell(&response, &scope);
        Ok(response)
    })
    .await
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
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
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
    let (method, status, elapsed) =
        (request.method().as_str(), response.status().as_u16(), scope.started.elapsed());
    count_request(&route, method, status, elapsed.as_secs_f64());
    let ms = elapsed.as_secs_f64() * 1e3;
    let level = if status >= 500 { Level::Error } else { Level::Info };
    let level =
        if matches!(request.path(), "/healthz" | "/readyz") && status < 500 { Level::Debug } else { level };
    let cause =
        response.response().error().and_then(|error| error.as_error::<Error>()).and_then(Error::cause);
    let error = cause.unwrap_or_default();
    if error.is_empty() {
        log::log!(level, route = route.as_str(), status, ms; "{method}");
    } else {
        log::log!(level, route = route.as_str(), status, ms, error; "{method}");
    }
}
