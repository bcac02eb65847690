//! What files are called: by their clients when they come, and in `Content-Disposition` when they go.

use std::fmt::Write as _;

/// Longer names are cut, in characters.
const LONGEST: usize = 200;
/// What counts as an ending that a cut keeps, in characters with the dot.
const LONGEST_ENDING: usize = 16;
/// What a file is called that came without a name.
const NAMELESS: &str = "file";

/// What remains of a client's name: the last part of a path, without characters that control or mirror what stands
/// beside them, at most 200 characters with its ending kept.
#[must_use]
pub fn clean(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    match plain.trim() {
        "" | "." | ".." => NAMELESS.to_owned(),
        name => cut(name),
    }
}

/// Control characters, and the marks that turn the direction of writing: `gpj.exe` must not look like `exe.jpg`.
fn is_hidden(c: char) -> bool {
    let marks = ['\u{061C}', '\u{200E}', '\u{200F}', '\u{2028}', '\u{2029}', '\u{FEFF}'];
    c.is_control()
        || marks.contains(&c)
        || ('\u{202A}'..='\u{202E}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

fn cut(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default();
    let ending = if ending.chars().count() <= LONGEST_ENDING { ending } else { "" };
    let stem: String = name.chars().take(LONGEST - ending.chars().count()).collect();
    stem + ending
}

/// `Content-Disposition` (RFC 6266): the name in ASCII for old clients, and in UTF-8 for all others.
#[must_use]
pub fn disposition(inline: bool, name: &str) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let plain = |c: char| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    if ascii == name {
        return format!("{kind}; filename=\"{ascii}\"");
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", percent(name))
}

/// `attr-char` of RFC 8187 as it is, all else percent-encoded.
fn percent(name: &str) -> String {
    name.bytes().fold(String::with_capacity(3 * name.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_and_never_paths() {
        for (given, expected) in [
            ("test (10).png", "test (10).png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\b.doc", "b.doc"),
            ("..", "file"),
            ("a/", "file"),
            ("", "file"),
            ("\u{202E}gpj.exe", "gpj.exe"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("  Zoë 😀.png ", "Zoë 😀.png"),
        ] {
            assert_eq!(clean(given), expected, "{given:?}");
        }
    }

    #[test]
    fn long_names_keep_their_ending() {
        let name = clean(&format!("{}.png", "ß".repeat(300)));
        assert_eq!((name.chars().count(), name.ends_with("ß.png")), (200, true));
        assert_eq!(clean(&"x".repeat(300)).len(), 200);
        assert_eq!(clean(&format!("a.{}", "y".repeat(300))).len(), 200);
    }

    #[test]
    fn dispositions_are_those_of_rfc_6266() {
        assert_eq!(disposition(true, "a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            disposition(false, "€ \"x\".html"),
            "attachment; filename=\"_ _x_.html\"; filename*=UTF-8''%E2%82%AC%20%22x%22.html"
        );
        assert_eq!(
            disposition(false, "50%.txt"),
            "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"
        );
    }
}
