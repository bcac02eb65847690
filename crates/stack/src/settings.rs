//! The settings that each of our processes is started with, as environment variables.

use crate::environment::Environment;
use crate::layout::Layout;
use crate::table::{Process, SERVICES, Service};

/// One setting: name and value.
pub(crate) type Setting = (String, String);

/// The settings of a process.
pub(crate) fn settings(layout: &Layout, process: Process) -> Vec<Setting> {
    match process {
        Process::Service(service, environment) => {
            let shared = shared(layout, &process.name(), environment);
            [shared, service_settings(layout, service, environment)].concat()
        }
        // It serves all environments; what it is told of its own only stands in its log.
        Process::Gateway => [shared(layout, "gateway", Environment::Production), gateway(layout)].concat(),
        Process::Epmd | Process::Rabbitmq | Process::Postgres => Vec::new(),
    }
}

fn set(name: &str, value: impl Into<String>) -> Setting {
    (name.to_owned(), value.into())
}

fn shared(layout: &Layout, name: &str, environment: Environment) -> Vec<Setting> {
    let level = std::env::var("BANTER__LOG__LEVEL").unwrap_or_else(|_| "info".to_owned());
    vec![
        set("BANTER__ENVIRONMENT", environment.name()),
        set("BANTER__HTTP__ADDRESS", format!("127.0.0.1:{}", layout.port(name))),
        set("BANTER__HTTP__DRAIN_MS", "300"),
        set("BANTER__METRICS__ADDRESS", format!("127.0.0.1:{}", layout.port(&format!("{name}/metrics")))),
        set("BANTER__LOG__FORMAT", "human"),
        set("BANTER__LOG__LEVEL", level),
        // Large buffers, such as those of a password hash, go back to the system when they are freed.
        set("MALLOC_MMAP_THRESHOLD_", "1048576"),
    ]
}

fn service_settings(layout: &Layout, service: &Service, environment: Environment) -> Vec<Setting> {
    let broker = layout.broker(environment);
    let own = [
        set("BANTER__DATABASE__URL", layout.role_url(environment, service.name)),
        set("BANTER__BROKER__URL", broker.url.expose()),
        set("BANTER__BROKER__NAMESPACE", broker.namespace),
        set("BANTER__KEYS__DIR", layout.home.keys(&environment.own(service.name)).display().to_string()),
    ];
    let trust = SERVICES.iter().flat_map(|issuer| trust(layout, issuer, environment));
    let asks = service.asks.iter().map(|(setting, whom)| set(setting, layout.http(&environment.own(whom))));
    let secret = |name: &str| layout.secrets.get(&environment.own(name));
    let secrets = service.secrets.iter().map(|(setting, name)| set(setting, secret(name)));
    own.into_iter()
        .chain(trust)
        .chain(asks)
        .chain(secrets)
        .chain((service.own)(layout, environment))
        .collect()
}

/// Services trust those of their own environment only.
fn trust(layout: &Layout, issuer: &Service, environment: Environment) -> [Setting; 2] {
    let prefix = format!("BANTER__TRUST__{}", issuer.name.to_uppercase());
    let keys = format!("{}/.well-known/jwks.json", layout.http(&environment.own(issuer.name)));
    [(format!("{prefix}__JWKS_URL"), keys), (format!("{prefix}__USES"), issuer.signs.to_owned())]
}

fn gateway(layout: &Layout) -> Vec<Setting> {
    let environments = &layout.plan.environments;
    let mut origins: Vec<_> = environments.iter().map(|one| layout.public(*one)).collect();
    origins.push(layout.http("gateway"));
    let mut settings = vec![set("BANTER__CORS__ORIGINS", origins.join(","))];
    settings.extend(environments.iter().flat_map(|one| behind_the_gateway(layout, *one)));
    settings
}

fn behind_the_gateway(layout: &Layout, environment: Environment) -> Vec<Setting> {
    let prefix = format!("BANTER__ENVIRONMENTS__{}", environment.name().to_uppercase());
    let mut settings = vec![
        (format!("{prefix}__HOSTS"), environment.hosts().to_owned()),
        (format!("{prefix}__BASE_URL"), layout.public(environment)),
    ];
    settings.extend(SERVICES.iter().map(|service| {
        let address = layout.http(&environment.own(service.name));
        (format!("{prefix}__SERVICES__{}", service.name.to_uppercase()), address)
    }));
    settings
}
