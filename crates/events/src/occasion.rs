//! When something happens, and under which id it is told.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use kit::clock::uuid_v7;
use kit::{App, Call, Tx, UserId};
use uuid::Uuid;

use crate::{Announcement, Payload, Recipient, enqueue};

/// When something happens, and under which id it is told: drawn before the transaction, which may run twice.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Now.
    pub now: DateTime<Utc>,
    event_id: Uuid,
    request_id: String,
}

impl Occasion {
    /// As many occasions as a request may tell of.
    #[must_use]
    pub fn draw<const N: usize>(app: &App, call: &Call) -> [Self; N] {
        let now = app.now();
        std::array::from_fn(|_| Self::at(now, call.request_id()))
    }

    /// An occasion in the course of the request, job or command of that name.
    #[must_use]
    pub fn at(now: DateTime<Utc>, request_id: &str) -> Self {
        Self { now, event_id: uuid_v7(now), request_id: request_id.to_owned() }
    }

    /// Tells `data` about a thing to some people.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn tell<P: Payload>(
        &self,
        tx: &mut Tx<'_>,
        about: impl Display,
        to: &[UserId],
        data: P,
    ) -> QueryResult<()> {
        self.tell_all(tx, about, to.iter().copied().map(Recipient::User).collect(), data)
    }

    /// Tells `data` about a thing to users and contacts.
    ///
    /// # Errors
    /// What Postgres says.
    pub fn tell_all<P: Payload>(
        &self,
        tx: &mut Tx<'_>,
        about: impl Display,
        recipients: Vec<Recipient>,
        data: P,
    ) -> QueryResult<()> {
        let announcement = Announcement {
            id: self.event_id,
            time: self.now,
            request_id: self.request_id.clone(),
            subject: about.to_string(),
            recipients,
            data,
        };
        enqueue(tx, &announcement)
    }
}
