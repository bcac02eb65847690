//! One request, there and back.

use std::error::Error as StdError;
use std::io;
use std::time::{Duration, Instant};

use actix_web::rt;
use futures_util::future::{Either, select};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kit::{Error, Result};
use tokio::time::{sleep, timeout};

use crate::body::Outgoing;
use crate::codes::{BAD_GATEWAY, GATEWAY_TIMEOUT};
use crate::pump::Pump;
use crate::settings::Limits;

/// Connections to services; each worker has its own, since a shared one costs a switch of threads a request.
pub(crate) type Client = legacy::Client<HttpConnector, Outgoing>;

/// Shorter than services keep an idle connection (75 s), so that we are not surprised by their closing it.
const IDLE: Duration = Duration::from_secs(30);
/// What a connection to a service holds of a body that it cannot pass on yet; also the largest head of an answer.
const BUFFER: usize = 64 << 10;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The client of a worker.
pub(crate) fn client(limits: Limits) -> Client {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(Duration::from_millis(limits.connect_ms)));
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .http1_max_buf_size(BUFFER)
        .build(connector)
}

/// Sends a request with its body and waits for the head of the answer.
///
/// A service may answer before it has heard everything; the rest of the body then flows on beside the answer.
pub(crate) async fn exchange(
    client: &Client,
    limits: Limits,
    make: impl Fn() -> Request<Outgoing>,
    pump: Option<Pump>,
) -> Result<Response<Incoming>> {
    let mut answer = Box::pin(send(client, make, Duration::from_millis(limits.retry_ms)));
    if let Some(pump) = pump {
        match select(&mut answer, Box::pin(pump.run())).await {
            Either::Left((answer, pump)) => {
                drop(rt::spawn(pump));
                return answer;
            }
            Either::Right((sent, _)) => sent?,
        }
    }
    timeout(limits.answer(), answer).await.unwrap_or_else(|_| Err(Error::new(&GATEWAY_TIMEOUT)))
}

/// Sends a request until it has reached its service.
///
/// What could not even connect reached nobody and is tried again, whatever it asks for. What was lost after that may
/// have had its effect, so only a request that has none is repeated, and once.
async fn send(
    client: &Client,
    make: impl Fn() -> Request<Outgoing>,
    patience: Duration,
) -> Result<Response<Incoming>> {
    let (until, mut pause, mut lost) = (Instant::now() + patience, FIRST_PAUSE, false);
    loop {
        let request = make();
        let harmless = !lost && is_harmless(&request);
        let error = match client.request(request).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        lost |= !error.is_connect();
        if !(error.is_connect() || harmless) || Instant::now() + pause > until {
            return Err(refusal(&error));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn is_harmless(request: &Request<Outgoing>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && request.body().is_empty()
}

fn refusal(error: &legacy::Error) -> Error {
    let slow = |cause: &Cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    };
    let code = if causes(error).any(slow) { &GATEWAY_TIMEOUT } else { &BAD_GATEWAY };
    let texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    Error::new(code).because(texts.join(": "))
}

type Cause = dyn StdError + 'static;

fn causes(error: &legacy::Error) -> impl Iterator<Item = &Cause> {
    let first: &Cause = error;
    std::iter::successors(Some(first), |&cause| cause.source())
}
