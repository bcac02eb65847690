//! Ids that follow from what they stand for: uniqueness without a look-up, and nobody outside can compute them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::settings::{Secret, SettingsError};

/// Shorter secrets are refused, in characters.
const SHORTEST: usize = 32;

/// Makes `UUIDv8`s by an HMAC under a secret of the deployment: the same parts give the same id, in any replica.
#[derive(Clone)]
pub struct KeyedIds(Hmac<Sha256>);

impl KeyedIds {
    /// The ids under the secret that stands at `path` in the settings.
    ///
    /// # Errors
    /// When the secret is shorter than 32 characters.
    pub fn new(secret: &Secret, path: &str) -> Result<Self, SettingsError> {
        if secret.expose().chars().count() < SHORTEST {
            return Err(SettingsError::at(path, format!("must have at least {SHORTEST} characters")));
        }
        let key = Hmac::new_from_slice(secret.expose().as_bytes());
        key.map(Self).map_err(|error| SettingsError::at(path, error.to_string()))
    }

    /// The id of these things, whatever their order.
    #[must_use]
    pub fn of_set<I: From<Uuid>>(&self, things: &[Uuid]) -> I {
        let mut things = things.to_vec();
        things.sort_unstable();
        let mut mac = self.0.clone();
        for thing in &things {
            mac.update(thing.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let mut bytes = [0; 16];
        for (byte, digest) in bytes.iter_mut().zip(digest) {
            *byte = digest;
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;

    fn ids(secret: &str) -> KeyedIds {
        KeyedIds::new(&Secret::new(secret), "pairs.secret").unwrap()
    }

    #[test]
    fn the_order_does_not_count_and_the_secret_does() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (one, other) =
            (ids("a secret of at least 32 characters"), ids("another one, also long enough, yes"));
        assert_eq!(one.of_set::<UserId>(&[a, b]), one.of_set::<UserId>(&[b, a]));
        assert_ne!(one.of_set::<UserId>(&[a, b]), other.of_set::<UserId>(&[a, b]));
        assert_eq!(one.of_set::<UserId>(&[a, b]).uuid().get_version_num(), 8);
    }

    #[test]
    fn a_short_secret_is_refused_by_name() {
        let error = KeyedIds::new(&Secret::new("short"), "pairs.secret").err().unwrap();
        assert_eq!(error.variable, "BANTER__PAIRS__SECRET");
    }
}
