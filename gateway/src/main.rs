//! The gateway's process.

use std::error::Error;
use std::process::ExitCode;

use gateway::GatewaySettings;
use kit::server::{self, Lifecycle};
use kit::settings::{ProcessSettings, Source};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("gateway: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "there may be no logger yet, and the operator must see it")]
fn complain(text: &str) {
    eprintln!("{text}");
}

fn run() -> Result<(), Box<dyn Error>> {
    let source = Source::read()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.as_slice() {
        [] => serve(&source),
        [word] if word == "health" => {
            Ok(server::ask_readiness(source.load::<ProcessSettings>()?.http.address)?)
        }
        _ => Err(format!("knows no command {words:?}; it knows `health`").into()),
    }
}

fn serve(source: &Source) -> Result<(), Box<dyn Error>> {
    let (process, settings) = (source.load::<ProcessSettings>()?, source.load::<GatewaySettings>()?);
    server::runtime()?.block_on(until_stopped(&process, &settings))
}

async fn until_stopped(process: &ProcessSettings, settings: &GatewaySettings) -> Result<(), Box<dyn Error>> {
    let metrics = server::introduce("gateway", process)?;
    let lifecycle = Lifecycle::default();
    let server = gateway::start(process, settings, lifecycle.clone())?;
    lifecycle.ready();
    log::info!("gateway listens on {}", server.address);
    server::asked_to_stop().await?;
    server.drain().await;
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    Ok(())
}
