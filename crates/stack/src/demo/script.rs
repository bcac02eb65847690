//! The script of the demo, `dialogues.txt`: `# key: members` begins a conversation, `name: text` says something,
//! `(name reads)` marks all read that was said so far.

use super::PEOPLE;
use crate::error::{Error, Result};

const SCRIPT: &str = include_str!("dialogues.txt");

/// One conversation.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) key: &'static str,
    pub(super) members: Vec<&'static str>,
    pub(super) steps: Vec<Step>,
}

/// What happens in it.
#[derive(Debug)]
pub(super) enum Step {
    /// Somebody says something.
    Says { who: &'static str, text: &'static str },
    /// Somebody reads all there is.
    Reads { who: &'static str },
}

/// Reads the script.
pub(super) fn read() -> Result<Vec<Dialogue>> {
    let mut dialogues: Vec<Dialogue> = Vec::new();
    for line in SCRIPT.lines().filter(|line| !line.is_empty()) {
        let wrong = || Error::new(format!("the demo's script is wrong here: {line}"));
        if let Some(title) = line.strip_prefix("# ") {
            let (key, members) = title.split_once(": ").ok_or_else(wrong)?;
            dialogues.push(Dialogue { key, members: members.split(' ').collect(), steps: Vec::new() });
        } else {
            let dialogue = dialogues.last_mut().ok_or_else(wrong)?;
            dialogue.steps.push(step(line).ok_or_else(wrong)?);
        }
    }
    Ok(dialogues)
}

fn step(line: &'static str) -> Option<Step> {
    if let Some(who) = line.strip_prefix('(').and_then(|rest| rest.strip_suffix(" reads)")) {
        return Some(Step::Reads { who });
    }
    let (who, text) = line.split_once(": ")?;
    PEOPLE.iter().any(|person| person.name == who).then_some(Step::Says { who, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_can_be_played() {
        let dialogues = read().expect("a script");
        let who = |step: &Step| match step {
            Step::Says { who, .. } | Step::Reads { who } => *who,
        };
        for dialogue in &dialogues {
            assert!(dialogue.members.len() >= 2, "{}", dialogue.key);
            let strangers = dialogue.steps.iter().map(who).find(|who| !dialogue.members.contains(who));
            assert_eq!(strangers, None, "{}", dialogue.key);
        }
        let said = dialogues.iter().flat_map(|dialogue| &dialogue.steps).count();
        assert!(dialogues.len() >= 9 && said >= 200, "{} conversations, {said} steps", dialogues.len());
    }
}
