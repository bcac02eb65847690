//! Every request but `/healthz` and `/readyz`: whose it is, and who answers it.

use std::sync::Arc;

use actix_web::http::uri::Authority;
use actix_web::http::{Method, header};
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use http::header::{CONNECTION, HeaderValue, UPGRADE};
use http::{Request, StatusCode, Uri};
use kit::error::{BAD_REQUEST, NOT_FOUND};
use kit::logs::Scope;
use kit::{Error, Result};

use crate::body::{Length, Outgoing};
use crate::codes::{BAD_GATEWAY, SERVICE_NOT_DEPLOYED, UNKNOWN_ENVIRONMENT};
use crate::environments::Environment;
use crate::gateway::Worker;
use crate::routes::{self, Route};
use crate::{cors, headers, own, proxy, pump, response, upgrade};

/// The one handler. Also refusals carry what a page of another origin needs to read them; where the service knows its
/// origins itself, ours do for every page.
pub(crate) async fn handle(request: HttpRequest, payload: Payload, worker: Data<Worker>) -> HttpResponse {
    if routes::answers_origins(request.path()) {
        return answer(&request, payload, &worker).await.unwrap_or_else(|error| {
            let mut refusal = HttpResponse::from_error(error);
            cors::refusal(request.headers(), refusal.headers_mut());
            refusal
        });
    }
    let cors = &worker.gateway.cors;
    let answer = match cors.preflight(&request) {
        Some(preflight) => preflight,
        None => answer(&request, payload, &worker).await,
    };
    let mut response = answer.unwrap_or_else(HttpResponse::from_error);
    cors.decorate(request.headers(), response.headers_mut());
    response
}

async fn answer(request: &HttpRequest, payload: Payload, worker: &Worker) -> Result<HttpResponse> {
    let gateway = &worker.gateway;
    gateway.rates.check(request, gateway.trusted.client_of(request))?;
    headers::check(request)?;
    let scope = request.extensions().get::<Arc<Scope>>().cloned().unwrap_or_default();
    let environment = gateway.environments.of_host(host(request)).ok_or(Error::new(&UNKNOWN_ENVIRONMENT))?;
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Ok(own::method_not_allowed(cors::METHODS));
    }
    if let Some(own) = own::find(request.path()) {
        scope.set_route(own.route());
        return own.answer(request, &gateway.environments, environment).await;
    }
    let (route, uri) = destination(request, environment)?;
    scope.set_route(route.prefix);
    forward(request, payload, worker, &Errand { route, uri, request_id: scope.request_id.clone() }).await
}

/// The host that is meant: that of an absolute address before the header's (RFC 9112, section 3.2.2).
fn host(request: &HttpRequest) -> &str {
    let header = || request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    request.uri().authority().map(Authority::as_str).or_else(header).unwrap_or_default()
}

fn destination(request: &HttpRequest, environment: &Environment) -> Result<(&'static Route, Uri)> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let (route, target) = routes::find(target).ok_or(Error::new(&NOT_FOUND))?;
    let upstream = environment.upstreams.get(route.service).ok_or(Error::new(&SERVICE_NOT_DEPLOYED))?;
    Ok((route, upstream.uri(&target)?))
}

/// Where a request goes, and under which id.
struct Errand {
    route: &'static Route,
    uri: Uri,
    request_id: Arc<str>,
}

async fn forward(
    request: &HttpRequest,
    payload: Payload,
    worker: &Worker,
    errand: &Errand,
) -> Result<HttpResponse> {
    let limits = worker.gateway.limits;
    let end = || worker.gateway.end();
    let method = http::Method::from_bytes(request.method().as_str().as_bytes());
    let method = method.map_err(|error| Error::new(&BAD_REQUEST).because(error))?;
    if upgrade::is_asked(request)? {
        let make = || asking(outgoing(request, &method, worker, errand, &Outgoing::empty()));
        let answer = proxy::exchange(&worker.client, limits, make, None).await?;
        return match answer.status() {
            StatusCode::SWITCHING_PROTOCOLS => upgrade::tunnel(answer, payload, end()).await,
            _ => Ok(response::pass(request, errand.request_id.clone(), answer, end)),
        };
    }
    let limit = if errand.route.uploads { limits.upload_bytes } else { limits.body_bytes };
    let (body, pump) = pump::open(Length::of(request), payload, limit, limits).await?;
    let make = || outgoing(request, &method, worker, errand, &body);
    let answer = proxy::exchange(&worker.client, limits, make, pump).await?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::new(&BAD_GATEWAY).because("switches protocols without being asked"));
    }
    Ok(response::pass(request, errand.request_id.clone(), answer, end))
}

/// The request as the service gets it.
fn outgoing(
    request: &HttpRequest,
    method: &http::Method,
    worker: &Worker,
    errand: &Errand,
    body: &Outgoing,
) -> Request<Outgoing> {
    let mut outgoing = Request::new(body.clone());
    *outgoing.method_mut() = method.clone();
    *outgoing.uri_mut() = errand.uri.clone();
    *outgoing.headers_mut() = headers::for_service(request);
    worker.gateway.trusted.tell(request, outgoing.headers_mut());
    if let Ok(id) = HeaderValue::from_str(&errand.request_id) {
        outgoing.headers_mut().insert("x-request-id", id);
    }
    outgoing
}

/// Puts back what asks for a WebSocket: it was about the client's connection, and is now about ours.
fn asking(mut request: Request<Outgoing>) -> Request<Outgoing> {
    request.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    request
}
