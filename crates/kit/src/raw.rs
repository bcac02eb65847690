//! JSON bodies as they came, for what is signed.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;

use crate::body::json;
use crate::{Error, Result};

/// The bytes of a JSON body: no larger and no slower than others.
#[derive(Debug, Clone)]
pub struct Raw(pub Bytes);

impl FromRequest for Raw {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = json(request.clone(), payload.take());
        Box::pin(async move { json.await.map(Self) })
    }
}
