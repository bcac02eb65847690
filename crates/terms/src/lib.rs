#![doc = include_str!("../README.md")]

mod fold;
mod piece;
mod requirement;
mod script;

use std::collections::{BTreeSet, HashSet};

use fold::fold;
use piece::{Piece, pieces};
use requirement::Requirement;

/// The most characters a term has. Four bytes each, that is well below the 2,046 bytes of a Postgres lexeme.
pub const MAX_TERM_CHARS: usize = 64;
/// The most terms that are kept of a text.
pub const MAX_TERMS: usize = 2_000;
/// The most terms that a query asks for.
pub const MAX_REQUIRED: usize = 16;

/// What `text` is found by: distinct terms in ascending order, none of them empty, for `array_to_tsvector`.
///
/// At most [`MAX_TERMS`], the first ones of the text, with at most [`MAX_TERM_CHARS`] characters each. None has a NUL,
/// which Postgres could not store.
#[must_use]
pub fn of(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut terms = BTreeSet::new();
    for term in pieces(&folded).flat_map(Piece::terms) {
        if terms.len() == MAX_TERMS {
            break;
        }
        terms.insert(term);
    }
    terms.into_iter().collect()
}

/// The same for a text of one place, such as a tenant's: nobody else's search looks at its terms at all, since they are
/// other keys of the index. To be looked for by [`query_within`].
#[must_use]
pub fn of_within(place: &str, text: &str) -> Vec<String> {
    of(text).into_iter().map(|term| within(place, &term)).collect()
}

/// The text of a `tsquery` that is true of texts with all terms of `text`, to be bound and cast: `$1::tsquery`.
///
/// `None` when there is nothing to look for: no word and no letter. Asks for at most [`MAX_REQUIRED`] terms, the first
/// ones. It is valid whatever `text` is; everything that comes from it stands between quotes.
#[must_use]
pub fn query(text: &str) -> Option<String> {
    asked(text, |requirement| requirement)
}

/// The same for texts of one place.
#[must_use]
pub fn query_within(place: &str, text: &str) -> Option<String> {
    asked(text, |requirement| requirement.map(|term| within(place, &term)))
}

fn within(place: &str, term: &str) -> String {
    format!("{place}:{term}")
}

fn asked(text: &str, placed: impl Fn(Requirement) -> Requirement) -> Option<String> {
    let folded = fold(text);
    let mut seen = HashSet::new();
    let required: Vec<String> = pieces(&folded)
        .flat_map(Piece::requirements)
        .filter(|requirement| seen.insert(requirement.clone()))
        .take(MAX_REQUIRED)
        .map(|requirement| placed(requirement).to_string())
        .collect();
    (!required.is_empty()).then(|| required.join(" & "))
}
