//! Sites: the pages on which a widget may stand.

use url::{Host, Url};

/// How many sites a widget has at most.
pub const MAX_SITES: usize = 100;

/// A site, or all sites below one: `shop.example.com`, `*.example.com`, `localhost:5173`. Without a port it is the usual one
/// of http or https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    below: bool,
    host: String,
    port: Option<u16>,
}

/// Where a page comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    host: String,
    port: Option<u16>,
}

/// Whether a page may show a widget, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it may.
    pub is_allowed: bool,
    /// The entry of the list that allows it.
    pub matched: Option<String>,
    /// In words.
    pub reason: String,
}

impl Site {
    /// Reads an entry of a list.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim().to_ascii_lowercase();
        if text.contains('/') {
            return Err("A site is a host such as shop.example.com, without https:// and without a path.");
        }
        let (below, rest) = text.strip_prefix("*.").map_or((false, text.as_str()), |rest| (true, rest));
        let (host, port) = split(rest)?;
        let host = plain(host).ok_or("A site is a host such as shop.example.com or *.example.com.")?;
        let is_named = host.parse::<std::net::Ipv4Addr>().is_err() && !host.starts_with('[');
        if below && (!is_named || !(host.contains('.') || host == "localhost")) {
            return Err("A * stands for what is below a domain such as example.com.");
        }
        Ok(Self { below, host, port })
    }

    fn matches(&self, origin: &Origin) -> bool {
        let host = match origin.host.strip_suffix(&self.host) {
            Some(rest) if self.below => rest.len() > 1 && rest.ends_with('.'),
            Some(rest) => rest.is_empty(),
            None => false,
        };
        host && self.port == origin.port
    }

    /// What is nearly the page's, and is not: a hint for who wonders.
    fn hint(&self, origin: &Origin) -> Option<String> {
        let other_port = Self { port: origin.port, ..self.clone() };
        if other_port.matches(origin) {
            return Some(format!("{self} is listed, but another port is another site."));
        }
        if self.below && self.host == origin.host {
            return Some(format!(
                "{self} is listed, which is what is below {} and not that itself.",
                self.host
            ));
        }
        let below = Self { below: true, ..self.clone() };
        (!self.below && below.matches(origin))
            .then(|| format!("{self} is listed, which does not mean what is below it: *.{self} would."))
    }
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let below = if self.below { "*." } else { "" };
        write!(f, "{below}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Takes a port off the end; the colons of an IPv6 address stand in brackets.
fn split(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let port = port.parse().ok().filter(|port| *port > 0).ok_or("The port is none.")?;
            Ok((host, Some(port)))
        }
        _ => Ok((text, None)),
    }
}

/// A host as browsers write it. Whatever else a host may hold could end a header's list.
fn plain(host: &str) -> Option<String> {
    let host = Host::parse(host).ok()?;
    let text = host.to_string();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    let good = matches!(host, Host::Ipv6(_)) || text.chars().all(is_plain);
    let labelled = text.split('.').all(|label| !label.is_empty());
    (good && labelled && text.len() <= 253).then_some(text)
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let host = url.host_str().filter(|_| bare && nobody && !text.ends_with('/'))?;
        Some(Self { host: host.to_owned(), port: url.port() })
    }
}

/// Reads a list of sites: each once, in their order.
///
/// # Errors
/// Which is wrong, and why.
pub fn list(given: &[String]) -> Result<Vec<String>, String> {
    let mut sites = Vec::new();
    for text in given {
        let site = Site::parse(text).map_err(|why| format!("{text:?}: {why}"))?.to_string();
        if !sites.contains(&site) {
            sites.push(site);
        }
    }
    Ok(sites)
}

/// Whether a page of that origin may show a widget of these sites; `any` is what an empty list means.
#[must_use]
pub fn judge(sites: &[String], origin: Option<&str>, any: bool) -> Verdict {
    let verdict = |is_allowed, matched, reason: String| Verdict { is_allowed, matched, reason };
    if sites.is_empty() && any {
        return verdict(true, None, "No site is listed, which here means any.".to_owned());
    }
    if sites.is_empty() {
        return verdict(false, None, "No site is listed: list those that may show the widget.".to_owned());
    }
    let Some(page) = origin.and_then(Origin::parse) else {
        let what = "That is no origin of a page, such as https://shop.example.com.";
        return verdict(false, None, what.to_owned());
    };
    let known: Vec<Site> = sites.iter().filter_map(|site| Site::parse(site).ok()).collect();
    if let Some(site) = known.iter().find(|site| site.matches(&page)) {
        return verdict(true, Some(site.to_string()), format!("{site} is listed."));
    }
    let hint = known.iter().find_map(|site| site.hint(&page));
    verdict(false, None, hint.unwrap_or_else(|| format!("{} is not listed.", page.host)))
}

