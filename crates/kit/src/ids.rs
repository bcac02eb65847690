//! Typed ids: one newtype per kind of thing, nearly always over [`uuid::Uuid`], so that they cannot be mixed up.

use std::fmt;

/// What every typed id can do: a UUID ([`crate::typed_id!`]), or what a service has instead.
pub trait Id: Copy + std::str::FromStr<Err = ParseIdError> {
    /// The type of its columns.
    type Sql: 'static;
}

/// The text is not an id of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id")
    }
}

impl std::error::Error for ParseIdError {}

/// Declares a typed id: a UUID of any version on the way in, hyphenated lower case on the way out, `uuid` in Postgres.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow, utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> uuid::Uuid { self.0 }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self { Self(uuid) }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseIdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // Only the two usual spellings: no braces, no `urn:`.
                let usual = matches!(text.len(), 32 | 36);
                let uuid = usual.then(|| uuid::Uuid::try_parse(text).ok()).flatten();
                uuid.map(Self).ok_or($crate::ParseIdError)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                diesel::serialize::ToSql::<diesel::sql_types::Uuid, diesel::pg::Pg>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                diesel::deserialize::FromSql::<diesel::sql_types::Uuid, diesel::pg::Pg>::from_sql(value).map(Self)
            }
        }

        impl $crate::Id for $name {
            type Sql = diesel::sql_types::Uuid;
        }
    };
}

typed_id!(
    /// A user of the deployment, as auth knows them.
    UserId
);
typed_id!(
    /// A login: what a refresh token family and a logout belong to.
    SessionId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_any_version_and_only_uuids() {
        assert!("018f2f6e-7c1a-7abc-8def-0123456789ab".parse::<UserId>().is_ok());
        assert!("018F2F6E7C1A7ABC8DEF0123456789AB".parse::<UserId>().is_ok());
        for bad in [
            "",
            "1",
            "null",
            "{018f2f6e-7c1a-7abc-8def-0123456789ab}",
            "018f2f6e-7c1a-7abc-8def-0123456789aX",
        ] {
            assert_eq!(bad.parse::<UserId>(), Err(ParseIdError), "{bad}");
        }
    }
}
