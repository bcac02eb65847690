//! The listener of a process: started the same way in `main` and in tests, and drained without failing a request.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, middleware, web};
use tokio::signal::unix::{SignalKind, signal};

pub use crate::health::Lifecycle;
use crate::listener::Listener;
use crate::middleware::observe;
pub use crate::middleware::{Addition, REQUEST_ID};
pub use crate::readiness::ask_readiness;
use crate::settings::{HttpSettings, ProcessSettings};
use crate::{Metrics, Probe, health, logs};

/// A running listener.
pub struct Server {
    /// Where it listens: the real port, also when port 0 was asked for.
    pub address: SocketAddr,
    lifecycle: Lifecycle,
    settings: HttpSettings,
    listener: Listener,
}

/// What `/readyz` looks at.
pub type Probes = web::Data<dyn Fn() -> Vec<Probe> + Send + Sync>;

impl Server {
    /// Listens and serves what `configure` registers, besides `/healthz` and `/readyz`.
    ///
    /// Until [`Lifecycle::ready`] every other request is answered with 503.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn start<F>(
        settings: &HttpSettings,
        lifecycle: Lifecycle,
        probes: Probes,
        configure: F,
    ) -> io::Result<Self>
    where
        F: Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    {
        let data = (web::Data::new(settings.clone()), web::Data::new(lifecycle.clone()));
        let factory = move || {
            App::new()
                .app_data(data.0.clone())
                .app_data(data.1.clone())
                .app_data(probes.clone())
                .service(web::resource("/healthz").get(health::healthz).head(health::healthz))
                .service(web::resource("/readyz").get(health::readyz).head(health::readyz))
                .configure(configure.clone())
                .wrap(middleware::from_fn(observe))
        };
        let listener = Listener::start(settings, factory)?;
        Ok(Self { address: listener.address, lifecycle, settings: settings.clone(), listener })
    }

    /// Ends without failing a request: `/readyz` says 503 and answers close their connections, so that callers go
    /// elsewhere; after `drain_ms` nothing new is taken, and what is in flight is finished.
    pub async fn drain(self) {
        self.lifecycle.drain();
        tokio::time::sleep(Duration::from_millis(self.settings.drain_ms)).await;
        self.listener.close(Duration::from_secs(self.settings.shutdown_seconds)).await;
    }
}

/// Starts logs and metrics of a process and tells its settings, secrets masked.
///
/// # Errors
/// When the metrics' address is taken.
pub fn introduce(process: &'static str, settings: &ProcessSettings) -> io::Result<Option<ServerHandle>> {
    logs::init(process, &settings.log);
    log::info!("{process} {} starts in {}", env!("CARGO_PKG_VERSION"), settings.environment);
    let address = settings.metrics.address.zip(Metrics::install());
    address.map(|(address, metrics)| metrics.serve(address)).transpose()
}

/// Resolves at SIGTERM or SIGINT.
///
/// # Errors
/// When signals cannot be heard.
pub async fn asked_to_stop() -> io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    log::info!("draining");
    Ok(())
}

/// The runtime of a process: a thread for background work beside actix' own workers.
///
/// # Errors
/// When threads cannot be had.
pub fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(64)
        .enable_all()
        .build()
}
