//! Passwords: Argon2id, off the async threads and only a few at once, since each takes 19 MiB and 30 ms.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use kit::clock::random_bytes;
use kit::error::OVERLOADED;
use kit::settings::{Secret, SettingsError};
use kit::{Error, Result};
use tokio::sync::Semaphore;

use crate::settings::PasswordSettings;

/// How long a request waits for its turn before it is 503.
const WAIT: Duration = Duration::from_secs(5);

/// Hashes and verifies passwords.
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// The hash that an unknown account is verified against, so that it takes as long as a known one.
    decoy: String,
}

impl Passwords {
    /// Ready to hash as the settings say.
    ///
    /// # Errors
    /// When Argon2 does not take them.
    pub fn new(settings: &PasswordSettings) -> std::result::Result<Self, SettingsError> {
        let wrong = |problem: String| SettingsError::at("password.memory_kib", problem);
        let params = Params::new(settings.memory_kib, Params::DEFAULT_T_COST, Params::DEFAULT_P_COST, None);
        let params = params.map_err(|error| wrong(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, &random_bytes::<32>(), &random_bytes())
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { argon2, turns: Arc::new(Semaphore::new(settings.at_once)), decoy })
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// 503 when too many wait already.
    pub async fn hash(&self, password: Secret) -> Result<String> {
        let (argon2, salt) = (self.argon2.clone(), random_bytes());
        self.in_turn(move || hash(&argon2, password.expose().as_bytes(), &salt)).await
    }

    /// Whether the password is the one of that hash. Without a hash it is not, which takes as long to tell.
    ///
    /// # Errors
    /// 503 when too many wait already; internal when the hash is none.
    pub async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool> {
        let (argon2, known) = (self.argon2.clone(), hash.is_some());
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        self.in_turn(move || Ok(verify(&argon2, password.expose().as_bytes(), &hash)? && known)).await
    }

    /// A request that waits holds no thread. The turn moves into the closure: whoever stops waiting for it keeps it.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let turn = tokio::time::timeout(WAIT, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| Error::new(&OVERLOADED).retry_after(1))?.map_err(Error::unavailable)?;
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        task.await.map_err(Error::internal)?
    }
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String> {
    let hash = argon2.hash_password_with_salt(password, salt).map_err(Error::internal)?;
    Ok(hash.to_string())
}

/// The costs are those of the hash, whatever the settings say today.
fn verify(argon2: &Argon2<'_>, password: &[u8], hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(Error::internal)?;
    match argon2.verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(Error::internal(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(&PasswordSettings { memory_kib: 8 << 10, at_once: 2 }).unwrap()
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let passwords = passwords();
        let hash = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8192,t=2,p=1$"), "{hash}");
        assert!(passwords.verify(secret("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(secret("correct horsf"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(secret("correct horse"), None).await.unwrap());
        assert!(passwords.verify(secret("x"), Some("plain".into())).await.is_err());
    }

    #[tokio::test]
    async fn the_same_password_is_hashed_differently_each_time() {
        let passwords = passwords();
        let (one, two) =
            (passwords.hash(secret("correct horse")).await, passwords.hash(secret("correct horse")).await);
        assert_ne!(one.unwrap(), two.unwrap());
    }
}
