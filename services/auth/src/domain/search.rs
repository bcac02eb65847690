//! Finding people by a part of their name: three letters in a row, indexed, whatever the script.
//!
//! A text is cut into grams: every three neighbouring characters, and the first one and two of each word. A row whose
//! grams hold all of the search's grams may match; comparing the text itself decides.

use std::collections::BTreeSet;

/// How many characters of a search count.
pub const MAX_SEARCH: usize = 100;

/// A text as it is compared: in lower case.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The grams by which a user of this folded name and e-mail address is found.
#[must_use]
pub fn grams_of_user(name: &str, email: &str) -> Vec<String> {
    let of_name = inner(name).chain(starts(name));
    let of_email = inner(email).chain(starts(email)).map(|gram| of_email(&gram));
    of_name.chain(of_email).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The grams that every name matching this folded search has. A search of one or two characters finds beginnings of
/// words only.
#[must_use]
pub fn grams_of_search(text: &str) -> Vec<String> {
    let grams: BTreeSet<String> =
        if text.chars().nth(2).is_some() { inner(text).collect() } else { [format!("^{text}")].into() };
    grams.into_iter().collect()
}

/// The gram as it stands for an e-mail address: marked, so that a search of names tells nothing of addresses.
#[must_use]
pub fn of_email(gram: &str) -> String {
    format!("@{gram}")
}

/// Every three neighbouring characters.
fn inner(text: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let grams: Vec<String> = chars.windows(3).map(|gram| gram.iter().collect()).collect();
    grams.into_iter()
}

/// The first one and two characters of each word, marked as such.
fn starts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).flat_map(|word| {
        [1, 2].into_iter().map(|length| format!("^{}", word.chars().take(length).collect::<String>()))
    })
}

/// The LIKE pattern of texts that hold this one, letter by letter: its own `%`, `_` and `\` mean themselves.
#[must_use]
pub fn containing(text: &str) -> String {
    let escaped: String = text.chars().flat_map(|c| escape(c).into_iter().flatten()).collect();
    format!("%{escaped}%")
}

fn escape(c: char) -> [Option<char>; 2] {
    [matches!(c, '%' | '_' | '\\').then_some('\\'), Some(c)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &str, name: &str) -> bool {
        let row = grams_of_user(&fold(name), "xavier@example.com");
        grams_of_search(&fold(search)).iter().all(|gram| row.contains(gram))
    }

    #[test]
    fn any_part_of_three_letters_and_any_beginning_of_a_word() {
        for search in ["ada", "ADA", "lovel", "ove", "a l", "a", "l", "lo", "ada lovelace"] {
            assert!(finds(search, "Ada Lovelace"), "{search}");
        }
        for search in ["bob", "adal", "ov", "x", "xav"] {
            assert!(!finds(search, "Ada Lovelace"), "{search}");
        }
    }

    #[test]
    fn any_script() {
        assert!(finds("жёлт", "Жёлтый Кот") && finds("山田太", "山田太郎") && finds("山", "山田太郎"));
        assert!(finds("o'n", "Shaquille O'Neal") && finds("n", "Shaquille O'Neal"));
    }

    #[test]
    fn what_like_takes_specially_means_itself() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }
}
