//! What a running stack tells others about itself: a file that its supervisor writes at every change.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::home::Home;
use crate::ident::Ident;

const FILE: &str = "state.json";

/// What has become of a stack as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Phase {
    /// Not everything has been ready yet.
    Starting,
    /// Everything has been ready.
    Up,
    /// It is being stopped.
    Stopping,
    /// It could not start; why.
    Failed(String),
}

/// What has become of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// Not started yet, or waiting for its restart.
    Waiting,
    /// It runs, and has not been ready yet.
    Starting,
    /// It runs and has been ready.
    Ready,
    /// Left down on request.
    Held,
}

/// One process as its supervisor knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// What has become of it.
    pub condition: Condition,
    /// Who it is, while it runs.
    pub ident: Option<Ident>,
    /// Since when it runs.
    pub since: Option<DateTime<Utc>>,
    /// How often it was started again.
    pub restarts: u32,
    /// How often in a row it ended before it was ready.
    pub failures: u32,
    /// How long it took to become ready, in milliseconds.
    pub ready_ms: Option<u64>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            condition: Condition::Waiting,
            ident: None,
            since: None,
            restarts: 0,
            failures: 0,
            ready_ms: None,
        }
    }
}

impl Entry {
    /// Its identity, if it runs.
    #[must_use]
    pub fn running(&self) -> Option<Ident> {
        self.ident.filter(|ident| ident.is_alive())
    }
}

/// A stack and its processes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// Whose state this is.
    pub(crate) home: PathBuf,
    pub(crate) phase: Phase,
    pub(crate) processes: BTreeMap<String, Entry>,
}

impl State {
    /// The state of a stack that is about to start.
    pub(crate) fn starting(home: &Home) -> Self {
        Self { home: home.root().to_owned(), phase: Phase::Starting, processes: BTreeMap::new() }
    }

    /// Reads what the last supervisor left behind; a copied directory's state is another stack's.
    pub(crate) fn load(home: &Home) -> Option<Self> {
        home.read(FILE).filter(|state: &Self| state.home == home.root())
    }

    /// Writes it for others to read.
    pub(crate) fn save(&self, home: &Home) -> Result<()> {
        home.write(FILE, self)
    }

    /// Forgets it: nothing runs any more.
    pub(crate) fn forget(home: &Home) {
        let _absent = std::fs::remove_file(home.path(FILE));
    }

    /// The names of the processes that have been ready.
    pub(crate) fn ready(&self) -> Vec<String> {
        let ready = self.processes.iter().filter(|(_, entry)| entry.ready_ms.is_some());
        ready.map(|(name, _)| name.clone()).collect()
    }

    /// What is known about a process.
    pub(crate) fn entry(&self, process: &str) -> Entry {
        self.processes.get(process).cloned().unwrap_or_default()
    }
}
