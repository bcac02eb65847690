//! Properties of every text there is.

use conversation::domain::content::sanitize;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::fixtures::{markup, plain};
use crate::judge::holds_markup;

/// What markup and references are made of, and some that they are not.
const BITS: [&str; 48] = [
    "<",
    "<",
    "<",
    ">",
    "/",
    "!",
    "?",
    "-",
    "--",
    "&",
    "&",
    "&",
    ";",
    ";",
    "#",
    "#x",
    "3c",
    "60",
    "26",
    "38",
    "lt",
    "amp",
    "l",
    "t",
    "am",
    "p",
    "b",
    "script",
    "style",
    " ",
    "\n",
    "=",
    "\"",
    "'",
    "a",
    "3",
    "\0",
    "[CDATA[",
    "]]>",
    "é",
    "😀",
    "&lt;",
    "&amp;",
    "&lt",
    "<b>",
    "</script>",
    "num;",
    "&sol;",
];

/// Bits thrown together.
fn debris() -> impl Strategy<Value = String> {
    proptest::collection::vec(select(&BITS[..]), 0..16).prop_map(|bits| bits.concat())
}

/// A text of the fixtures, with another put somewhere into it, and cut off somewhere.
fn spliced() -> impl Strategy<Value = String> {
    let texts = [markup(), plain()].concat();
    let (outer, inner) = (select(texts.clone()), select(texts));
    (outer, inner, any::<Index>(), any::<Index>()).prop_map(|(outer, inner, at, end)| {
        let mut chars: Vec<char> = outer.chars().collect();
        let at = at.index(chars.len() + 1);
        chars.splice(at..at, inner.chars());
        chars.truncate(end.index(chars.len()) + 1);
        chars.into_iter().collect()
    })
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![4 => debris(), 2 => spliced(), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5_000) })]

    #[test]
    fn what_is_left_never_holds_markup(text in texts()) {
        let left = sanitize(&text);
        prop_assert!(!holds_markup(&left), "{left:?}");
    }

    #[test]
    fn sanitizing_again_changes_nothing(text in texts()) {
        let left = sanitize(&text);
        prop_assert_eq!(sanitize(&left), left);
    }

    #[test]
    fn only_what_holds_markup_changes(text in texts()) {
        prop_assert_eq!(sanitize(&text) != text, holds_markup(&text));
    }

    #[test]
    fn without_angle_brackets_and_ampersands_nothing_changes(text in any::<String>()) {
        let text = text.replace(['<', '&'], " ");
        prop_assert_eq!(sanitize(&text), text);
    }
}
