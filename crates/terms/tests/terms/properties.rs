//! Properties of terms and queries, with a model of what Postgres does.

use proptest::prelude::*;
use terms::{MAX_REQUIRED, MAX_TERM_CHARS, MAX_TERMS, of, query};

use crate::texts::{texts, texts_and_parts};

/// One condition, as Postgres reads it: the term, and whether a beginning is enough.
type Condition = (String, bool);

/// Reads what `query` writes; `None` on anything but quoted terms, `:*` and ` & `.
fn parse(mut query: &str) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    loop {
        let (term, rest) = lexeme(query.strip_prefix('\'')?)?;
        let prefix = rest.starts_with(":*");
        query = rest.strip_prefix(":*").unwrap_or(rest);
        conditions.push((term, prefix));
        if query.is_empty() {
            return Some(conditions);
        }
        query = query.strip_prefix(" & ")?;
    }
}

/// A lexeme up to its closing quote, and what follows.
fn lexeme(quoted: &str) -> Option<(String, &str)> {
    let mut term = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (c, chars.peek()) {
            ('\'', Some((_, '\''))) | ('\\', Some(_)) => term.push(chars.next()?.1),
            ('\'', _) => return (!term.is_empty()).then(|| (term, &quoted[at + 1..])),
            ('\\', None) => return None,
            _ => term.push(c),
        }
    }
    None
}

fn finds(query: &str, terms: &[String]) -> bool {
    parse(query).expect(query).iter().all(|(wanted, prefix)| {
        terms.iter().any(|term| if *prefix { term.starts_with(wanted) } else { term == wanted })
    })
}

fn found(text: &str, search: &str) -> bool {
    finds(&query(search).expect("something to look for"), &of(text))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_text_is_found_by_any_of_its_whole_words((text, part) in texts_and_parts()) {
        if let Some(query) = query(&part) {
            prop_assert!(finds(&query, &of(&text)), "{query} does not find {:?}", of(&text));
        } else {
            prop_assert_eq!(of(&part), Vec::<String>::new());
        }
    }

    #[test]
    fn terms_are_within_their_bounds(text in prop_oneof![texts(), any::<String>()]) {
        let terms = of(&text);
        prop_assert!(terms.is_sorted_by(|one, next| one < next), "{terms:?}");
        prop_assert!(terms.iter().all(|term| !term.is_empty() && !term.contains('\0')));
        prop_assert!(terms.iter().all(|term| term.chars().count() <= MAX_TERM_CHARS));
        prop_assert_eq!(query(&text).is_none(), terms.is_empty());
    }

    #[test]
    fn a_query_is_quoted_terms_and_nothing_else(text in prop_oneof![texts(), any::<String>()]) {
        if let Some(query) = query(&text) {
            let conditions = parse(&query);
            prop_assert!(conditions.is_some_and(|all| all.len() <= MAX_REQUIRED), "{query}");
            prop_assert!(finds(&query, &of(&text)), "{query} does not find its own text");
        }
    }
}

#[test]
fn spelling_does_not_matter() {
    for (text, search) in [
        ("Güzel bir şarkı", "sarki"),
        ("guzel bir sarki", "ŞARKI"),
        ("DİYARBAKIR'dan", "diyarbakır"),
        ("ışık", "IŞIK"),
        ("STRASSE", "straße"),
        ("the ﬁrst", "fir"),
        ("Merhaba.Nasılsın", "nasılsın"),
        ("see example.com", "example.com"),
        ("c\u{AD}ash", "cash"),
    ] {
        assert!(found(text, search), "{search} in {text}");
    }
}

#[test]
fn scripts_without_spaces_are_found_anywhere() {
    for search in ["中国", "国人", "中", "国", "人", "中国人", "我是 中国", "iphone 手机"] {
        assert!(found("我是中国人。iPhone手机", search), "{search}");
    }
    for search in ["ไทย", "ภาษา", "ย"] {
        assert!(found("ภาษาไทย", search), "{search}");
    }
}

#[test]
fn other_texts_are_not_found() {
    for (text, search) in [
        ("中国人", "人中"),
        ("中国人", "国中"),
        ("sarkilar", "arki"),
        ("one two", "one three"),
        ("か", "が"),
        ("3.14", "3.15"),
    ] {
        assert!(!found(text, search), "{search} in {text}");
    }
}

#[test]
fn nothing_to_look_for() {
    for text in ["", " \n", "…!?", "👍🏽 <->", "'\\'", "\0", "\u{301}", "__"] {
        assert_eq!(query(text), None, "{text:?}");
    }
}

#[test]
fn long_words_are_cut_alike() {
    let word = "ğ".repeat(100);
    assert_eq!(of(&word), ["g".repeat(MAX_TERM_CHARS)]);
    assert!(found(&word, &word));
}

#[test]
fn long_texts_are_found_by_their_beginning() {
    use std::fmt::Write as _;
    let text = (0..3_000).fold(String::new(), |mut text, n| {
        let _ = write!(text, "w{n} ");
        text
    });
    assert_eq!(of(&text).len(), MAX_TERMS);
    assert!(found(&text, "w0 w1999") && !found(&text, "w2000"));
    assert_eq!(parse(&query(&text).unwrap()).unwrap().len(), MAX_REQUIRED);
}

#[test]
fn the_model_refuses_what_postgres_would() {
    for query in ["", "a", "'a", "'a' 'b'", "'a' | 'b'", "''", "'a' & ", "'a\\'", "'a':* & b"] {
        assert_eq!(parse(query), None, "{query}");
    }
    let expected = vec![("a'b\\".to_owned(), true), ("c".to_owned(), false)];
    assert_eq!(parse(r"'a''b\\':* & 'c'"), Some(expected));
}
