//! Pages of other origins: which may call, and what they may say and see.

use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use kit::settings::SettingsError;
use kit::{Error, Result};

use crate::codes::ORIGIN_NOT_ALLOWED;
use crate::pattern::Pattern;

const HEADERS: &str = "Accept, Accept-Language, Authorization, Cache-Control, Content-Language, Content-Type, \
     Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Range, Last-Event-ID, Range, Token, \
     X-Request-Id, X-Timezone";
/// What the gateway lets through.
pub(crate) const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSED: &str = "X-Request-Id, Retry-After, Idempotency-Replayed, ETag";
/// Two hours: more than this no browser keeps.
const MAX_AGE: &str = "7200";

/// The origins that may call. Credentials never travel by themselves (tokens are headers), so no answer allows them.
#[derive(Debug)]
pub(crate) struct Cors(Vec<Pattern>);

impl Cors {
    /// Reads the origins.
    pub(crate) fn new(origins: &[String]) -> std::result::Result<Self, SettingsError> {
        let wrong = |problem: String| SettingsError::at("cors.origins", problem);
        let read = |origin: &String| {
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            match host {
                Some(host) if !host.is_empty() && !host.contains('/') => {
                    Pattern::parse(origin).map_err(wrong)
                }
                _ => Err(wrong(format!("{origin} must be an origin such as https://app.example.com"))),
            }
        };
        origins.iter().map(read).collect::<std::result::Result<_, _>>().map(Self)
    }

    /// The answer to a preflight, if the request is one.
    pub(crate) fn preflight(&self, request: &HttpRequest) -> Option<Result<HttpResponse>> {
        let headers = request.headers();
        let asks = request.method() == Method::OPTIONS
            && headers.contains_key(ORIGIN)
            && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| self.allowed(headers).ok_or_else(|| Error::new(&ORIGIN_NOT_ALLOWED)).map(|_| permit()))
    }

    /// Lets the page read the answer, if its origin may.
    pub(crate) fn decorate(&self, request: &HeaderMap, response: &mut HeaderMap) {
        let_read(self.allowed(request), response);
    }

    fn allowed<'a>(&self, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let origin = request.get(ORIGIN)?;
        let name = origin.to_str().ok()?.to_ascii_lowercase();
        self.0.iter().any(|pattern| pattern.matches(&name)).then_some(origin)
    }
}

/// Lets any page read a refusal of our own, which tells it nothing of whoever it called: else it would see a broken network where
/// it should wait, say.
pub(crate) fn refusal(request: &HeaderMap, response: &mut HeaderMap) {
    let_read(request.get(ORIGIN), response);
}

fn let_read(origin: Option<&HeaderValue>, response: &mut HeaderMap) {
    response.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}

fn permit() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .append_header((VARY, "Access-Control-Request-Method, Access-Control-Request-Headers"))
        .finish()
}
