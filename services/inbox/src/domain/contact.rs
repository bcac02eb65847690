//! Contacts: who writes in.

use chrono::{DateTime, Utc};

use crate::domain::ids::{ChatbotId, ContactId};

/// A contact as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Their id.
    pub id: ContactId,
    /// Whose contact.
    pub chatbot_id: ChatbotId,
    /// What can change of them.
    pub card: Card,
    /// Whether the identifier was proven by a signature.
    pub is_verified: bool,
    /// False once they are deleted.
    pub is_active: bool,
    /// Goes up by one with each change.
    pub record_version: i32,
    /// When they first came.
    pub created_at: DateTime<Utc>,
    /// When they last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is known of a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// What to call them.
    pub name: Option<String>,
    /// Where they get e-mail, as somebody said: it proves nothing.
    pub email: Option<String>,
    /// Where they are called.
    pub phone: Option<String>,
    /// The URL of their picture.
    pub avatar: Option<String>,
    /// The company's own name for them.
    pub identifier: Option<String>,
}

impl Card {
    /// The text that a search looks through.
    #[must_use]
    pub fn text(&self) -> String {
        let parts = [&self.name, &self.email, &self.phone, &self.identifier];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl Contact {
    /// Somebody new.
    #[must_use]
    pub fn new(id: ContactId, chatbot_id: ChatbotId, card: Card, now: DateTime<Utc>) -> Self {
        Self {
            id,
            chatbot_id,
            card,
            is_verified: false,
            is_active: true,
            record_version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The contact with another card; the same where nothing is different.
    #[must_use]
    pub fn changed(self, card: Card, now: DateTime<Utc>) -> Self {
        if card == self.card {
            return self;
        }
        Self { card, record_version: self.record_version + 1, updated_at: now, ..self }
    }

    /// The contact after their deletion: nothing of what was known of them stays.
    #[must_use]
    pub fn erased(self, now: DateTime<Utc>) -> Self {
        let record_version = self.record_version + 1;
        let (card, is_active, is_verified) = (Card::default(), false, false);
        Self { card, is_active, is_verified, record_version, updated_at: now, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_is_none_changes_nothing() {
        let (id, chatbot, now) = (ContactId::draw(), ChatbotId::draw(), DateTime::UNIX_EPOCH);
        let mia = Contact::new(id, chatbot, Card { name: Some("Mia".into()), ..Card::default() }, now);
        assert_eq!(mia.clone().changed(mia.card.clone(), now).record_version, 1);
        let erased = mia.erased(now);
        assert_eq!((erased.card, erased.is_active, erased.record_version), (Card::default(), false, 2));
    }
}
