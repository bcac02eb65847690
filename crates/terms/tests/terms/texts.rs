//! Texts to try: of words in many scripts, what stands between them, and chance.

use icu_normalizer::ComposingNormalizer;
use proptest::prelude::*;
use proptest::sample::select;
use unicode_segmentation::UnicodeSegmentation as _;

const WORDS: [&str; 33] = [
    "şarkı",
    "İstanbul'da",
    "IĞDIR",
    "Straße",
    "don't",
    "o’clock",
    "ﬁne",
    "x²",
    "3.14",
    "1,000",
    "foo_bar",
    "a.b.c",
    "kg",
    "ΣΊΣΥΦΟΣ",
    "Ёлка",
    "हिन्दी",
    "שלום",
    "צה\"ל",
    "العَرَبِيّة",
    "한국어",
    "中国人",
    "人",
    "日本語のテキスト",
    "データ",
    "ｶﾞ",
    "ภาษาไทย",
    "ກຳ",
    "ភាសាខ្មែរ",
    "မြန်မာ",
    "co\u{AD}op",
    "🙂",
    "e\u{301}te\u{301}",
    "\u{11CA9}",
];
const BETWEEN: [&str; 16] = [
    " ", " ", "", "\n", ", ", ". ", "'", "''", "\\", " & ", ":*", "\u{200B}", "\u{0}", "・", "。", "\u{3099}",
];

/// A text of a few words in any script, with anything in between.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let bit = prop_oneof![
        4 => select(&WORDS[..]).prop_map(str::to_owned),
        4 => select(&BETWEEN[..]).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| text.chars().take(6).collect()),
        1 => "[a-zıİşğ'._:0-9]{1,80}",
    ];
    proptest::collection::vec(bit, 0..24).prop_map(|bits| bits.concat())
}

/// A text, and a part of it from the beginning of one of its words to the end of the same or a later one.
///
/// In compatible normal form: otherwise what is one word folded may be a word and a symbol as written (`㎏5`).
pub(crate) fn texts_and_parts() -> impl Strategy<Value = (String, String)> {
    let place = any::<prop::sample::Index>;
    (texts(), place(), place()).prop_map(|(text, from, length)| {
        let text = ComposingNormalizer::new_nfkc().normalize(&text).into_owned();
        let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
        if words.is_empty() {
            return (text, String::new());
        }
        let first = from.index(words.len());
        let last = first + length.index(words.len() - first);
        let part = text[words[first].0..words[last].0 + words[last].1.len()].to_owned();
        (text, part)
    })
}
