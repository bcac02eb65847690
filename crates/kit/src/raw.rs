//! Bodies as they came, for what is signed.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;

use crate::body::{leave_unread, read};
use crate::{Error, Result};

/// The bytes of a body: no larger and no slower than others, and whatever they say they are.
#[derive(Debug, Clone)]
pub struct Raw(pub Bytes);

impl FromRequest for Raw {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let read = read(&request, &mut payload).await;
            Ok(Self(read.inspect_err(|_| leave_unread(&request, payload))?.freeze()))
        })
    }
}
