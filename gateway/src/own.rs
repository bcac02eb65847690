//! What the gateway answers itself, at every host that has an environment.

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use kit::error::METHOD_NOT_ALLOWED;
use kit::{Error, Result};

use crate::environments::{Environment, Environments};
use crate::{docs, health, openapi};

/// An address of the gateway's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Own<'a> {
    Environments,
    Description,
    /// The pages of the documentation; what stands after `/docs`.
    Docs(&'a str),
}

/// Whose path it is, if it is the gateway's.
pub(crate) fn find(path: &str) -> Option<Own<'_>> {
    match path {
        "/environments" => Some(Own::Environments),
        "/openapi.json" => Some(Own::Description),
        _ => {
            let page = path.strip_prefix("/docs")?;
            (page.is_empty() || page.starts_with('/')).then_some(Own::Docs(page))
        }
    }
}

impl Own<'_> {
    /// Its name in logs and figures.
    pub(crate) fn route(self) -> &'static str {
        match self {
            Self::Environments => "/environments",
            Self::Description => "/openapi.json",
            Self::Docs(_) => "/docs",
        }
    }

    pub(crate) async fn answer(
        self,
        request: &HttpRequest,
        environments: &Environments,
        environment: &Environment,
    ) -> Result<HttpResponse> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(method_not_allowed("GET, HEAD"));
        }
        match self {
            Self::Environments => Ok(health::environments(environments).await),
            Self::Description => Ok(openapi::answer(environment).await),
            Self::Docs(page) => docs::answer(page, environment),
        }
    }
}

/// The refusal of a method, and which would do (RFC 9110, section 15.5.6).
pub(crate) fn method_not_allowed(methods: &'static str) -> HttpResponse {
    let mut response = HttpResponse::from_error(Error::new(&METHOD_NOT_ALLOWED));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}
