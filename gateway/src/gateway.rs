//! The gateway put together, and its listener.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use kit::Probe;
use kit::server::{Addition, Lifecycle, Server};
use kit::settings::{HttpSettings, ProcessSettings, SettingsError};

use crate::cors::Cors;
use crate::environments::Environments;
use crate::forwarded::TrustedProxies;
use crate::proxy::{Client, client};
use crate::rates::Rates;
use crate::response::End;
use crate::settings::{GatewaySettings, Limits};
use crate::{handler, health, routes};

/// As many as can be asked for.
const MOST_WORKERS: usize = 64;

/// What all workers share.
pub(crate) struct Gateway {
    pub(crate) environments: Environments,
    pub(crate) trusted: TrustedProxies,
    pub(crate) cors: Cors,
    pub(crate) limits: Limits,
    pub(crate) rates: Rates,
    lifecycle: Lifecycle,
    drain: Duration,
}

impl Gateway {
    fn new(
        process: &ProcessSettings,
        settings: &GatewaySettings,
        lifecycle: Lifecycle,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            environments: Environments::new(&settings.environments)?,
            trusted: TrustedProxies::new(&settings.proxy.trusted)?,
            cors: Cors::new(&settings.cors.origins)?,
            limits: settings.limits,
            rates: Rates::new(settings.limits),
            lifecycle,
            drain: Duration::from_millis(process.http.drain_ms),
        })
    }

    /// Resolves when the listener closes: whoever is connected for good goes elsewhere then.
    pub(crate) fn end(&self) -> End {
        let (lifecycle, drain) = (self.lifecycle.clone(), self.drain);
        Box::pin(async move {
            lifecycle.draining().await;
            tokio::time::sleep(drain).await;
        })
    }
}

/// What a worker has: the gateway, and connections of its own.
pub(crate) struct Worker {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) client: Client,
}

/// Starts the gateway's listener: the same for `main` and for tests.
///
/// # Errors
/// A setting that makes no sense, or an address that is taken.
pub fn start(
    process: &ProcessSettings,
    settings: &GatewaySettings,
    lifecycle: Lifecycle,
) -> io::Result<Server> {
    let gateway = Gateway::new(process, settings, lifecycle.clone());
    let gateway = Arc::new(gateway.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?);
    let probing = gateway.clone();
    let probes: Arc<dyn Fn() -> Vec<Probe> + Send + Sync> =
        Arc::new(move || health::probes(&probing.environments));
    let http = HttpSettings { workers: Some(workers(&process.http)), ..process.http.clone() };
    Server::start(&http, lifecycle, web::Data::from(probes), move |config| {
        let worker = Worker { gateway: gateway.clone(), client: client(gateway.limits) };
        config
            .app_data(web::Data::new(worker))
            .app_data(web::Data::new(Addition(routes::error_also_says)))
            .default_service(web::to(handler::handle));
    })
}

/// Unless told otherwise, one for each processor: a gateway waits for others only, and what it does itself it should do
/// on all of them.
fn workers(settings: &HttpSettings) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    settings.workers.unwrap_or_else(processors)
}
