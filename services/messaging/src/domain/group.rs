//! Groups: who comes and goes one by one, what they are called and how they look.

use kit::UserId;

use crate::Refusal;
use crate::domain::conversation::{Change, Conversation, Ending, Membership, Profile, change, membership};

/// Decides on the wish of a member that others come. Who is in it stays as they are.
///
/// # Errors
/// It is no group, or would be too large.
pub fn with(of: &Conversation, caller: UserId, users: &[UserId]) -> Result<Membership, Refusal> {
    changed(of, caller, [&of.member_ids, users].concat())
}

/// Decides on the wish of a member that another goes.
///
/// # Errors
/// It is no group or would be too small, the other is not in it, or is its owner.
pub fn without(of: &Conversation, caller: UserId, user: UserId) -> Result<Membership, Refusal> {
    if of.is_group && !of.member_ids.contains(&user) {
        return Err(Refusal::UserNotInGroup);
    }
    changed(of, caller, others(of, user))
}

fn changed(of: &Conversation, caller: UserId, members: Vec<UserId>) -> Result<Membership, Refusal> {
    let wish = Change { participant_ids: Some(members), is_group: None };
    change(of, caller, wish).map_err(|refusal| match refusal {
        Refusal::GroupSize => Refusal::GroupOf("users"),
        refusal => refusal,
    })
}

fn others(of: &Conversation, user: UserId) -> Vec<UserId> {
    of.member_ids.iter().filter(|id| **id != user).copied().collect()
}

/// Decides what it means that a member leaves a group of their own accord: also its creator, whom the longest-standing
/// member follows. Nobody stays behind in an empty group.
///
/// # Errors
/// It is no group.
pub fn leave(of: &Conversation, caller: UserId) -> Result<Ending, Refusal> {
    let staying = others(of, caller);
    match (of.is_group, staying.is_empty()) {
        (false, _) => Err(Refusal::GroupsOnly),
        (true, true) => Ok(Ending::Deleted),
        (true, false) => Ok(Ending::Left(membership(of, &staying))),
    }
}

/// What is to become of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Edit {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is to be none.
    Clear,
    /// It is to be this.
    Set(String),
}

impl Edit {
    fn apply(self, before: Option<&String>) -> Option<String> {
        match self {
            Self::Keep => before.cloned(),
            Self::Clear => None,
            Self::Set(text) => Some(text),
        }
    }
}

/// What a client wants to change of a group's profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restyling {
    /// What it is to be called.
    pub name: Edit,
    /// How it is to look.
    pub icon: Edit,
    /// What it is to be about.
    pub description: Edit,
}

/// Decides what a group looks like after a member's change.
///
/// # Errors
/// It is no group.
pub fn restyle(of: &Conversation, wish: Restyling) -> Result<Profile, Refusal> {
    if !of.is_group {
        return Err(Refusal::GroupsOnly);
    }
    let Profile { name, icon, description } = &of.profile;
    Ok(Profile {
        name: wish.name.apply(name.as_ref()),
        icon: wish.icon.apply(icon.as_ref()),
        description: wish.description.apply(description.as_ref()),
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::KeyedIds;
    use uuid::Uuid;

    use super::*;
    use crate::domain::conversation::open;

    fn people(count: u128) -> Vec<UserId> {
        (1..=count).map(|n| Uuid::from_u128(n).into()).collect()
    }

    fn group(size: u128) -> Conversation {
        let secret = kit::settings::Secret::new("a secret of at least 32 characters");
        let pairs = KeyedIds::new(&secret, "pairs.secret").unwrap();
        let opening = open(people(1)[0], true, people(size)).unwrap();
        opening.start(people(1)[0], &pairs, Uuid::nil().into(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn who_is_there_does_not_come_again() {
        let (of, all) = (group(3), people(4));
        let after = with(&of, all[1], &[all[3], all[0], all[3]]).unwrap();
        assert_eq!((after.joining, after.leaving), (vec![all[3]], vec![]));
        assert_eq!(with(&of, all[1], &people(1_001)), Err(Refusal::GroupOf("users")));
    }

    #[test]
    fn any_member_removes_any_but_the_owner_while_three_stay() {
        let (of, all) = (group(4), people(5));
        assert_eq!(without(&of, all[1], all[2]).unwrap().leaving, [all[2]]);
        assert_eq!(without(&of, all[1], all[0]), Err(Refusal::CreatorStays));
        assert_eq!(without(&of, all[1], all[4]), Err(Refusal::UserNotInGroup));
        assert_eq!(without(&group(3), all[1], all[2]), Err(Refusal::GroupOf("users")));
        let pair = Conversation { is_group: false, member_ids: people(2), ..of };
        assert_eq!(without(&pair, all[0], all[1]), Err(Refusal::GroupsOnly));
    }

    #[test]
    fn anybody_leaves_and_the_last_ends_it() {
        let (of, all) = (group(3), people(3));
        let Ok(Ending::Left(after)) = leave(&of, all[0]) else { panic!("a creator leaves") };
        assert_eq!((after.member_ids, after.creator_id), (all[1..].to_vec(), all[1]));
        let alone = Conversation { member_ids: people(1), ..of.clone() };
        assert_eq!(leave(&alone, all[0]), Ok(Ending::Deleted));
        let pair = Conversation { is_group: false, member_ids: people(2), ..of };
        assert_eq!(leave(&pair, all[1]), Err(Refusal::GroupsOnly));
    }

    #[test]
    fn a_profile_changes_where_something_is_said_of_it() {
        let of = group(3);
        let named = Restyling { name: Edit::Set("Trip 🏔️".into()), ..Restyling::default() };
        let profile = restyle(&of, named.clone()).unwrap();
        assert_eq!(profile.name.as_deref(), Some("Trip 🏔️"));
        let after = Conversation { profile: profile.clone(), ..of };
        assert_eq!(restyle(&after, Restyling::default()), Ok(profile));
        let unnamed = Restyling { name: Edit::Clear, ..Restyling::default() };
        assert_eq!(restyle(&after, unnamed), Ok(Profile::default()));
        let pair = Conversation { is_group: false, ..after };
        assert_eq!(restyle(&pair, named), Err(Refusal::GroupsOnly));
    }
}
