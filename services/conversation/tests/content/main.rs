//! What is stored of a text is no markup, to the judgement of an HTML tokenizer that is not ours.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod judge;
#[cfg(test)]
mod properties;

use conversation::domain::content::sanitize;

use fixtures::{markup, plain};
use judge::{holds_markup, reads_as_text};

#[test]
fn nothing_is_left_of_markup() {
    for text in markup() {
        assert!(holds_markup(&text), "not markup in the first place: {text:?}");
        let left = sanitize(&text);
        assert!(!holds_markup(&left), "{text:?} leaves {left:?}");
        assert_eq!(sanitize(&left), left, "once more: {text:?}");
    }
}

#[test]
fn markup_in_markup_is_no_way_out() {
    let texts = markup();
    for outer in &texts {
        for inner in &texts {
            for (at, _) in outer.char_indices().take(3) {
                let left = sanitize(&[&outer[..at], inner, &outer[at..]].concat());
                assert!(reads_as_text(&left), "{inner:?} at {at} of {outer:?} leaves {left:?}");
            }
        }
    }
}

#[test]
fn plain_text_stays_as_it_is() {
    for text in plain() {
        assert!(!holds_markup(&text), "not plain: {text:?}");
        assert_eq!(sanitize(&text), text);
    }
    let whole = plain().join("\n");
    assert_eq!(sanitize(&whole), whole);
}

#[test]
fn the_judge_knows_markup() {
    for text in ["<b", "</b>", "<!x", "<?", "&lt;b", "&amp;lt;b", "&ltb", "<!-- -->", "</", "</>"] {
        assert!(holds_markup(text), "{text}");
    }
    for text in ["", "<", "< b", "<3", "&lt; b", "AT&T", "\0", "a\r\nb"] {
        assert!(!holds_markup(text), "{text}");
    }
    assert!(reads_as_text("&lt;b>") && !reads_as_text("<b>"));
}
