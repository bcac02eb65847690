//! A folded text, taken apart.

use std::iter::{from_fn, once};

use unicode_segmentation::UnicodeSegmentation as _;

use crate::MAX_TERM_CHARS;
use crate::fold::is_mark;
use crate::requirement::Requirement;
use crate::script::is_unspaced;

/// Shorter words are looked for as they are: too much begins with one or two letters for an index to be of use.
const MIN_PREFIX: usize = 3;

/// What stands on its own in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A word between spaces or punctuation.
    Word(&'a str),
    /// Characters of scripts that put no spaces between words.
    Run(&'a str),
}

/// The pieces of `folded` in their order.
pub(crate) fn pieces(folded: &str) -> impl Iterator<Item = Piece<'_>> {
    stretches(folded).flat_map(|(unspaced, stretch)| {
        let words = if unspaced { "" } else { stretch }.unicode_words().map(bare).map(Piece::Word);
        unspaced.then_some(Piece::Run(stretch)).into_iter().chain(words)
    })
}

/// A word without what only clings to it: underscores, and the space or NUL that a stray mark was put on.
fn bare(word: &str) -> &str {
    word.trim_matches(is_punctuation)
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !is_mark(c)
}

/// `text` in the longest stretches that are all of unspaced scripts (`true`), or have nothing of them.
fn stretches(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    from_fn(move || {
        let unspaced = is_unspaced(rest.chars().next()?);
        let end = rest.find(|c| is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (stretch, after) = rest.split_at(end);
        rest = after;
        Some((unspaced, stretch))
    })
}

impl<'a> Piece<'a> {
    /// What a text with this piece is found by; may repeat itself.
    pub(crate) fn terms(self) -> Box<dyn Iterator<Item = String> + 'a> {
        match self {
            Self::Word(word) => Box::new(once(word).chain(parts(word)).map(cut)),
            Self::Run(run) => Box::new(windows(run).map(str::to_owned)),
        }
    }

    /// What a text must have to be found by this piece.
    pub(crate) fn requirements(self) -> Box<dyn Iterator<Item = Requirement> + 'a> {
        match self {
            Self::Word(word) if word.chars().nth(MIN_PREFIX - 1).is_none() => {
                Box::new(once(Requirement::Exact(word.to_owned())))
            }
            Self::Word(word) => Box::new(once(Requirement::Prefix(cut(word)))),
            Self::Run(run) if run.chars().nth(1).is_none() => {
                Box::new(once(Requirement::Prefix(run.to_owned())))
            }
            Self::Run(run) => Box::new(
                windows(run)
                    .filter(|window| window.chars().nth(1).is_some())
                    .map(|pair| Requirement::Exact(pair.to_owned())),
            ),
        }
    }
}

/// The letters and digits of a word without the punctuation in it.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(is_punctuation).filter(|part| !part.is_empty())
}

/// Every two neighbouring characters, and the last one.
fn windows(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().filter_map(|(start, _)| {
        let rest = run.get(start..)?;
        let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
        rest.get(..end)
    })
}

fn cut(word: &str) -> String {
    word.chars().take(MAX_TERM_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces, windows};

    #[test]
    fn words_and_runs_part_without_a_space() {
        let found: Vec<Piece> = pieces("iphone手机, don't 3.14 ซื้อ").collect();
        let expected = [
            Piece::Word("iphone"),
            Piece::Run("手机"),
            Piece::Word("don't"),
            Piece::Word("3.14"),
            Piece::Run("ซื้อ"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn words_are_bare() {
        let found: Vec<Piece> = pieces("__init__ \0\u{11CA9} \u{93E}").collect();
        assert_eq!(found, [Piece::Word("init"), Piece::Word("\u{11CA9}"), Piece::Word("\u{93E}")]);
    }

    #[test]
    fn windows_end_with_the_last_character() {
        assert_eq!(windows("中国人").collect::<Vec<_>>(), ["中国", "国人", "人"]);
        assert_eq!(windows("人").collect::<Vec<_>>(), ["人"]);
    }
}
