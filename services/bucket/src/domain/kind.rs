//! What a file is, as its first bytes say. What the client calls it, or says of it, does not count.

/// As many bytes tell what there is to tell.
pub const HEAD: usize = 8 << 10;

const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
const SVG: &str = "image/svg+xml";
/// What browsers show and cannot run. Everything else is for saving.
const SHOWN: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", TEXT];

/// The media type of what begins with `head`.
#[must_use]
pub fn of(head: &[u8]) -> &'static str {
    let text = text(head);
    if let Some(markup) = text.and_then(markup) {
        return markup;
    }
    match (infer::get(head), text) {
        // Pictures and sounds are no text, though two letters may look like the beginning of one.
        (Some(found), Some(_)) if is_sensual(found.mime_type()) => TEXT,
        (Some(found), _) => found.mime_type(),
        (None, Some(_)) => TEXT,
        (None, None) => UNKNOWN,
    }
}

/// Whether a browser may show it in place.
#[must_use]
pub fn is_shown(mime_type: &str) -> bool {
    SHOWN.contains(&mime_type) || mime_type.starts_with("audio/") || mime_type.starts_with("video/")
}

/// The `Content-Type` that it goes with.
#[must_use]
pub fn content_type(mime_type: &str) -> String {
    if mime_type == TEXT { format!("{TEXT}; charset=utf-8") } else { mime_type.to_owned() }
}

fn is_sensual(mime_type: &str) -> bool {
    ["image/", "audio/", "video/"].iter().any(|kind| mime_type.starts_with(kind))
}

/// The text that the bytes are, but for a character that is cut off at their end.
fn text(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let binary = |c: char| c.is_control() && !"\t\n\r\u{c}\u{1b}".contains(c);
    (!text.is_empty() && !text.contains(binary)).then_some(text)
}

/// Whatever begins like a tag is markup, and markup may hold scripts.
fn markup(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{FEFF}').trim_start().to_ascii_lowercase();
    let is_tag = |c: char| c.is_ascii_alphabetic() || "!?/".contains(c);
    if !text.strip_prefix('<')?.starts_with(is_tag) {
        return None;
    }
    let kinds =
        [("<svg", SVG), ("<!doctype html", "text/html"), ("<html", "text/html"), ("<script", "text/html")];
    let found = kinds.iter().find(|(tag, _)| text.contains(tag)).map(|(_, kind)| *kind);
    Some(found.unwrap_or(if text.starts_with("<?xml") { "text/xml" } else { "text/html" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn bytes_say_what_they_are() {
        for (head, kind, shown) in [
            (PNG, "image/png", true),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", true),
            (b"%PDF-1.7\n\xe2\xe3", "application/pdf", false),
            (b"PK\x03\x04\x14\0\0\0\0\0", "application/zip", false),
            (b"hello, world", "text/plain", true),
            ("Zoë 😀\n".as_bytes(), "text/plain", true),
            (b"BM is a text", "text/plain", true),
            (b"alert(1)", "text/plain", true),
            (b"\0\x01\x02", "application/octet-stream", false),
            (b"", "application/octet-stream", false),
            (b"caf\xe9 in latin-1", "application/octet-stream", false),
        ] {
            assert_eq!((of(head), is_shown(of(head))), (kind, shown), "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn what_a_browser_could_run_is_never_shown() {
        for (head, kind) in [
            ("<!DOCTYPE html><p>", "text/html"),
            ("\u{FEFF}\n <HTML>", "text/html"),
            ("<b>bold</b>", "text/html"),
            ("<!-- x --><script>alert(1)</script>", "text/html"),
            ("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml"),
            ("<?xml version='1.0'?><!-- --><SVG/>", "image/svg+xml"),
            ("<?xml version='1.0'?><a/>", "text/xml"),
        ] {
            assert_eq!((of(head.as_bytes()), is_shown(of(head.as_bytes()))), (kind, false), "{head}");
        }
        assert_eq!(of(b"a < b, and <3"), "text/plain");
    }

    #[test]
    fn a_character_cut_in_two_is_still_text() {
        assert_eq!(of(&"€".as_bytes()[..2]), "application/octet-stream");
        assert_eq!(of(&"a€".as_bytes()[..3]), "text/plain");
    }
}
