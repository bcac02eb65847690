//! What is fixed about one stack while it runs: its plan, ports, secrets and places, and the addresses that follow.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kit::settings::{BrokerSettings, Secret};
use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::error::{Context, Error, Result};
use crate::home::{Home, PLAN};
use crate::ident::Ident;
use crate::place::Place;
use crate::secrets::Secrets;
use crate::table::{Process, secret_names};

/// What was asked for when the stack was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// The home this plan was made for: a copied directory is another stack.
    pub(crate) home: PathBuf,
    /// Whether the services and the gateway run, or the servers only.
    pub(crate) services: bool,
    /// The environments that have a database and, if services run, services.
    #[serde(default = "production")]
    pub(crate) environments: Vec<Environment>,
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

impl Plan {
    /// The processes that it asks for.
    pub(crate) fn processes(&self) -> Vec<Process> {
        Process::all(if self.services { &self.environments } else { &[] })
    }
}

/// What a plan means that says nothing of environments: it was written when there was one.
fn production() -> Vec<Environment> {
    vec![Environment::Production]
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
        let secrets = Secrets::ensure(home, secret_names(&plan.environments))?;
        Ok(Self { home: home.clone(), plan, secrets })
    }

    /// The processes of this stack.
    pub(crate) fn processes(&self) -> Vec<Process> {
        self.plan.processes()
    }

    /// A process by its name.
    pub(crate) fn process(&self, name: &str) -> Result<Process> {
        let all = self.processes();
        let names: Vec<_> = all.iter().map(|process| process.name()).collect();
        let unknown = || Error::new(format!("no process {name}; there are: {}", names.join(", ")));
        all.iter().copied().find(|process| process.name() == name).ok_or_else(unknown)
    }

    /// Refuses an environment that is not part of this stack.
    pub(crate) fn check(&self, environment: Environment) -> Result<()> {
        let there = &self.plan.environments;
        let names: Vec<_> = there.iter().map(|one| one.name()).collect();
        let absent = || {
            let (wanted, names) = (environment.name(), names.join(", "));
            Error::new(format!("no environment {wanted} runs; there are: {names}"))
        };
        there.contains(&environment).then_some(()).ok_or_else(absent)
    }

    /// A port by its name; 0, which nobody listens on, when it was never assigned.
    pub(crate) fn port(&self, name: &str) -> u16 {
        self.plan.ports.get(name).copied().unwrap_or(0)
    }

    /// The address of an HTTP process, such as `http://127.0.0.1:20123`.
    pub(crate) fn http(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.port(name))
    }

    /// Where clients reach an environment, such as `http://preview.localhost:8080`.
    pub(crate) fn public(&self, environment: Environment) -> String {
        format!("http://{}:{}", environment.host(), self.port("gateway"))
    }

    /// The superuser's URL of one database.
    pub(crate) fn admin_url(&self, database: &str) -> String {
        self.database_url("postgres", self.secrets.get("postgres"), database)
    }

    /// The URL with which a service reaches its schema.
    pub(crate) fn role_url(&self, environment: Environment, service: &str) -> String {
        let password = self.role_password(environment, service);
        self.database_url(&environment.role(service), password, &environment.database())
    }

    /// The password of a service's role.
    pub(crate) fn role_password(&self, environment: Environment, service: &str) -> &str {
        self.secrets.get(&environment.own(&format!("role/{service}")))
    }

    fn database_url(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port("postgres"))
    }

    /// The broker's URL, with its virtual host `banter`.
    pub(crate) fn broker_url(&self) -> String {
        format!("amqp://banter:{}@127.0.0.1:{}/banter", self.secrets.get("broker"), self.port("rabbitmq"))
    }

    /// How the services of an environment reach the broker.
    pub(crate) fn broker(&self, environment: Environment) -> BrokerSettings {
        BrokerSettings { url: Secret::new(self.broker_url()), namespace: environment.namespace() }
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
