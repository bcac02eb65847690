//! What the system says to the members of a group, in words.

/// How many people a sentence names; the others it counts.
pub const NAMED: usize = 5;

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It is called something else, or nothing any more.
    Named(Option<String>),
    /// It has another picture, or none.
    Pictured,
    /// It is about something else.
    Described,
    /// Somebody added others: the first of their names, and how many they are.
    Added(Vec<String>, usize),
    /// Somebody removed another.
    Removed(String),
    /// Somebody left.
    Left,
}

impl News {
    /// The sentence about what `who` did.
    #[must_use]
    pub fn told_of(&self, who: &str) -> String {
        match self {
            Self::Named(Some(name)) => format!("{who} named the group “{name}”."),
            Self::Named(None) => format!("{who} took the group's name away."),
            Self::Pictured => format!("{who} changed the group's picture."),
            Self::Described => format!("{who} changed the group's description."),
            Self::Added(names, count) => format!("{who} added {}.", listed(names, *count)),
            Self::Removed(name) => format!("{who} removed {name}."),
            Self::Left => format!("{who} left."),
        }
    }
}

/// `Ada`, `Ada and Ben`, `Ada, Ben and 3 others`.
fn listed(names: &[String], count: usize) -> String {
    let others = count.saturating_sub(names.len());
    let rest = match others {
        0 => None,
        1 => Some("1 other".to_owned()),
        _ => Some(format!("{others} others")),
    };
    let all: Vec<String> = names.iter().cloned().chain(rest).collect();
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nobody".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let cases = [
            (News::Named(Some("Trip 🏔️".into())), "Ada named the group “Trip 🏔️”."),
            (News::Added(names(&["Ben"]), 1), "Ada added Ben."),
            (News::Added(names(&["Ben", "Cleo"]), 2), "Ada added Ben and Cleo."),
            (News::Added(names(&["Ben", "Cleo"]), 3), "Ada added Ben, Cleo and 1 other."),
            (News::Added(names(&["Ben", "Cleo"]), 9), "Ada added Ben, Cleo and 7 others."),
            (News::Left, "Ada left."),
        ];
        for (news, sentence) in cases {
            assert_eq!(news.told_of("Ada"), sentence);
        }
    }
}
