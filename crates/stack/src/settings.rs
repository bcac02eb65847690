//! The settings that each of our processes is started with, as environment variables.

use crate::layout::Layout;
use crate::table::{Process, SERVICES, Service};

/// One setting: name and value.
pub(crate) type Setting = (String, String);

/// The environments behind the gateway: name, host patterns, and the host that they are reached by. Each has services,
/// a database and a broker namespace of its own, so locally there is one.
const ENVIRONMENTS: [(&str, &str, &str); 1] = [("PRODUCTION", "localhost,127.0.0.1", "localhost")];

/// The settings of a process.
pub(crate) fn settings(layout: &Layout, process: Process) -> Vec<Setting> {
    match process {
        Process::Service(service) => {
            [shared(layout, service.name), service_settings(layout, service)].concat()
        }
        Process::Gateway => [shared(layout, "gateway"), gateway(layout)].concat(),
        Process::Epmd | Process::Rabbitmq | Process::Postgres => Vec::new(),
    }
}

fn set(name: &str, value: impl Into<String>) -> Setting {
    (name.to_owned(), value.into())
}

fn shared(layout: &Layout, name: &str) -> Vec<Setting> {
    let level = std::env::var("BANTER__LOG__LEVEL").unwrap_or_else(|_| "info".to_owned());
    vec![
        set("BANTER__ENVIRONMENT", "production"),
        set("BANTER__HTTP__ADDRESS", format!("127.0.0.1:{}", layout.port(name))),
        set("BANTER__HTTP__DRAIN_MS", "300"),
        set("BANTER__METRICS__ADDRESS", format!("127.0.0.1:{}", layout.port(&format!("{name}/metrics")))),
        set("BANTER__LOG__FORMAT", "human"),
        set("BANTER__LOG__LEVEL", level),
    ]
}

fn service_settings(layout: &Layout, service: &Service) -> Vec<Setting> {
    let broker = layout.broker();
    let own = [
        set("BANTER__DATABASE__URL", layout.role_url(service.name)),
        set("BANTER__BROKER__URL", broker.url.expose()),
        set("BANTER__BROKER__NAMESPACE", broker.namespace),
        set("BANTER__KEYS__DIR", layout.home.keys(service.name).display().to_string()),
    ];
    let trust = SERVICES.iter().flat_map(|issuer| trust(layout, issuer));
    let asks = service.asks.iter().map(|(setting, whom)| set(setting, layout.http(whom)));
    let secrets = service.secrets.iter().map(|(setting, name)| set(setting, layout.secrets.get(name)));
    own.into_iter().chain(trust).chain(asks).chain(secrets).collect()
}

fn trust(layout: &Layout, issuer: &Service) -> [Setting; 2] {
    let prefix = format!("BANTER__TRUST__{}", issuer.name.to_uppercase());
    [
        (format!("{prefix}__JWKS_URL"), format!("{}/.well-known/jwks.json", layout.http(issuer.name))),
        (format!("{prefix}__USES"), issuer.signs.to_owned()),
    ]
}

fn gateway(layout: &Layout) -> Vec<Setting> {
    let port = layout.port("gateway");
    let base_url = |host: &str| format!("http://{host}:{port}");
    let mut origins: Vec<String> = ENVIRONMENTS.iter().map(|(_, _, host)| base_url(host)).collect();
    origins.push(base_url("127.0.0.1"));
    let mut settings = vec![set("BANTER__CORS__ORIGINS", origins.join(","))];
    for (name, hosts, host) in ENVIRONMENTS {
        let prefix = format!("BANTER__ENVIRONMENTS__{name}");
        settings.push((format!("{prefix}__HOSTS"), hosts.to_owned()));
        settings.push((format!("{prefix}__BASE_URL"), base_url(host)));
        settings.extend(SERVICES.iter().map(|service| {
            (format!("{prefix}__SERVICES__{}", service.name.to_uppercase()), layout.http(service.name))
        }));
    }
    settings
}
