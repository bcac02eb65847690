//! The table of processes. A service joins the stack with one line in [`SERVICES`].

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::settings::Setting;

/// Everything the stack must know about one service.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name, and that of its binary and schema; its role, queue and keys have it from here, too.
    pub(crate) name: &'static str,
    /// What its signatures are good for, everywhere.
    pub(crate) signs: &'static str,
    /// Services it asks when it does not know something: setting and service.
    pub(crate) asks: &'static [(&'static str, &'static str)],
    /// Settings whose values are secrets of the deployment: setting and name of the secret.
    pub(crate) secrets: &'static [(&'static str, &'static str)],
    /// Settings that only it has.
    pub(crate) own: fn(&Layout, Environment) -> Vec<Setting>,
}

/// The secret that ids of pairs are made under.
const PAIRS: (&str, &str) = ("BANTER__PAIRS__SECRET", "pairs");
/// The secret that links to files are signed under.
const LINKS: (&str, &str) = ("BANTER__LINKS__SECRET", "links");
/// Where users are looked up.
const USERS: (&str, &str) = ("BANTER__DIRECTORY__USERS_URL", "auth");
/// Where listings are looked up.
const LISTINGS: (&str, &str) = ("BANTER__CATALOGUE__LISTINGS_URL", "listing");
/// Where files are looked up.
const FILES: (&str, &str) = ("BANTER__FILES__BUCKET_URL", "bucket");
/// Where conversations are looked up.
const MESSAGES: (&str, &str) = ("BANTER__OWNERS__MESSAGING_URL", "messaging");
/// Where threads are looked up.
const THREADS: (&str, &str) = ("BANTER__OWNERS__CONVERSATION_URL", "conversation");

/// All services, each in every environment with a role and schema, a queue, signing keys and a place behind the gateway.
pub(crate) const SERVICES: &[Service] = &[
    Service { name: "auth", signs: "access,bucket,service", asks: &[], secrets: &[], own: nothing },
    Service { name: "listing", signs: "service", asks: &[], secrets: &[], own: nothing },
    Service {
        name: "conversation",
        signs: "bucket,service",
        asks: &[USERS, LISTINGS, FILES],
        secrets: &[PAIRS],
        own: nothing,
    },
    Service {
        name: "messaging",
        signs: "bucket,service",
        asks: &[USERS, FILES],
        secrets: &[PAIRS],
        own: nothing,
    },
    Service { name: "bucket", signs: "service", asks: &[], secrets: &[LINKS], own: of_bucket },
    Service {
        name: "inbox",
        signs: "bucket,contact,service",
        asks: &[USERS, LISTINGS, FILES, MESSAGES, THREADS],
        secrets: &[],
        own: of_inbox,
    },
];

fn nothing(_: &Layout, _: Environment) -> Vec<Setting> {
    Vec::new()
}

/// Where its files lie, and where clients reach them.
fn of_bucket(layout: &Layout, environment: Environment) -> Vec<Setting> {
    let dir = layout.home.path("files").join(environment.own("bucket"));
    vec![
        ("BANTER__STORAGE__DIR".to_owned(), dir.display().to_string()),
        ("BANTER__LINKS__BASE_URL".to_owned(), layout.public(environment)),
    ]
}

/// Companies' own systems stand on this machine, too.
fn of_inbox(_: &Layout, _: Environment) -> Vec<Setting> {
    vec![
        ("BANTER__WEBHOOKS__ALLOWED_NETWORKS".to_owned(), "127.0.0.0/8,::1".to_owned()),
        // This is where things are tried, whatever the environment is called.
        ("BANTER__SIMULATOR__ENABLED".to_owned(), "true".to_owned()),
    ]
}

/// A service by its name.
pub(crate) fn service(name: &str) -> Result<&'static Service> {
    let names = || SERVICES.iter().map(|service| service.name).collect::<Vec<_>>().join(", ");
    let unknown = || Error::new(format!("no service {name}; there are: {}", names()));
    SERVICES.iter().find(|service| service.name == name).ok_or_else(unknown)
}

/// One process of the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Process {
    /// Erlang's port mapper, which would otherwise be left behind by the broker.
    Epmd,
    /// The broker.
    Rabbitmq,
    /// The database.
    Postgres,
    /// One of [`SERVICES`], of an environment.
    Service(&'static Service, Environment),
    /// The gateway.
    Gateway,
}

/// In which order processes stop: each stage is gone before the next one is asked.
pub(crate) const STAGES: std::ops::Range<u8> = 0..4;

impl Process {
    /// The processes of a stack with these environments, in the order in which they start; without any, the servers.
    pub(crate) fn all(environments: &[Environment]) -> Vec<Self> {
        let mut all = vec![Self::Epmd, Self::Rabbitmq, Self::Postgres];
        for environment in environments {
            all.extend(SERVICES.iter().map(|service| Self::Service(service, *environment)));
        }
        all.extend((!environments.is_empty()).then_some(Self::Gateway));
        all
    }

    /// Its name in pid files, logs and on the command line: `gateway`, `auth`, `auth@preview`.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Service(service, environment) => environment.own(service.name),
            other => other.program().to_owned(),
        }
    }

    /// The program that it runs.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Epmd => "epmd",
            Self::Rabbitmq => "rabbitmq",
            Self::Postgres => "postgres",
            Self::Service(service, _) => service.name,
            Self::Gateway => "gateway",
        }
    }

    /// The stage in which it stops.
    pub(crate) fn stage(self) -> u8 {
        match self {
            Self::Gateway => 0,
            Self::Service(..) => 1,
            Self::Rabbitmq | Self::Postgres => 2,
            Self::Epmd => 3,
        }
    }

    /// Whether it is one of ours, as opposed to a server we only run.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Service(..) | Self::Gateway)
    }

    /// The names of the ports it needs; the one it is known by has its own name.
    pub(crate) fn port_names(self) -> Vec<String> {
        let name = self.name();
        match self {
            Self::Rabbitmq => vec![format!("{name}/distribution"), name],
            Self::Service(..) | Self::Gateway => vec![format!("{name}/metrics"), name],
            Self::Epmd | Self::Postgres => vec![name],
        }
    }

    /// Whether it is ready now, and if not, why.
    pub(crate) fn probe(self, layout: &Layout) -> std::result::Result<(), String> {
        let port = layout.port(&self.name());
        match self {
            Self::Epmd => crate::probe::accepts(port),
            Self::Rabbitmq => crate::probe::amqp_ready(port),
            Self::Postgres => crate::probe::postgres_ready(&layout.admin_url("postgres")),
            Self::Service(..) | Self::Gateway => crate::probe::http_ready(port),
        }
    }
}

/// The secrets that a stack with these environments needs.
pub(crate) fn secret_names(environments: &[Environment]) -> impl Iterator<Item = String> {
    let servers = ["postgres", "broker"].map(str::to_owned);
    servers.into_iter().chain(environments.iter().flat_map(|environment| own_secrets(*environment)))
}

fn own_secrets(environment: Environment) -> impl Iterator<Item = String> {
    let roles = SERVICES.iter().map(|service| format!("role/{}", service.name));
    let people = crate::demo::PEOPLE.iter().map(|person| format!("demo/{}", person.name));
    let names = roles.chain(people).chain(["pairs", "links"].map(str::to_owned));
    names.map(move |name| environment.own(&name))
}
