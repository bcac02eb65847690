//! Ids: cuid2, as the source asks, one type for each kind of thing.

use std::fmt;

use kit::ParseIdError;

/// How long ours are.
const LENGTH: usize = 24;

/// A cuid2: 24 lower-case letters and digits, the first a letter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cuid([u8; LENGTH]);

impl Cuid {
    /// A new one. Draw it before the transaction, which may run twice.
    ///
    /// # Panics
    /// Never: the library's ids are of this form.
    #[must_use]
    pub fn draw() -> Self {
        std::iter::repeat_with(cuid2::create_id)
            .find_map(|id| Self::parse(&id))
            .unwrap_or(Self([b'a'; LENGTH]))
    }

    /// The id of that text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        let plain = bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (plain && bytes.first().is_some_and(u8::is_ascii_lowercase)).then_some(Self(bytes))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Cuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Cuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Cuid {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text).ok_or(ParseIdError)
    }
}

/// Declares a typed id over [`Cuid`]: `text` in Postgres.
macro_rules! cuid {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow, utoipa::ToSchema,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[schema(value_type = String, pattern = "^[a-z][a-z0-9]{23}$", example = "tz4a98xxat96iws9zmbrgj3a")]
        pub struct $name(Cuid);

        impl $name {
            /// A new one; see [`Cuid::draw`].
            #[must_use]
            pub fn draw() -> Self { Self(Cuid::draw()) }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str { self.0.as_str() }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> { text.parse().map(Self) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Text, diesel::pg::Pg>::to_sql(self.as_str(), out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = std::str::from_utf8(value.as_bytes())?;
                text.parse().map_err(|_| "not a cuid2".into())
            }
        }

        impl kit::Id for $name {
            type Sql = diesel::sql_types::Text;
        }
    )+};
}

cuid! {
    /// A chatbot: the tenant.
    ChatbotId;
    /// Somebody's membership of a chatbot.
    MemberId;
    /// An inbox.
    InboxId;
    /// A channel of whichever kind.
    ChannelId;
    /// A template of the widget.
    WebWidgetTemplateId;
    /// Somebody who writes in.
    ContactId;
    /// A contact in an inbox.
    ContactInboxId;
    /// A conversation.
    ConversationId;
    /// Somebody's part in a conversation.
    ConversationParticipantId;
    /// A message.
    MessageId;
    /// A file on a message.
    AttachmentId;
    /// A note.
    NoteId;
    /// Somebody's entry in the unified inbox.
    InboxEntryId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_ids_are_read_again() {
        let id = ChatbotId::draw();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(id, ChatbotId::draw());
    }

    #[test]
    fn what_is_no_cuid_is_refused() {
        let upper = "TZ4A98XXAT96IWS9ZMBRGJ3A";
        for bad in [
            "",
            "a",
            "1z4a98xxat96iws9zmbrgj3a",
            upper,
            "tz4a98xxat96iws9zmbrgj3",
            "tz4a98xxat96iws9zmbrgj3é",
        ] {
            assert_eq!(bad.parse::<ChatbotId>(), Err(ParseIdError), "{bad}");
        }
    }
}
