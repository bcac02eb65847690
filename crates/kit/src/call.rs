//! What a handler knows of the request it answers.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};

use crate::error::UNAUTHENTICATED;
use crate::idempotency::IdempotencyKey;
use crate::logs::Scope;
use crate::tokens::{AccessClaims, Caller};
use crate::{App, Error, Result, Use};

/// A request by whomever: what is public.
#[derive(Debug, Clone)]
pub struct Visit {
    pub(crate) started: Instant,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The request's id: taken over from `X-Request-Id`, or made.
    pub request_id: Arc<str>,
}

impl Visit {
    fn of(request: &HttpRequest) -> Self {
        let scope = request.extensions().get::<Arc<Scope>>().cloned().unwrap_or_default();
        Self {
            started: scope.started,
            method: request.method().to_string(),
            path: request.path().to_owned(),
            request_id: scope.request_id.clone(),
        }
    }
}

impl FromRequest for Visit {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// A request by somebody who showed a valid access token.
#[derive(Debug, Clone)]
pub struct Call {
    pub(crate) visit: Visit,
    pub(crate) sso: Duration,
    pub(crate) key: Option<IdempotencyKey>,
    /// Who calls.
    pub caller: Caller,
}

impl Call {
    /// The request's id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.visit.request_id
    }
}

impl Call {
    /// Whether the call came with an `Idempotency-Key`.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }
}

impl FromRequest for Call {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let begun = Instant::now();
            let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("no app"))?;
            let token = access_token(request.headers()).ok_or(Error::new(&UNAUTHENTICATED))?;
            let claims = app.trust().verify::<AccessClaims>(token, Use::Access).await?;
            let caller = Caller::try_from(claims).map_err(|_| Error::new(&UNAUTHENTICATED))?;
            if let Some(scope) = request.extensions().get::<Arc<Scope>>() {
                scope.set_user(caller.user_id);
            }
            let key = IdempotencyKey::of(request.headers())?;
            Ok(Self { visit: Visit::of(&request), sso: begun.elapsed(), key, caller })
        })
    }
}

/// The token that a request shows, not verified: from `Authorization: Bearer`, or the header `token`.
#[must_use]
pub fn access_token(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    bearer.or_else(|| headers.get("token").and_then(|value| value.to_str().ok()).map(str::trim))
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
