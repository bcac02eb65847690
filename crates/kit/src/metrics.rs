//! Figures in Prometheus' text format, on a private port.

use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds; the middle is where a healthy request ends.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// How often what was measured is folded into the buckets: each measurement is kept until then, scraped or not.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process' figures. The `metrics` crate keeps one recorder a process, and so do we.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder, or hands out the one that is installed.
    #[must_use]
    pub fn install() -> Option<Self> {
        static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        HANDLE.get_or_init(recorder).clone().map(Self)
    }

    /// Serves `GET /metrics` on a listener of its own.
    ///
    /// # Errors
    /// When the address is taken.
    pub fn serve(self, address: SocketAddr) -> io::Result<ServerHandle> {
        tokio::spawn(upkeep(self.0.clone()));
        let server = HttpServer::new(move || {
            let metrics = self.0.clone();
            let render = move || {
                std::future::ready(
                    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(metrics.render()),
                )
            };
            App::new().route("/metrics", web::get().to(render))
        });
        let server = server.workers(1).disable_signals().bind(address)?.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(handle)
    }
}

async fn upkeep(figures: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        figures.run_upkeep();
    }
}

fn recorder() -> Option<PrometheusHandle> {
    let seconds = Matcher::Suffix("_seconds".into());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(seconds, &BUCKETS);
    builder.ok()?.install_recorder().ok()
}

/// Counts a request that was answered.
pub(crate) fn count_request(route: &str, method: &str, status: u16, seconds: f64) {
    // Clients may make up methods, and every label's value is kept for good.
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].contains(&method);
    let method = if known { method } else { "other" };
    let labels = [("route", route.to_owned()), ("method", method.to_owned()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route.to_owned()).record(seconds);
}
