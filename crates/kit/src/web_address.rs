//! Addresses on the web, as people and other systems give them.

/// Whether a text is an http(s) address: with a host, and without blanks, control characters or a user in it,
/// so that whoever follows it goes where it seems to lead.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let scheme = ["http://", "https://"]
        .into_iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let rest = scheme.and_then(|scheme| text.get(scheme.len()..)).unwrap_or_default();
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c);
    let host = authority.split(':').next().unwrap_or_default();
    !host.is_empty() && !authority.contains('@') && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::is_web_address;

    #[test]
    fn links_lead_to_pages() {
        let good = [
            "https://example.com",
            "HTTP://example.com:8080/a?b=c#d",
            "http://[::1]/x",
            "https://例え.jp/頁",
        ];
        for link in good {
            assert!(is_web_address(link), "{link}");
        }
        let bad = [
            "javascript:alert(1)",
            "JavaScript://example.com/%0aalert(1)",
            " https://example.com",
            "https://exa mple.com",
            "https://",
            "https:///x",
            "https://:80/",
            "https://ada:secret@example.com/",
            "https://example.com\\@evil.example",
            "data:text/html,x",
            "//example.com",
            "example.com",
            "ftp://example.com",
            "https://example.com/\u{0}",
            "java\nscript:alert(1)",
            "httpſ://example.com",
        ];
        for text in bad {
            assert!(!is_web_address(text), "{text}");
        }
    }
}
