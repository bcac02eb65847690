//! The secrets of one stack: made at random when it first starts, kept in its home for its owner's eyes only.

use std::collections::BTreeMap;

use kit::clock::random_bytes;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::home::Home;

const FILE: &str = "secrets.json";
/// Letters and digits that are not mistaken for one another; 32 of them, so that a byte maps without bias.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// Passwords and keys by name, such as `postgres`, `role/auth`, `demo/ada`.
#[derive(Clone, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub(crate) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Reads a home's secrets, adding those of `names` that it lacks.
    pub(crate) fn ensure(home: &Home, names: impl IntoIterator<Item = String>) -> Result<Self> {
        let mut secrets: Self = home.read(FILE).unwrap_or_default();
        let known = secrets.0.len();
        for name in names {
            let fresh = if name.starts_with("demo/") { typeable_password() } else { password::<32>() };
            secrets.0.entry(name).or_insert(fresh);
        }
        if secrets.0.len() > known {
            home.write(FILE, &secrets)?;
        }
        Ok(secrets)
    }

    /// A secret by name; empty when there is none, which no server accepts.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// A random text of so many characters, five bits of chance in each.
pub(crate) fn password<const LENGTH: usize>() -> String {
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
    random_bytes::<LENGTH>().iter().filter_map(letter).collect()
}

/// A password that a person types: 60 bits of chance in three groups.
fn typeable_password() -> String {
    format!("{}-{}-{}", password::<4>(), password::<4>(), password::<4>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_as_long_as_asked_and_differ() {
        let (one, two) = (password::<32>(), password::<32>());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
    }
}
