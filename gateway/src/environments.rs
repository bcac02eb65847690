//! Which environment a request is for: the most specific host pattern wins.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kit::settings::SettingsError;

use crate::openapi::Description;
use crate::pattern::Pattern;
use crate::routes::ROUTES;
use crate::settings::EnvironmentSettings;
use crate::upstream::Upstream;

/// One environment: a name, an address for clients, and its services.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) upstreams: BTreeMap<String, Arc<Upstream>>,
    pub(crate) description: Description,
}

/// All environments.
#[derive(Debug)]
pub(crate) struct Environments {
    /// By name.
    pub(crate) all: Vec<Arc<Environment>>,
    /// The most specific first.
    patterns: Vec<(Pattern, Arc<Environment>)>,
}

impl Environments {
    /// Reads the settings; environments that lead to the same address share one upstream, and so its health.
    pub(crate) fn new(settings: &BTreeMap<String, EnvironmentSettings>) -> Result<Self> {
        if settings.is_empty() {
            return Err(SettingsError::at("environments", "name at least one environment"));
        }
        let (mut all, mut patterns, mut upstreams) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (name, given) in settings {
            let environment = Arc::new(environment(name, given, &mut upstreams)?);
            for host in &given.hosts {
                patterns.push((host_pattern(name, host)?, environment.clone()));
            }
            all.push(environment);
        }
        patterns.sort_by_key(|(pattern, _)| Reverse(pattern.rank()));
        unambiguous(&patterns)?;
        Ok(Self { all, patterns })
    }

    /// The environment of a `Host` header.
    pub(crate) fn of_host(&self, host: &str) -> Option<&Environment> {
        let name = host_name(host).to_ascii_lowercase();
        self.patterns.iter().find(|(pattern, _)| pattern.matches(&name)).map(|(_, found)| found.as_ref())
    }
}

type Result<T> = std::result::Result<T, SettingsError>;
type Upstreams = BTreeMap<String, Arc<Upstream>>;

fn environment(name: &str, given: &EnvironmentSettings, known: &mut Upstreams) -> Result<Environment> {
    if given.hosts.is_empty() {
        return Err(wrong(name, "hosts", "is not set"));
    }
    if !given.base_url.starts_with("http://") && !given.base_url.starts_with("https://") {
        return Err(wrong(name, "base_url", "must be an http or https address"));
    }
    let services = given.services.iter();
    let upstreams = services.map(|(service, address)| {
        let upstream = upstream(service, address, known);
        let upstream = upstream.map_err(|problem| wrong(name, &format!("services.{service}"), problem));
        Ok((service.clone(), upstream?))
    });
    Ok(Environment {
        name: name.to_owned(),
        base_url: given.base_url.trim_end_matches('/').to_owned(),
        upstreams: upstreams.collect::<Result<_>>()?,
        description: Description::default(),
    })
}

fn upstream(
    service: &str,
    address: &str,
    known: &mut Upstreams,
) -> std::result::Result<Arc<Upstream>, String> {
    if ROUTES.iter().all(|route| route.service != service) {
        return Err("is no service that has a route".into());
    }
    let upstream = known.get(address).cloned().map_or_else(|| Upstream::new(address).map(Arc::new), Ok)?;
    known.insert(address.to_owned(), upstream.clone());
    Ok(upstream)
}

fn wrong(name: &str, key: &str, problem: impl Into<String>) -> SettingsError {
    SettingsError::at(&format!("environments.{name}.{key}"), problem)
}

fn host_pattern(name: &str, host: &str) -> Result<Pattern> {
    if host.contains('/') || host_name(host) != host {
        return Err(wrong(name, "hosts", format!("{host} must be a host without scheme, port and path")));
    }
    Pattern::parse(host).map_err(|problem| wrong(name, "hosts", problem))
}

/// Two environments under one pattern would make the choice an accident.
fn unambiguous(patterns: &[(Pattern, Arc<Environment>)]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match patterns.iter().find(|(pattern, _)| !seen.insert(pattern)) {
        Some((_, twice)) => Err(wrong(&twice.name, "hosts", "has a pattern that stands elsewhere too")),
        None => Ok(()),
    }
}

/// A `Host` without its port and final dot; brackets of an IPv6 address stay.
fn host_name(host: &str) -> &str {
    let end = if host.starts_with('[') { host.find(']').map(|at| at + 1) } else { host.rfind(':') };
    let name = end.and_then(|end| host.get(..end)).unwrap_or(host);
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(environments: &[(&str, &str)]) -> BTreeMap<String, EnvironmentSettings> {
        let one = |(name, hosts): &(&str, &str)| {
            let hosts = hosts.split(',').map(str::to_owned).collect();
            let base_url = format!("http://{name}.example.com");
            ((*name).to_owned(), EnvironmentSettings { hosts, base_url, ..EnvironmentSettings::default() })
        };
        environments.iter().map(one).collect()
    }

    #[test]
    fn the_most_specific_pattern_wins() {
        let environments = Environments::new(&settings(&[
            ("preview", "*.prw.example.com,preview.localhost"),
            ("staging", "*-stage.example.com"),
            ("production", "*.example.com,localhost,127.0.0.1,[::1]"),
        ]))
        .unwrap();
        let name = |host: &str| environments.of_host(host).map(|found| found.name.as_str());
        assert_eq!(name("a.prw.example.com"), Some("preview"));
        assert_eq!(name("app-stage.example.com"), Some("staging"));
        assert_eq!(name("app.example.com"), Some("production"));
        assert_eq!(name("PREVIEW.LocalHost:8080"), Some("preview"));
        assert_eq!(name("localhost.:8080"), Some("production"));
        assert_eq!(name("127.0.0.1:8080"), Some("production"));
        assert_eq!(name("[::1]:8080"), Some("production"));
        assert_eq!(name("[::1]"), Some("production"));
        for unknown in ["", ":80", "example.com", "localhost.evil.io", "[::2]", "[", "::1"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        let variable = |environments: &BTreeMap<_, _>| Environments::new(environments).unwrap_err().variable;
        assert_eq!(variable(&BTreeMap::new()), "BANTER__ENVIRONMENTS");
        assert_eq!(variable(&settings(&[("a", "x*y*z")])), "BANTER__ENVIRONMENTS__A__HOSTS");
        assert_eq!(variable(&settings(&[("a", "localhost:80")])), "BANTER__ENVIRONMENTS__A__HOSTS");
        assert_eq!(variable(&settings(&[("a", "x.io"), ("b", "x.io")])), "BANTER__ENVIRONMENTS__B__HOSTS");
        let mut bad = settings(&[("a", "x.io")]);
        bad.get_mut("a").unwrap().services = BTreeMap::from([("mail".into(), "http://h:1".into())]);
        assert_eq!(variable(&bad), "BANTER__ENVIRONMENTS__A__SERVICES__MAIL");
        bad.get_mut("a").unwrap().services = BTreeMap::from([("auth".into(), "https://h:1".into())]);
        assert_eq!(variable(&bad), "BANTER__ENVIRONMENTS__A__SERVICES__AUTH");
        bad.get_mut("a").unwrap().base_url = String::new();
        assert_eq!(variable(&bad), "BANTER__ENVIRONMENTS__A__BASE_URL");
    }
}
