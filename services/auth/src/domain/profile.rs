//! What a user may say about themselves.

/// The longest e-mail address that can be delivered to, in characters.
pub const MAX_EMAIL: usize = 254;
/// The longest name, in characters.
pub const MAX_FULLNAME: usize = 100;
/// The longest address of a picture, in characters.
pub const MAX_AVATAR: usize = 2_000;
/// The longest name of a time zone, in characters.
pub const MAX_TIMEZONE: usize = 64;
/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 8;
/// The longest password, in characters.
pub const MAX_PASSWORD: usize = 200;

/// An e-mail address as it is stored and compared: trimmed, in lower case.
#[must_use]
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Whether a normalised text can be an e-mail address: one `@`, a local part without spaces, a domain of two or more
/// labels. Whether mail arrives there is for a mail to find out.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\\\"".contains(c);
    (1..=64).contains(&local.chars().count()) && local.chars().all(plain) && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '-';
    (1..=63).contains(&text.chars().count())
        && text.chars().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether a name can be shown: no line breaks or other control characters, nothing that turns the reading direction.
#[must_use]
pub fn is_fullname(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
}

/// Whether a text is the IANA name of a time zone.
#[must_use]
pub fn is_timezone(text: &str) -> bool {
    text.parse::<chrono_tz::Tz>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(normal_email("  Ada@Example.COM\t"), "ada@example.com");
        for good in ["ada@example.com", "a.b+c@x-y.example", "o'neil@example.co.uk", "žofie@příklad.example"]
        {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a b@example.com",
            "a@b@example.com",
            "a@-x.com",
            "a@x-.com",
            "a@x..com",
            "a@.com",
            "a@x.com.",
            "a\n@x.com",
            "<a@x.com>",
            "a@x_y.com",
            &long,
        ] {
            assert!(!is_email(bad), "{bad:?}");
        }
    }

    #[test]
    fn names_and_zones() {
        assert!(is_fullname("Ada 😀 Lovelace-O'Neil"));
        assert!(!is_fullname("Ada\nLovelace") && !is_fullname("Ada\u{202e}ecalevol"));
        assert!(is_timezone("Europe/Vienna") && is_timezone("UTC"));
        assert!(!is_timezone("Europe/Atlantis") && !is_timezone("") && !is_timezone("+02:00"));
    }
}
