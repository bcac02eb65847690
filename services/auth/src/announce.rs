//! What auth tells the other services, in the transaction that changes the state.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use events::auth::{SessionRevoked, User as Told, UserCreated, UserDeleted, UserUpdated};
use events::{Announcement, Payload};
use kit::clock::uuid_v7;
use kit::{SessionId, Tx, UserId};

use crate::domain::user::User;

/// When something happens, and for which request.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Now.
    pub now: DateTime<Utc>,
    /// The request; an operator's command has none.
    pub request_id: String,
}

impl Occasion {
    /// Somebody registered.
    ///
    /// # Errors
    /// What Postgres says; so below.
    pub fn user_created(&self, tx: &mut Tx<'_>, user: &User) -> QueryResult<()> {
        self.tell(tx, user.id, user.id.to_string(), UserCreated { user: told(user) })
    }

    /// A user changed.
    ///
    /// # Errors
    /// As above.
    pub fn user_updated(&self, tx: &mut Tx<'_>, user: &User) -> QueryResult<()> {
        self.tell(tx, user.id, user.id.to_string(), UserUpdated { user: told(user) })
    }

    /// A user was deleted.
    ///
    /// # Errors
    /// As above.
    pub fn user_deleted(&self, tx: &mut Tx<'_>, user: &User) -> QueryResult<()> {
        self.tell(tx, user.id, user.id.to_string(), UserDeleted { user: told(user) })
    }

    /// A session ended before its time.
    ///
    /// # Errors
    /// As above.
    pub fn session_revoked(
        &self,
        tx: &mut Tx<'_>,
        user_id: UserId,
        session_id: SessionId,
    ) -> QueryResult<()> {
        self.tell(tx, user_id, session_id.to_string(), SessionRevoked { session_id, user_id })
    }

    fn tell<P: Payload>(&self, tx: &mut Tx<'_>, whom: UserId, subject: String, data: P) -> QueryResult<()> {
        let announcement = Announcement {
            id: uuid_v7(self.now),
            time: self.now,
            request_id: self.request_id.clone(),
            subject,
            recipients: vec![whom.into()],
            data,
        };
        events::enqueue(tx, &announcement)
    }
}

/// A user as the other services may know them: without the e-mail address.
fn told(user: &User) -> Told {
    let user = user.clone();
    Told {
        id: user.id,
        fullname: user.fullname,
        avatar: user.avatar,
        role: user.role,
        timezone: user.timezone,
        is_active: user.is_active,
        record_version: user.record_version,
        created_at: user.created_at,
        updated_at: user.updated_at,
    }
}
