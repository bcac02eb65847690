//! Where markup begins and ends, by the rules of the HTML standard's tokenizer (section 13.2.5).

use super::tag::{after_tag, ends_name};

/// Elements whose text is for the browser, not for people.
const NOT_FOR_READING: [&str; 2] = ["script", "style"];

/// Whether there is markup in `text`, as it stands.
pub(super) fn opens_markup(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| text.get(at + 1..).is_some_and(|rest| rest.starts_with(opens)))
}

/// Whether HTML takes a `<` for the beginning of markup when `c` follows it.
fn opens(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')
}

/// `text` without markup, in one pass: never is a character kept that opens markup with the `<` before it, be they
/// neighbours from the beginning or since something between them was taken out.
pub(super) fn strip(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut ahead = text.chars();
    loop {
        let here = ahead.as_str();
        let Some(c) = ahead.next() else { return kept };
        if opens(c) && kept.ends_with('<') {
            kept.pop();
            ahead = after_markup(here).chars();
        } else {
            kept.push(c);
        }
    }
}

/// What follows the markup of which `markup` is all but the `<`.
fn after_markup(markup: &str) -> &str {
    if let Some(comment) = markup.strip_prefix("!--") {
        after_comment(comment)
    } else if let Some(section) = markup.strip_prefix("![CDATA[") {
        after(section, "]]>")
    } else if markup.starts_with(['!', '?']) {
        after(markup, ">")
    } else if let Some(end_tag) = markup.strip_prefix('/') {
        if end_tag.starts_with(opens_name) { after_tag(end_tag) } else { end_tag }
    } else {
        after_element(markup)
    }
}

fn opens_name(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// What follows a comment whose text begins here. `<!-->` and `<!--->` are whole comments, and `--!>` ends one too.
fn after_comment(comment: &str) -> &str {
    let ends = |text: &str| matches!(text, "" | "-") || text.ends_with("--") || text.ends_with("--!");
    let end = comment.match_indices('>').find(|(at, _)| comment.get(..*at).is_some_and(ends));
    end.and_then(|(at, _)| comment.get(at + 1..)).unwrap_or_default()
}

/// What follows a start tag, or the whole element where its text is not for reading.
fn after_element(tag: &str) -> &str {
    let element = NOT_FOR_READING.into_iter().find(|element| is_named(tag, element));
    let content = after_tag(tag);
    element.map_or(content, |element| after_end_tag(content, element))
}

/// What follows the end tag of `element`, before which nothing has a meaning.
fn after_end_tag<'a>(content: &'a str, element: &str) -> &'a str {
    let mut tags = content.match_indices("</").filter_map(|(at, _)| content.get(at + 2..));
    tags.find(|tag| is_named(tag, element)).map_or("", after_tag)
}

/// Whether the tag that begins here is one of `element`.
fn is_named(tag: &str, element: &str) -> bool {
    let name = tag.split(ends_name).next().unwrap_or_default();
    name.eq_ignore_ascii_case(element)
}

/// What follows the first `end`; nothing when it does not come.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, after)| after)
}
