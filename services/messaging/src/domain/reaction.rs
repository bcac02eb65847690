//! Reactions: an emoji each, by those who can see the message.

use chrono::{DateTime, Utc};
use kit::UserId;

use crate::Refusal;

/// How many different emojis one user may put on one message.
pub const EACH: usize = 20;
/// How many of those who reacted an answer names; it always counts all.
pub const NAMED: usize = 100;

/// One emoji of the Unicode list, in full: a skin tone, a flag or a joined sequence is one, a text is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emoji(&'static str);

impl Emoji {
    /// The emoji that a text is. Where it may be written with and without a variation selector, both are the same.
    ///
    /// # Errors
    /// It is no emoji, or more than one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        emojis::get(text).map(|emoji| Self(emoji.as_str())).ok_or(Refusal::NoEmoji)
    }

    /// The characters of it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.0
    }
}

/// Somebody's reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// Who.
    pub user_id: UserId,
    /// By which emoji.
    pub emoji: String,
    /// When.
    pub reacted_at: DateTime<Utc>,
}

/// What an emoji came to on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The emoji.
    pub emoji: String,
    /// All who put it there, in the order in which they did.
    pub user_ids: Vec<UserId>,
}

/// What the reactions to a message come to: the emoji that was there first comes first. They are given in the order in
/// which they were made.
#[must_use]
pub fn tally(of: &[Reaction]) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = Vec::new();
    for reaction in of {
        match tallies.iter_mut().find(|tally| tally.emoji == reaction.emoji) {
            Some(tally) => tally.user_ids.push(reaction.user_id),
            None => tallies.push(Tally { emoji: reaction.emoji.clone(), user_ids: vec![reaction.user_id] }),
        }
    }
    tallies
}

/// Decides whether a user may put one more emoji on a message, given what is there. False when it is theirs already.
///
/// # Errors
/// They have put too many there.
pub fn add(there: &[Reaction], user: UserId, emoji: Emoji) -> Result<bool, Refusal> {
    let mut theirs = there.iter().filter(|reaction| reaction.user_id == user);
    if theirs.clone().any(|reaction| reaction.emoji == emoji.text()) {
        return Ok(false);
    }
    if theirs.nth(EACH - 1).is_some() { Err(Refusal::TooManyReactions) } else { Ok(true) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn any_single_emoji() {
        let good = ["👍", "👍🏽", "❤️", "🇦🇹", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "👨‍👩‍👧‍👦", "👩🏻‍🤝‍👨🏿", "1️⃣", "#️⃣", "🧑🏿‍🚀", "☺️", "🫠", "🐦‍🔥"];
        for emoji in good {
            assert_eq!(Emoji::parse(emoji).map(Emoji::text), Ok(emoji));
        }
    }

    #[test]
    fn nothing_else() {
        let bad = [
            "",
            " ",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            "a👍",
            "like",
            ":+1:",
            "🇦",
            "🇽🇽",
            "👍🏽🏽",
            "\u{200d}",
            "\u{fe0f}",
            "👨\u{200d}",
            "Ⓐ",
            "中",
            "👍\u{301}",
            "<3",
            "\u{1F3FB}\u{200d}",
        ];
        for text in bad {
            assert_eq!(Emoji::parse(text), Err(Refusal::NoEmoji), "{text:?}");
        }
    }

    #[test]
    fn with_or_without_its_variation_selector_it_is_the_same() {
        assert_eq!(Emoji::parse("❤"), Emoji::parse("❤️"));
    }

    fn reaction(user: u128, emoji: &str) -> Reaction {
        let user_id = Uuid::from_u128(user).into();
        Reaction { user_id, emoji: emoji.into(), reacted_at: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn each_emoji_is_counted_in_the_order_of_its_first() {
        let tallies = tally(&[reaction(1, "🎉"), reaction(2, "👍"), reaction(3, "🎉")]);
        let counted: Vec<_> =
            tallies.iter().map(|tally| (tally.emoji.as_str(), tally.user_ids.len())).collect();
        assert_eq!(counted, [("🎉", 2), ("👍", 1)]);
    }

    #[test]
    fn once_each_and_twenty_at_most() {
        let me = Uuid::from_u128(1).into();
        let thumb = Emoji::parse("👍").unwrap();
        assert_eq!(add(&[reaction(2, "👍")], me, thumb), Ok(true));
        assert_eq!(add(&[reaction(1, "👍")], me, thumb), Ok(false));
        let many: Vec<Reaction> = (0..EACH).map(|n| reaction(1, &n.to_string())).collect();
        assert_eq!(add(&many, me, thumb), Err(Refusal::TooManyReactions));
    }
}
