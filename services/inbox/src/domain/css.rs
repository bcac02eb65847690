//! Style sheets that companies write for their widget: how it looks, and nothing that loads or runs.

/// The longest style sheet, in characters.
pub const MAX_CSS: usize = 20_000;

/// Functions that load or run something.
const FUNCTIONS: [&str; 7] = ["url", "src", "image", "image-set", "cross-fade", "element", "expression"];
/// Rules and words that do.
const RULES: [&str; 3] = ["@import", "@charset", "@namespace"];
const WORDS: [&str; 3] = ["-moz-binding", "javascript:", "vbscript:"];

/// The style sheet without what loads or runs something, or ends it. What is taken out leaves a blank, so that nothing grows
/// together, and escapes are resolved before, so that nothing hides.
#[must_use]
pub fn stripped(css: &str) -> String {
    let mut text = without_comments(&unescaped(css));
    loop {
        let next =
            RULES.iter().fold(text.clone(), |text, rule| cut(&text, rule, |rest| Some(rule_end(rest))));
        let next = FUNCTIONS.iter().fold(next, |text, name| cut(&text, name, call_end));
        let next = WORDS.iter().fold(next, |text, word| cut(&text, word, |_| Some(0)));
        if next == text {
            return next;
        }
        text = next;
    }
}

/// Resolves escapes to what they stand for, where that is a plain character; takes out what may end a style sheet or a string.
fn unescaped(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.push(escape(&mut rest)),
            '<' => text.push(' '),
            c if c.is_control() && !matches!(c, '\n' | '\t') => text.push(' '),
            c => text.push(c),
        }
    }
    text
}

/// The character of an escape: up to six hexadecimal digits and a blank, or whatever stands behind the backslash.
fn escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> char {
    let mut code = String::new();
    while code.len() < 6 {
        match rest.next_if(char::is_ascii_hexdigit) {
            Some(digit) => code.push(digit),
            None => break,
        }
    }
    let meant = if code.is_empty() {
        rest.next()
    } else {
        rest.next_if(|c| c.is_whitespace());
        u32::from_str_radix(&code, 16).ok().and_then(char::from_u32)
    };
    meant.filter(|c| !c.is_control() && !"\\\"'<{};()/*@:".contains(*c)).unwrap_or(' ')
}

fn without_comments(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        text.push_str(before);
        text.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

/// Takes every `what` out, with what `end` finds to belong to it; where it finds nothing, it was another word.
fn cut(text: &str, what: &str, end: impl Fn(&str) -> Option<usize>) -> String {
    let lower = text.to_ascii_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = lower.get(at..).and_then(|rest| rest.find(what)) {
        let (start, after) = (at + found, at + found + what.len());
        let gone = text.get(after..).and_then(&end);
        kept.push_str(text.get(at..if gone.is_some() { start } else { after }).unwrap_or_default());
        if gone.is_some() {
            kept.push(' ');
        }
        at = after + gone.unwrap_or(0);
    }
    kept.push_str(text.get(at..).unwrap_or_default());
    kept
}

/// A rule ends with its semicolon.
fn rule_end(rest: &str) -> usize {
    rest.find(';').map_or(rest.len(), |at| at + 1)
}

/// A call ends with the bracket that closes the first.
fn call_end(rest: &str) -> Option<usize> {
    rest.trim_start().strip_prefix('(')?;
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        depth = match c {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        if c == ')' && depth == 0 {
            return Some(at + 1);
        }
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_it_looks_stays() {
        for css in [
            ".bubble { color: #007bff; width: calc(100% - (2 * 4px)); }",
            "@media (max-width: 600px) { .header { display: none } }",
            ".a::before { content: \"“\"; background: linear-gradient(red, blue) }",
            ".imagery, .curl { color: var(--x) }",
        ] {
            assert_eq!(stripped(css), css);
        }
        assert_eq!(stripped(".a { content: '\\201C' }"), ".a { content: '“' }");
    }

    #[test]
    fn what_loads_runs_or_ends_goes() {
        for css in [
            "@import 'https://evil.io/x.css';",
            "@IMPORT url(https://evil.io);",
            "@im/**/port 'https://evil.io';",
            "@\\69mport 'https://evil.io';",
            "@\\000069 mport 'https://evil.io';",
            "@i\\mport 'https://evil.io';",
            ".a { background: url(https://evil.io/x.png) }",
            ".a { background: URL( \"https://evil.io\" ) }",
            ".a { background: u\\72l(https://evil.io) }",
            ".a { background: u/**/rl(https://evil.io) }",
            ".a { background: uurl(rl(https://evil.io)) }",
            ".a { background: urlurl()(https://evil.io) }",
            ".a { background: url(https://evil.io",
            ".a { background: image-set('https://evil.io' 1x) }",
            ".a { background: -webkit-image-set('https://evil.io' 1x) }",
            ".a { width: expression(alert('evil.io')) }",
            ".a { width: expr/**/ession(alert('evil.io')) }",
            ".a { -moz-binding: url(evil.io) }",
            "/* */ @import 'evil.io' /* unterminated",
        ] {
            let left = stripped(css).to_ascii_lowercase();
            let bad = ["@import", "url(", "expression(", "image-set(", "\\", "/*", "evil.io"];
            let harmless = css.contains("u/**/rl") || css.contains("@im/**/port") || css.contains("expr/**/");
            let bad = bad.iter().filter(|bad| !harmless || **bad != "evil.io");
            for bad in bad {
                assert!(!left.contains(bad), "{css}: {left}");
            }
        }
        for css in ["</style><script>alert(1)</script>", "<\\/style>", "\\3c/style>", "<!-- x", "</STYLE"] {
            assert!(!stripped(css).contains('<'), "{css}");
        }
    }

    #[test]
    fn it_is_stripped_once_and_for_all() {
        for css in
            ["ururl()l(x)", "@im@import;port x;", "\\\\69mport", "exexpression()pression(1)", "a\u{0}b"]
        {
            let once = stripped(css);
            assert_eq!(stripped(&once), once, "{css}");
        }
        let long = "url(".repeat(MAX_CSS / 4);
        assert_eq!(stripped(&long).trim(), "");
    }
}
