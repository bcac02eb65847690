//! Whom an event concerns.

use std::fmt;
use std::str::FromStr;

use kit::UserId;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Somebody whom an event concerns, as it stands in `recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// `user:<id>`.
    User(UserId),
    /// `contact:<id>`: a visitor of a web widget.
    Contact(String),
}

/// The text is neither `user:<id>` nor `contact:<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotARecipient;

impl fmt::Display for NotARecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither user:<id> nor contact:<id>")
    }
}

impl std::error::Error for NotARecipient {}

impl From<UserId> for Recipient {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Contact(id) => write!(f, "contact:{id}"),
        }
    }
}

impl FromStr for Recipient {
    type Err = NotARecipient;

    fn from_str(text: &str) -> Result<Self, NotARecipient> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(|_| NotARecipient),
            Some(("contact", id)) if !id.is_empty() => Ok(Self::Contact(id.to_owned())),
            _ => Err(NotARecipient),
        }
    }
}

impl Serialize for Recipient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Recipient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        for text in ["user:018f2f6e-7c1a-7abc-8def-0123456789ab", "contact:ckq3x0w7f0000"] {
            assert_eq!(text.parse::<Recipient>().unwrap().to_string(), text);
        }
        for bad in ["", "user:", "user:ada", "contact:", "group:1", "018f2f6e-7c1a-7abc-8def-0123456789ab"] {
            assert_eq!(bad.parse::<Recipient>(), Err(NotARecipient), "{bad}");
        }
    }
}
