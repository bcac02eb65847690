//! Takes a body from the client: within its bounds of size and patience, and never faster than the service reads.

use std::time::Duration;

use actix_web::web::{BytesMut, Payload};
use bytes::Bytes;
use futures_util::StreamExt as _;
use kit::error::{BAD_REQUEST, BODY_TIMED_OUT, BODY_TOO_LARGE};
use kit::{Error, Result};
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

use crate::body::{Length, Outgoing, Part};
use crate::codes::{BAD_GATEWAY, GATEWAY_TIMEOUT};
use crate::settings::Limits;

/// The largest body that is taken in before its service is called: a slow client then holds no connection of the
/// service, and the request can be repeated as long as it reached nobody.
const SMALL: u64 = 64 << 10;

/// The body to send, and what has to run for it to arrive.
pub(crate) async fn open(
    length: Length,
    payload: Payload,
    limit: u64,
    limits: Limits,
) -> Result<(Outgoing, Option<Pump>)> {
    match length {
        Length::None | Length::Known(0) => Ok((Outgoing::empty(), None)),
        Length::Known(length) if length > limit => Err(Error::new(&BODY_TOO_LARGE)),
        Length::Known(length) if length <= SMALL => {
            let whole = timeout(limits.chunk(), whole(payload)).await;
            Ok((Outgoing::Whole(whole.map_err(|_| Error::new(&BODY_TIMED_OUT))??), None))
        }
        Length::Known(length) => Ok(streamed(Some(length), payload, limit, limits)),
        Length::Unknown => Ok(streamed(None, payload, limit, limits)),
    }
}

fn streamed(length: Option<u64>, payload: Payload, limit: u64, limits: Limits) -> (Outgoing, Option<Pump>) {
    let (parts, body) = Outgoing::in_parts(length);
    (body, Some(Pump { payload, parts, limit, limits }))
}

/// Most small bodies come in one piece, which is not copied.
async fn whole(mut payload: Payload) -> Result<Bytes> {
    let Some(first) = next(&mut payload).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(&mut payload).await? else { return Ok(first) };
    let mut bytes = BytesMut::from(first.as_ref());
    bytes.extend_from_slice(&second);
    while let Some(chunk) = next(&mut payload).await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

async fn next(payload: &mut Payload) -> Result<Option<Bytes>> {
    payload.next().await.transpose().map_err(|error| Error::new(&BAD_REQUEST).because(error))
}

/// A body on its way.
pub(crate) struct Pump {
    payload: Payload,
    parts: Sender<Part>,
    limit: u64,
    limits: Limits,
}

impl Pump {
    /// Runs until the body has gone through.
    pub(crate) async fn run(mut self) -> Result<()> {
        let mut taken = 0_u64;
        while let Some(chunk) = self.take().await? {
            taken = taken.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if taken > self.limit {
                return Err(Error::new(&BODY_TOO_LARGE));
            }
            self.give(Part::Chunk(chunk)).await?;
        }
        self.give(Part::End).await
    }

    async fn take(&mut self) -> Result<Option<Bytes>> {
        let chunk = timeout(self.limits.chunk(), next(&mut self.payload)).await;
        chunk.map_err(|_| Error::new(&BODY_TIMED_OUT))?
    }

    async fn give(&self, part: Part) -> Result<()> {
        let patience: Duration = self.limits.answer();
        let given = timeout(patience, self.parts.send(part)).await;
        let heard = given.map_err(|_| Error::new(&GATEWAY_TIMEOUT).because("reads no further"))?;
        heard.map_err(|_| Error::new(&BAD_GATEWAY).because("listens no longer"))
    }
}
