//! Whether the client has it already (RFC 9110, 13).

use chrono::{DateTime, Utc};

/// What the client says that it has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions<'a> {
    /// `If-None-Match`.
    pub none_match: Option<&'a str>,
    /// `If-Modified-Since`.
    pub modified_since: Option<&'a str>,
    /// `If-Range`.
    pub range: Option<&'a str>,
}

impl Conditions<'_> {
    /// Whether the client's copy is still what would be sent.
    #[must_use]
    pub fn is_fresh(&self, etag: &str, modified: DateTime<Utc>) -> bool {
        match (self.none_match, self.modified_since) {
            (Some(tags), _) => tags.split(',').map(str::trim).any(|tag| tag == "*" || weak(tag) == etag),
            (None, Some(since)) => date(since).is_some_and(|since| modified.timestamp() <= since.timestamp()),
            (None, None) => false,
        }
    }

    /// Whether a part would fit what the client has of it: only if it is of the same bytes.
    #[must_use]
    pub fn allows_part(&self, etag: &str, modified: DateTime<Utc>) -> bool {
        self.range.is_none_or(|known| {
            known.trim() == etag || date(known).is_some_and(|date| date.timestamp() == modified.timestamp())
        })
    }
}

fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|date| date.to_utc())
}

/// A date as HTTP writes it.
#[must_use]
pub fn http_date(date: DateTime<Utc>) -> String {
    date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn tags_go_before_dates() {
        let modified: DateTime<Utc> = "2026-01-31T12:00:00.750Z".parse().unwrap();
        let same = http_date(modified);
        assert_eq!(same, "Sat, 31 Jan 2026 12:00:00 GMT");
        let before = http_date(modified - TimeDelta::seconds(1));
        let fresh = |none_match, modified_since| {
            Conditions { none_match, modified_since, range: None }.is_fresh("\"a\"", modified)
        };
        assert!(fresh(Some("\"b\", W/\"a\""), None) && fresh(Some("*"), None));
        assert!(!fresh(Some("\"b\""), Some(&same)));
        assert!(fresh(None, Some(&same)) && !fresh(None, Some(&before)) && !fresh(None, Some("yesterday")));
        let part = |range| Conditions { range, ..Conditions::default() }.allows_part("\"a\"", modified);
        assert!(part(None) && part(Some("\"a\"")) && part(Some(&same)));
        assert!(!part(Some("\"b\"")) && !part(Some("W/\"a\"")) && !part(Some(&before)));
    }
}
