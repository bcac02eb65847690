//! Texts to try, one a line.

use std::iter::Peekable;
use std::str::Chars;

/// Texts that hold markup.
pub(crate) fn markup() -> Vec<String> {
    texts(include_str!("../fixtures/markup.txt"))
}

/// Texts that hold none.
pub(crate) fn plain() -> Vec<String> {
    texts(include_str!("../fixtures/plain.txt"))
}

fn texts(file: &str) -> Vec<String> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(unescaped).collect()
}

/// A line with its escapes taken for what they mean.
fn unescaped(line: &str) -> String {
    let mut chars = line.chars().peekable();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { escape(&mut chars).expect(line) } else { c });
    }
    text
}

fn escape(chars: &mut Peekable<Chars<'_>>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\x0C',
        '0' => '\0',
        '\\' => '\\',
        'u' => {
            chars.next_if_eq(&'{')?;
            let code: String = chars.by_ref().take_while(|c| *c != '}').collect();
            char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
        }
        _ => return None,
    })
}
