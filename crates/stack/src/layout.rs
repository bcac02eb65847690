//! What is fixed about one stack while it runs: its plan, ports, secrets and places, and the addresses that follow.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kit::settings::{BrokerSettings, Secret};
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};
use crate::home::{Home, PLAN};
use crate::ident::Ident;
use crate::place::Place;
use crate::secrets::Secrets;
use crate::table::{Process, secret_names};

/// What stands before the names of everything at the broker.
const NAMESPACE: &str = "banter";

/// What was asked for when the stack was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The home this plan was made for: a copied directory is another stack.
    pub(crate) home: PathBuf,
    /// Whether the services and the gateway run, or the servers only.
    pub(crate) services: bool,
    /// The gateway's port, when it is not any free one.
    pub(crate) gateway_port: Option<u16>,
    /// Whether to be deleted when it ends; its database then spares itself the flushing to disk.
    pub(crate) throwaway: bool,
    /// The process with which the stack ends.
    pub(crate) owner: Option<Ident>,
    /// Where the services' binaries lie.
    pub(crate) binaries: PathBuf,
    /// The chosen ports by name.
    pub(crate) ports: BTreeMap<String, u16>,
}

/// A stack's plan together with everything that it needs to run.
#[derive(Clone)]
pub(crate) struct Layout {
    pub(crate) home: Home,
    pub(crate) plan: Plan,
    pub(crate) secrets: Secrets,
}

impl Layout {
    /// Reads the layout of a home in which a stack was started before.
    pub(crate) fn load(home: &Home) -> Result<Self> {
        let plan: Option<Plan> = home.read(PLAN);
        let plan = plan.filter(|plan| plan.home == home.root());
        let plan = plan.ok_or_else(|| Error::new(format!("no stack in {}", home.root().display())))?;
        let secrets = Secrets::ensure(home, secret_names())?;
        Ok(Self { home: home.clone(), plan, secrets })
    }

    /// The processes of this stack.
    pub(crate) fn processes(&self) -> Vec<Process> {
        Process::all(self.plan.services)
    }

    /// A process by its name.
    pub(crate) fn process(&self, name: &str) -> Result<Process> {
        let all = self.processes();
        let names: Vec<_> = all.iter().map(|process| process.name()).collect();
        let unknown = || Error::new(format!("no process {name}; there are: {}", names.join(", ")));
        all.iter().copied().find(|process| process.name() == name).ok_or_else(unknown)
    }

    /// A port by its name; 0, which nobody listens on, when it was never assigned.
    pub(crate) fn port(&self, name: &str) -> u16 {
        self.plan.ports.get(name).copied().unwrap_or(0)
    }

    /// The address of an HTTP process, such as `http://127.0.0.1:20123`.
    pub(crate) fn http(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(name))
    }

    /// The superuser's URL of one database.
    pub(crate) fn admin_url(&self, database: &str) -> String {
        self.database_url("postgres", self.secrets.get("postgres"), database)
    }

    /// The URL with which a service reaches its schema.
    pub(crate) fn role_url(&self, service: &str) -> String {
        self.database_url(service, self.secrets.get(&format!("role/{service}")), "banter")
    }

    fn database_url(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port("postgres"))
    }

    /// The broker's URL, with its virtual host `banter`.
    pub(crate) fn broker_url(&self) -> String {
        format!("amqp://banter:{}@127.0.0.1:{}/banter", self.secrets.get("broker"), self.port("rabbitmq"))
    }

    /// How our processes reach the broker.
    pub(crate) fn broker(&self) -> BrokerSettings {
        BrokerSettings { url: Secret::new(self.broker_url()), namespace: NAMESPACE.to_owned() }
    }

    /// The place of the servers' data.
    pub(crate) fn place(&self) -> Result<Place> {
        Place::prepare(&self.home)
    }

    /// The path of one of our own binaries.
    pub(crate) fn binary(&self, name: &str) -> Result<PathBuf> {
        let path = self.plan.binaries.join(name);
        let missing = || Error::new(format!("no {}: run `cargo build --workspace --bins`", path.display()));
        if path.is_file() { Ok(path) } else { Err(missing()) }
    }
}

/// The directory of our own binaries: that of the running program, or the one above a test's `deps`.
pub(crate) fn binaries() -> Result<PathBuf> {
    let program = std::env::current_exe().context(|| "cannot tell which program runs")?;
    let dir = program.parent().ok_or_else(|| Error::new("the running program lies nowhere"))?;
    let above = dir.parent().filter(|_| dir.ends_with("deps"));
    Ok(above.unwrap_or(dir).to_owned())
}
