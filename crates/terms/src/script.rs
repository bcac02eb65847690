//! Which characters are written without spaces between words.

use icu_properties::props::Script;
use icu_properties::script::ScriptWithExtensions;

use crate::fold::is_mark;

const WITHOUT_SPACES: [Script; 7] = [
    Script::Han,
    Script::Hiragana,
    Script::Katakana,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
];

/// Whether `c` is a letter, or a mark on one, of a script that puts no spaces between words.
///
/// By the scripts that use it, not the one that it belongs to: the Japanese ー belongs to none.
pub(crate) fn is_unspaced(c: char) -> bool {
    !c.is_ascii()
        && (c.is_alphabetic() || is_mark(c))
        && WITHOUT_SPACES.iter().any(|script| ScriptWithExtensions::new().has_script(c, *script))
}

#[cfg(test)]
mod tests {
    use super::is_unspaced;

    #[test]
    fn letters_and_their_marks() {
        assert!("中国〇々あア゙ーｱกี่ກຂ្កិကါ".chars().all(is_unspaced));
        assert!(!"aşЖअ한، 、。「・฿1๑".chars().any(is_unspaced));
    }
}
