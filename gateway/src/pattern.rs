//! Names with at most one `*`: hosts and origins.

/// A name, or what stands before and after its `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pattern {
    Exact(String),
    Around(String, String),
}

impl Pattern {
    /// Reads a pattern; case does not matter.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.to_ascii_lowercase();
        let pattern = match text.split_once('*') {
            None => Self::Exact(text.clone()),
            Some((before, after)) => Self::Around(before.to_owned(), after.to_owned()),
        };
        match &pattern {
            Self::Around(_, after) if after.contains('*') => Err(format!("{text} has more than one *")),
            _ if text.contains(char::is_whitespace) => Err(format!("{text} contains a space")),
            _ => Ok(pattern),
        }
    }

    /// Whether a name, in lower case, is meant. The `*` stands for at least one letter, digit, dot or hyphen: never
    /// for what would lead out of a host name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(text) => text == name,
            Self::Around(before, after) => name
                .strip_prefix(before.as_str())
                .and_then(|rest| rest.strip_suffix(after.as_str()))
                .is_some_and(|star| !star.is_empty() && star.bytes().all(of_a_name)),
        }
    }

    /// How specific it is: exact before `*`, then the longer text.
    pub(crate) fn rank(&self) -> (bool, usize) {
        match self {
            Self::Exact(text) => (true, text.len()),
            Self::Around(before, after) => (false, before.len() + after.len()),
        }
    }
}

fn of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn a_star_stands_for_at_least_one_character() {
        assert!(matches("*.example.com", "a.example.com"));
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(matches("*-stage.Example.com", "app-stage.example.com"));
        assert!(!matches("*.example.com", ".example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("a*a", "a"));
    }

    #[test]
    fn a_star_does_not_leave_the_name() {
        assert!(matches("http://localhost:*", "http://localhost:5173"));
        assert!(!matches("https://*.example.com", "https://evil.com/.example.com"));
        assert!(!matches("https://*.example.com", "https://user@evil.example.com"));
    }

    #[test]
    fn exact_is_more_specific_than_any_star() {
        let rank = |text: &str| Pattern::parse(text).unwrap().rank();
        assert!(rank("a.io") > rank("*.a-long-name.example.com"));
        assert!(rank("*-stage.example.com") > rank("*.example.com"));
    }

    #[test]
    fn one_star_only() {
        assert!(Pattern::parse("*.*.example.com").is_err());
        assert!(Pattern::parse("a b").is_err());
    }
}
