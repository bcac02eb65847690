//! Work beside the requests: relays, consumers, sweepers. It ends when the process drains.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;

use crate::App;

/// A task that runs until the process stops.
pub type Background = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The signal to end, for as many tasks as like to hear it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Gives the signal.
    pub fn signal(&self) {
        self.0.send_replace(true);
    }

    /// Resolves when the signal was given.
    pub async fn signalled(&self) {
        // The sender lives in `self`, so the channel cannot be closed.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }

    /// Waits; whether there is still time to work.
    pub async fn sleep(&self, pause: Duration) -> bool {
        tokio::select! {
            () = self.signalled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }
}

const KEYS_EVERY: Duration = Duration::from_secs(5);
const TRUST_EVERY: Duration = Duration::from_secs(30);
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// What every service does beside its requests.
pub(crate) fn housekeeping(app: &App) -> Vec<Background> {
    let (keys, trust, sweeper) = (app.clone(), app.clone(), app.clone());
    vec![
        Box::pin(async move {
            while keys.stop().sleep(KEYS_EVERY).await {
                keys.keys().reload();
            }
        }),
        Box::pin(async move {
            while trust.stop().sleep(TRUST_EVERY).await {
                trust.trust().refresh().await;
            }
        }),
        Box::pin(async move {
            while sweeper.stop().sleep(SWEEP_EVERY).await {
                sweep(&sweeper).await;
            }
        }),
    ]
}

async fn sweep(app: &App) {
    if let Err(error) = app.sweep().await {
        log::warn!("idempotency keys not swept: {error}");
    }
}
