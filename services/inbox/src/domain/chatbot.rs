//! Chatbots, the tenants, and who answers for them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Refusal;
use crate::domain::ids::{ChatbotId, MemberId};

/// How many members a chatbot has at most: events name all of them and the contact, 1,000 in all.
pub const MAX_MEMBERS: i64 = 999;
/// For how many chatbots one user answers at most: every list of theirs looks at all of them.
pub const MAX_CHATBOTS: i64 = 100;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers contacts.
    Agent,
    /// Manages agents, inboxes and channels, too.
    Admin,
    /// The one whose it is: manages admins, too, and may delete it or hand it on.
    Owner,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Admin, Self::Owner];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether inboxes, channels and agents are theirs to manage.
    ///
    /// # Errors
    /// They are not.
    pub fn may_manage(self) -> Result<(), Refusal> {
        if self >= Self::Admin { Ok(()) } else { Err(Refusal::AdminsOnly) }
    }

    /// Whether the chatbot is theirs.
    ///
    /// # Errors
    /// It is not.
    pub fn may_own(self) -> Result<(), Refusal> {
        if self == Self::Owner { Ok(()) } else { Err(Refusal::OwnerOnly) }
    }
}

/// A chatbot as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chatbot {
    /// Its id.
    pub id: ChatbotId,
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub owner_id: UserId,
    /// False once it is deleted, and with it all that is its.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A member as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// For which chatbot.
    pub chatbot_id: ChatbotId,
    /// Who.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
    /// False once they left.
    pub is_active: bool,
    /// Goes up by one with each change, also through leaving and coming back.
    pub record_version: i32,
    /// When they first came.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Member {
    /// This membership after a change.
    #[must_use]
    pub fn changed(self, role: Role, is_active: bool, now: DateTime<Utc>) -> Self {
        Self { role, is_active, record_version: self.record_version + 1, updated_at: now, ..self }
    }
}

/// Whose data a request may touch: the chatbots that the caller answers for, with their role in each.
///
/// Only the store makes one, from the memberships, so whoever holds it has looked.
#[derive(Debug, Clone)]
pub struct Scope {
    user: UserId,
    roles: BTreeMap<ChatbotId, Role>,
    ids: Vec<ChatbotId>,
}

impl Scope {
    pub(crate) fn new(user: UserId, roles: BTreeMap<ChatbotId, Role>) -> Self {
        let ids = roles.keys().copied().collect();
        Self { user, roles, ids }
    }

    /// Who calls.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The chatbots.
    #[must_use]
    pub fn chatbots(&self) -> &[ChatbotId] {
        &self.ids
    }

    /// The caller's role in a chatbot.
    ///
    /// # Errors
    /// For others there is no such chatbot.
    pub fn role(&self, id: ChatbotId) -> Result<Role, Refusal> {
        self.roles.get(&id).copied().ok_or(Refusal::ChatbotNotFound)
    }

    /// The same, narrowed to some chatbots.
    ///
    /// # Errors
    /// One of them is none of the caller's.
    pub fn narrowed(self, to: &[ChatbotId]) -> Result<Self, Refusal> {
        if to.is_empty() {
            return Ok(self);
        }
        let roles = to.iter().map(|id| Ok((*id, self.role(*id)?))).collect::<Result<_, Refusal>>()?;
        Ok(Self::new(self.user, roles))
    }
}

/// Decides whether a member of `actor`'s role may give somebody who has the role `from` (nobody has one yet) the role `to`
/// (none: they go). The owner hands the chatbot on by making another its owner.
///
/// # Errors
/// They may not.
pub fn may_change(actor: Role, from: Option<Role>, to: Option<Role>) -> Result<(), Refusal> {
    if from == Some(Role::Owner) {
        return Err(Refusal::OwnerStays);
    }
    if actor == Role::Owner {
        return Ok(());
    }
    actor.may_manage()?;
    let above_agents = [from, to].into_iter().flatten().any(|role| role > Role::Agent);
    if above_agents { Err(Refusal::OwnerOnly) } else { Ok(()) }
}

/// Decides whether a member may go by themselves.
///
/// # Errors
/// The owner may not.
pub fn may_leave(role: Role) -> Result<(), Refusal> {
    if role == Role::Owner { Err(Refusal::OwnerStays) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_change_whom() {
        use Role::{Admin, Agent, Owner};
        assert_eq!(may_change(Agent, None, Some(Agent)), Err(Refusal::AdminsOnly));
        assert_eq!(may_change(Admin, None, Some(Agent)), Ok(()));
        assert_eq!(may_change(Admin, Some(Agent), None), Ok(()));
        assert_eq!(may_change(Admin, Some(Agent), Some(Admin)), Err(Refusal::OwnerOnly));
        assert_eq!(may_change(Admin, Some(Admin), None), Err(Refusal::OwnerOnly));
        assert_eq!(may_change(Owner, Some(Admin), Some(Owner)), Ok(()));
        for actor in Role::ALL {
            assert_eq!(may_change(actor, Some(Owner), None), Err(Refusal::OwnerStays));
        }
        assert_eq!((may_leave(Owner), may_leave(Admin)), (Err(Refusal::OwnerStays), Ok(())));
    }

    #[test]
    fn a_scope_knows_its_own_only() {
        let [mine, other] = [ChatbotId::draw(), ChatbotId::draw()];
        let scope = Scope::new(uuid::Uuid::nil().into(), [(mine, Role::Agent)].into());
        assert_eq!((scope.role(mine), scope.role(other)), (Ok(Role::Agent), Err(Refusal::ChatbotNotFound)));
        assert!(scope.clone().narrowed(&[other]).is_err());
        assert_eq!(scope.narrowed(&[mine]).unwrap().chatbots(), [mine]);
    }
}
