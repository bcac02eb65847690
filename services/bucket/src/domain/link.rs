//! Links that let whoever has them read one file for some minutes.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kit::settings::{Secret, SettingsError};
use sha2::Sha256;

use crate::Refusal;
use crate::domain::file::FileId;

/// Shorter secrets are refused, in characters.
const SHORTEST: usize = 32;

/// Signs links, and knows its own.
#[derive(Clone)]
pub struct LinkKey {
    mac: Hmac<Sha256>,
    environment: String,
}

impl LinkKey {
    /// The key of an environment.
    ///
    /// # Errors
    /// When the secret is shorter than 32 characters.
    pub fn new(secret: &Secret, environment: &str) -> Result<Self, SettingsError> {
        let wrong = |problem: String| SettingsError::at("links.secret", problem);
        if secret.expose().chars().count() < SHORTEST {
            return Err(wrong(format!("must have at least {SHORTEST} characters")));
        }
        let mac =
            Hmac::new_from_slice(secret.expose().as_bytes()).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { mac, environment: environment.to_owned() })
    }

    /// What a link to the file says that is good until then.
    #[must_use]
    pub fn sign(&self, file: FileId, until: DateTime<Utc>) -> String {
        kit::hex(&self.mac_of(file, until.timestamp()).finalize().into_bytes())
    }

    /// Whether a link to the file is ours and still good. `until` is in seconds since the epoch.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(
        &self,
        file: FileId,
        until: i64,
        signature: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let signature = unhex(signature).ok_or(Refusal::BadLink)?;
        self.mac_of(file, until).verify_slice(&signature).map_err(|_| Refusal::BadLink)?;
        if until < now.timestamp() { Err(Refusal::BadLink) } else { Ok(()) }
    }

    fn mac_of(&self, file: FileId, until: i64) -> Hmac<Sha256> {
        self.mac.clone().chain_update(format!("{} {file} {until}", self.environment))
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kit::{Clock as _, SystemClock};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_link_is_good_for_one_file_in_one_environment_for_a_while() {
        let key = |environment| LinkKey::new(&Secret::new("a secret of at least 32 characters"), environment);
        let (key, elsewhere) = (key("test").unwrap(), key("staging").unwrap());
        let (file, other) = (FileId::from(Uuid::from_u128(1)), FileId::from(Uuid::from_u128(2)));
        let now = SystemClock.now();
        let (until, later) = (now + TimeDelta::minutes(5), now + TimeDelta::minutes(6));
        let signature = key.sign(file, until);
        let end = until.timestamp();
        assert_eq!(key.check(file, end, &signature, now), Ok(()));
        for wrong in [
            key.check(other, end, &signature, now),
            key.check(file, end + 60, &signature, now),
            key.check(file, end, &signature, later),
            key.check(file, end, &signature[2..], now),
            key.check(file, end, "zz", now),
            key.check(file, end, "", now),
            elsewhere.check(file, end, &signature, now),
        ] {
            assert_eq!(wrong, Err(Refusal::BadLink));
        }
        assert!(LinkKey::new(&Secret::new("short"), "test").is_err());
    }
}
