//! What looks or sounds alike becomes the same characters.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};

/// The two sound marks of kana: か and が are different letters, unlike s and ş in a search.
const KANA_SOUND_MARKS: [char; 2] = ['\u{3099}', '\u{309A}'];
/// Counts as formatting, but parts words.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// `text` without what does not tell words apart: case, diacritics, compatibility forms, invisible formatting.
pub(crate) fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizer::new_nfkd().normalize(text);
    // Diacritics first: folding would make a letter of the Greek iota below.
    let bare: String = decomposed.chars().filter(|c| tells_apart(*c)).map(dotted).collect();
    ComposingNormalizer::new_nfc().normalize(&CaseMapper::new().fold_string(&bare)).into_owned()
}

/// The Turkish dotless ı is an i, as İ is once its dot is taken off.
fn dotted(c: char) -> char {
    if c == 'ı' { 'i' } else { c }
}

fn tells_apart(c: char) -> bool {
    c.is_ascii() || !(is_diacritic(c) || is_formatting(c))
}

/// A mark that belongs to no script of its own: vowel signs do, and are letters to their readers.
fn is_diacritic(c: char) -> bool {
    is_mark(c)
        && CodePointMapData::<Script>::new().get(c) == Script::Inherited
        && !KANA_SOUND_MARKS.contains(&c)
}

fn is_formatting(c: char) -> bool {
    category(c) == GeneralCategory::Format && c != ZERO_WIDTH_SPACE
}

/// Whether `c` combines with the letter before it.
pub(crate) fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c))
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn turkish_i_is_one_letter() {
        assert_eq!(fold("İ I ı i I\u{307} i\u{307}"), "i i i i i i");
        assert_eq!(fold("IĞDIR ığdır Iğdır iğdir"), "igdir igdir igdir igdir");
        assert_eq!(fold("ŞARKI şarkı"), "sarki sarki");
    }

    #[test]
    fn case_folds_in_full() {
        assert_eq!(fold("Straße STRASSE"), "strasse strasse");
        assert_eq!(fold("ΣΊΣΥΦΟΣ σίσυφος"), "σισυφοσ σισυφοσ");
        assert_eq!(fold("ǅ ǆ"), fold("Ǆ ǆ"));
        assert_eq!(fold("ᾳ Α\u{345}"), "α α");
    }

    #[test]
    fn compatibility_forms_are_alike() {
        assert_eq!(fold("ﬁne Ａｄ m² ㎏ ½"), "fine ad m2 kg 1⁄2");
        assert_eq!(fold("ﾃﾞｰﾀ"), "データ");
    }

    #[test]
    fn vowel_signs_and_sound_marks_stay() {
        assert_eq!(fold("が"), "が");
        assert_ne!(fold("が"), fold("か"));
        assert_eq!(fold("ที่"), "ที่");
        assert_eq!(fold("हिन्दी"), "हिन्दी");
        assert_eq!(fold("한국"), "한국");
    }

    #[test]
    fn what_cannot_be_seen_does_not_hide_a_word() {
        assert_eq!(
            fold("ca\u{AD}sh ca\u{200D}sh \u{202E}cash c\u{336}ash cash\u{FE0F}"),
            "cash cash cash cash cash"
        );
        assert_eq!(fold("two\u{200B}words"), "two\u{200B}words");
    }
}