/// What `Content-Security-Policy` says of the pages that may frame the widget. An entry with `http` covers `https`, too.
#[must_use]
pub fn frame_ancestors(sites: &[String], any: bool) -> String {
    let listed: Vec<String> = sites.iter().map(|site| format!("http://{site}")).collect();
    match (listed.is_empty(), any) {
        (true, true) => "frame-ancestors *".to_owned(),
        (true, false) => "frame-ancestors 'none'".to_owned(),
        (false, _) => format!("frame-ancestors {}", listed.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites(given: &[&str]) -> Vec<String> {
        list(&given.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn entries_are_read_once_and_in_lower_case() {
        let given =
            ["Shop.Example.com", "shop.example.com", "*.Example.com", "localhost:5173", "bücher.example"];
        assert_eq!(
            sites(&given),
            ["shop.example.com", "*.example.com", "localhost:5173", "xn--bcher-kva.example"]
        );
        for wrong in [
            "",
            "*",
            "*.",
            "*.com",
            "a.*.com",
            "https://a.com",
            "a.com/x",
            "a b.com",
            "a.com;script-src *",
            "a.com'",
            "a.com,b.com",
            "a.com:0",
            "a.com:99999",
            "*.127.0.0.1",
            "a..com",
            "user@a.com",
        ] {
            assert!(Site::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_are_allowed_by_their_host_and_port() {
        let listed = sites(&["shop.example.com", "*.example.org", "localhost:5173", "127.0.0.1:8000"]);
        let allowed = |origin| judge(&listed, Some(origin), false).is_allowed;
        for origin in [
            "https://shop.example.com",
            "http://shop.example.com",
            "https://shop.example.com:443",
            "https://a.example.org",
            "https://a.b.example.org",
            "http://localhost:5173",
            "http://127.0.0.1:8000",
        ] {
            assert!(allowed(origin), "{origin}");
        }
        for origin in [
            "https://example.com",
            "https://evilshop.example.com",
            "https://shop.example.com.evil.io",
            "https://example.org",
            "https://evilexample.org",
            "https://shop.example.com:8443",
            "http://localhost",
            "null",
            "*",
            "",
            "file:///x",
            "https://shop.example.com/",
            "https://shop.example.com@evil.io",
            "https://evil.io#shop.example.com",
        ] {
            assert!(!allowed(origin), "{origin}");
        }
        assert!(!judge(&listed, None, true).is_allowed, "a list is a list wherever");
    }

    #[test]
    fn who_wonders_is_told_why() {
        let listed = sites(&["*.example.org", "shop.example.com"]);
        let why = |origin| judge(&listed, Some(origin), false).reason;
        assert!(why("https://example.org").contains("not that itself"));
        assert!(why("https://shop.example.com:8443").contains("another port"));
        assert!(why("https://www.shop.example.com").contains("*.shop.example.com"));
        assert_eq!(why("https://evil.io"), "evil.io is not listed.");
        assert_eq!(
            judge(&listed, Some("https://a.example.org"), false).matched.as_deref(),
            Some("*.example.org")
        );
        assert!(judge(&[], Some("https://evil.io"), true).is_allowed);
        assert!(!judge(&[], Some("https://evil.io"), false).is_allowed);
    }

    #[test]
    fn frames_stand_where_pages_may() {
        assert_eq!(frame_ancestors(&[], false), "frame-ancestors 'none'");
        assert_eq!(frame_ancestors(&[], true), "frame-ancestors *");
        let listed = sites(&["*.example.org", "localhost:5173"]);
        assert_eq!(
            frame_ancestors(&listed, true),
            "frame-ancestors http://*.example.org http://localhost:5173"
        );
    }
}
