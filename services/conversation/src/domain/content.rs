//! What is stored of a text: never markup.

mod markup;
mod tag;

use htmlize::unescape;
use markup::{opens_markup, strip};

/// How often a text is decoded in search of markup that hides in character references.
///
/// People write none, and what a page escapes once too often has two or three layers.
const MAX_DECODINGS: usize = 16;

/// `text` without HTML: what is left is no markup, and does not become markup however often it is decoded.
///
/// Everything else stays as it is, byte for byte, blanks at the ends too. That is every text in which no `<` stands
/// right before a letter, `/`, `!` or `?`, as written or as decoded: `a < b`, `1<2`, `<3`, `<-`, `AT&T`, `x && y`,
/// `use &lt; here`, `"quotes"`.
///
/// What HTML takes for markup goes, as the standard's tokenizer delimits it:
/// - tags to their `>`, past any `>` between the quotes of an attribute, or to the end of the text when none comes.
///   `a<b` is no comparison but the letter `a` and a tag that is never closed, of which `a` is left.
/// - `<script>` and `<style>` with all they hold, comments, CDATA sections, doctypes and processing instructions.
/// - Of `</` that no letter follows, nothing but these two characters, though a browser hides all up to the next `>`:
///   who writes `</3` has more to say.
///
/// What comes together where something was taken out is looked at as well: nothing is left of `<<b>script>`.
///
/// Character references stay as they are written unless markup comes out of them: `AT&amp;T` and `?a=1&copy=2` do not
/// change, of `&lt;b&gt;R&amp;D` only `R&D` is left. A text in which no end of this is found after 16 decodings loses
/// its ampersands. So the time it takes grows with the length of the text alone: at most 17 passes to strip it, 16 to
/// decode it.
///
/// Sanitizing what is sanitized changes nothing.
#[must_use]
pub fn sanitize(text: &str) -> String {
    settle(text, |encoded| unescape(encoded).into_owned())
}

fn settle(text: &str, mut decode: impl FnMut(&str) -> String) -> String {
    let mut kept = strip(text);
    // What `kept` says to somebody who decodes it once more.
    let mut view = kept.clone();
    for _ in 0..MAX_DECODINGS {
        let decoded = decode(&view);
        if decoded == view {
            return kept;
        }
        view = decoded;
        if opens_markup(&view) {
            kept = strip(&view);
            view.clone_from(&kept);
        }
    }
    strip(&kept.replace('&', ""))
}

#[cfg(test)]
mod tests {
    use htmlize::unescape;

    use super::{MAX_DECODINGS, sanitize, settle};

    fn wrapped(layers: usize) -> String {
        format!("x &{}lt;b>y &amp; z", "amp;".repeat(layers))
    }

    #[test]
    fn markup_goes() {
        for (text, left) in [
            ("<b>bold</b> and <i class='x'>more</i>", "bold and more"),
            ("<script>alert(1)</script>hello", "hello"),
            ("<STYLE\n>*{}</sTyLe >hello", "hello"),
            ("a<!-- b -->c<!doctype html>d<?php e ?>f<![CDATA[ g > h ]]>i", "acdfi"),
            ("see <img src=x onerror=alert(1)", "see "),
            (r#"<a title="a > b" href='>'>link</a>"#, "link"),
            ("a<b", "a"),
            ("I </3 you", "I 3 you"),
            ("<<b>script>alert(1)</script> hi", " hi"),
            ("<<<<b>b>b>b>", ""),
        ] {
            assert_eq!(sanitize(text), left, "{text}");
        }
    }

    #[test]
    fn references_stay_unless_markup_comes_out_of_them() {
        for text in ["AT&amp;T", "?a=1&copy=2", "use &lt; and &gt;", "&lt;3", "&amp;amp;", "&#60; 1", "&"] {
            assert_eq!(sanitize(text), text);
        }
        for (text, left) in [
            ("&lt;b&gt;R&amp;D", "R&D"),
            ("&amp;lt;script&amp;gt;x", ""),
            ("&#x3c;img&#32;src=x>hi", "hi"),
            ("&l<b>t;i>hi", "hi"),
            ("&ltb>hi", "hi"),
            ("<i>AT&amp;T</i>", "AT&amp;T"),
        ] {
            assert_eq!(sanitize(text), left, "{text}");
        }
    }

    #[test]
    fn layers_come_off_up_to_a_limit() {
        assert_eq!(sanitize(&wrapped(0)), "x y & z");
        assert_eq!(sanitize(&wrapped(MAX_DECODINGS - 4)), "x y & z");
        let deep = sanitize(&wrapped(2_000));
        assert!(deep.starts_with("x amp;amp;") && deep.ends_with("lt;b>y amp; z"), "{deep}");
    }

    #[test]
    fn the_work_grows_with_the_length_alone() {
        let split = (0..800).fold("<b>".to_owned(), |hidden, _| hidden.replacen('<', "&l<b>t;", 1));
        for text in ["<".repeat(10_000), "&".repeat(10_000), wrapped(2_500), "&lt;".repeat(2_500), split] {
            let mut decoded = 0;
            settle(&text, |encoded| {
                decoded += encoded.len();
                unescape(encoded).into_owned()
            });
            assert!(decoded <= MAX_DECODINGS * text.len());
        }
    }
}
