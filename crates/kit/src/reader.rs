//! Who may look something up: a user, or another service that keeps a copy; or such a service only.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use jsonwebtoken::dangerous::insecure_decode;
use serde::Deserialize;

use crate::call::{Call, Visit, access_token};
use crate::error::UNAUTHENTICATED;
use crate::{Action, App, Error, Frame, Result, ServiceClaims, Use};

/// Who calls a route that users and services may call alike.
#[derive(Debug, Clone)]
pub enum Reader {
    /// A user, by an access token.
    User(Call),
    /// Another service, by a token that it signed itself.
    Service(Visit),
}

impl Reader {
    /// The frame of an answer whose data stands under `name`.
    #[must_use]
    pub fn frame(&self, action: Action, name: &'static str) -> Frame<'_> {
        match self {
            Self::User(call) => call.frame(action, name),
            Self::Service(visit) => visit.frame(action, name),
        }
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let call = Call::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let token = access_token(request.headers()).filter(|token| claims_to_be_a_service(token));
            let Some(token) = token else { return call.await.map(Self::User) };
            visit_of_service(&request, token).await.map(Self::Service)
        })
    }
}

/// Another service, by a token that it signed itself: who calls a route that is not for users.
#[derive(Debug, Clone)]
pub struct Peer(Visit);

impl Peer {
    /// The frame of an answer whose data stands under `name`.
    #[must_use]
    pub fn frame(&self, action: Action, name: &'static str) -> Frame<'_> {
        self.0.frame(action, name)
    }
}

impl FromRequest for Peer {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = access_token(request.headers()).ok_or(Error::new(&UNAUTHENTICATED))?;
            visit_of_service(&request, token).await.map(Self)
        })
    }
}

/// The visit of a service that shows this token.
async fn visit_of_service(request: &HttpRequest, token: &str) -> Result<Visit> {
    let app = request.app_data::<web::Data<App>>().ok_or(Error::new(&UNAUTHENTICATED))?;
    app.trust().verify::<ServiceClaims>(token, Use::Service).await?;
    Visit::extract(request).await
}

#[derive(Clone, Deserialize)]
struct Typ {
    typ: Use,
}

/// Only picks which check the token must pass: nothing is believed yet.
fn claims_to_be_a_service(token: &str) -> bool {
    insecure_decode::<Typ>(token).is_ok_and(|token| token.claims.typ == Use::Service)
}
