//! Users: who they are, and who may change what of whom.

use chrono::{DateTime, Utc};
use kit::{Role, UserId};

use crate::Refusal;

/// A user who can log in. The password is not part of it, so that it cannot slip into an answer, an event or a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// What they log in with, trimmed and in lower case. For themselves and the staff only.
    pub email: String,
    /// The name that others see, 1 to 100 characters.
    pub fullname: String,
    /// The http(s) address of a picture.
    pub avatar: Option<String>,
    /// The IANA name of their time zone.
    pub timezone: Option<String>,
    /// The rank.
    pub role: Role,
    /// False once they are deleted.
    pub is_active: bool,
    /// From 1, up by one with every change.
    pub record_version: i32,
    /// When they registered.
    pub created_at: DateTime<Utc>,
    /// When their record version went up last.
    pub updated_at: DateTime<Utc>,
}

/// What a new user says about themselves, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Normalised.
    pub email: String,
    /// 1 to 100 characters.
    pub fullname: String,
    /// The http(s) address of a picture.
    pub avatar: Option<String>,
    /// The IANA name of a time zone.
    pub timezone: Option<String>,
}

/// What is to change, checked; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// A new name.
    pub fullname: Option<String>,
    /// A new picture, or none.
    pub avatar: Option<Option<String>>,
    /// A new time zone, or none.
    pub timezone: Option<Option<String>>,
    /// A new rank.
    pub role: Option<Role>,
    /// A new password, which is not part of a [`User`].
    pub password: bool,
}

impl Registration {
    /// The user that it makes: of the lowest rank, whatever was asked for.
    #[must_use]
    pub fn accept(self, id: UserId, now: DateTime<Utc>) -> User {
        let Self { email, fullname, avatar, timezone } = self;
        User {
            id,
            email,
            fullname,
            avatar,
            timezone,
            role: Role::User,
            is_active: true,
            record_version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

impl User {
    /// Admins manage users below their own rank, and nobody else does.
    fn manages(&self, other: &Self) -> bool {
        self.role.is_admin() && self.role > other.role
    }

    fn changed(self, now: DateTime<Utc>) -> Self {
        Self { record_version: self.record_version + 1, updated_at: now, ..self }
    }

    /// The user after an operator gave them a rank; nothing when they have it already.
    #[must_use]
    pub fn ranked(&self, role: Role, now: DateTime<Utc>) -> Option<Self> {
        (self.role != role).then(|| Self { role, ..self.clone() }.changed(now))
    }
}

/// Decides on a change of `target` by `actor`: the user after it, or nothing when it changes nothing.
///
/// # Errors
/// Profiles and passwords are their user's own; ranks are given by admins, below their own, to users below their own.
pub fn update(
    actor: &User,
    target: &User,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Option<User>, Refusal> {
    let own = actor.id == target.id;
    if !own && !actor.manages(target) {
        return Err(Refusal::NotAllowed);
    }
    let after = change.applied_to(target.clone());
    let others_profile = !own && (change.password || User { role: target.role, ..after.clone() } != *target);
    let promotes = after.role != target.role && (own || after.role >= actor.role);
    if others_profile || promotes {
        return Err(Refusal::NotAllowed);
    }
    Ok((change.password || after != *target).then(|| after.changed(now)))
}

impl Change {
    fn applied_to(&self, user: User) -> User {
        let change = self.clone();
        User {
            fullname: change.fullname.unwrap_or(user.fullname),
            avatar: change.avatar.unwrap_or(user.avatar),
            timezone: change.timezone.unwrap_or(user.timezone),
            role: change.role.unwrap_or(user.role),
            ..user
        }
    }
}

/// Decides on the deletion of `target` by `actor`: what is left of the user.
///
/// # Errors
/// Users delete themselves; admins delete users below their own rank.
pub fn delete(actor: &User, target: &User, now: DateTime<Utc>) -> Result<User, Refusal> {
    if actor.id != target.id && !actor.manages(target) {
        return Err(Refusal::NotAllowed);
    }
    Ok(User { is_active: false, ..target.clone() }.changed(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn user(id: u128, role: Role) -> User {
        let registration = Registration {
            email: format!("{id}@example.com"),
            fullname: "Ada".into(),
            avatar: None,
            timezone: None,
        };
        User { role, ..registration.accept(uuid::Uuid::from_u128(id).into(), NOW) }
    }

    fn to_role(role: Role) -> Change {
        Change { role: Some(role), ..Change::default() }
    }

    fn renamed() -> Change {
        Change { fullname: Some("Bob".into()), ..Change::default() }
    }

    #[test]
    fn everybody_starts_at_the_bottom() {
        let registration =
            Registration { email: "a@b.c".into(), fullname: "A".into(), avatar: None, timezone: None };
        let user = registration.accept(uuid::Uuid::nil().into(), NOW);
        assert_eq!((user.role, user.record_version, user.is_active), (Role::User, 1, true));
    }

    #[test]
    fn ranks_are_given_below_ones_own_to_those_below() {
        for actor in Role::ALL {
            for target in Role::ALL {
                for role in Role::ALL.into_iter().filter(|role| *role != target) {
                    let done = update(&user(1, actor), &user(2, target), &to_role(role), NOW);
                    let allowed = actor >= Role::Admin && target < actor && role < actor;
                    assert_eq!(done.is_ok(), allowed, "{actor:?} makes a {target:?} a {role:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_ranks_themselves() {
        for own in Role::ALL {
            for role in Role::ALL {
                let done = update(&user(1, own), &user(1, own), &to_role(role), NOW);
                assert_eq!(done.is_ok(), role == own, "{own:?} to {role:?}");
            }
        }
    }

    #[test]
    fn a_profile_is_ones_own() {
        let (own, other) = (user(1, Role::User), user(2, Role::SaasAdmin));
        let after = update(&own, &own, &renamed(), NOW).unwrap().unwrap();
        assert_eq!((after.fullname.as_str(), after.record_version), ("Bob", 2));
        assert_eq!(update(&other, &own, &renamed(), NOW), Err(Refusal::NotAllowed));
        let password = Change { password: true, ..Change::default() };
        assert_eq!(update(&other, &own, &password, NOW), Err(Refusal::NotAllowed));
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let own = user(1, Role::User);
        let same = Change { fullname: Some("Ada".into()), role: Some(Role::User), ..Change::default() };
        assert_eq!(update(&own, &own, &same, NOW), Ok(None));
        assert_eq!(update(&user(2, Role::User), &own, &Change::default(), NOW), Err(Refusal::NotAllowed));
        assert_eq!(own.ranked(Role::User, NOW), None);
    }

    #[test]
    fn users_delete_themselves_and_admins_those_below() {
        for actor in Role::ALL {
            assert!(delete(&user(1, actor), &user(1, actor), NOW).is_ok());
            for target in Role::ALL {
                let allowed = actor >= Role::Admin && target < actor;
                assert_eq!(
                    delete(&user(1, actor), &user(2, target), NOW).is_ok(),
                    allowed,
                    "{actor:?} {target:?}"
                );
            }
        }
        let gone = delete(&user(1, Role::User), &user(1, Role::User), NOW).unwrap();
        assert_eq!((gone.is_active, gone.record_version), (false, 2));
    }
}
