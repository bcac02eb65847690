//! Refresh tokens: 32 random bytes that only their holder has. The service keeps their SHA-256.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kit::sha256;

const BYTES: usize = 32;

/// A refresh token. It prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(Vec<u8>);

impl RefreshToken {
    /// The token made of these bytes.
    #[must_use]
    pub fn new(random: [u8; BYTES]) -> Self {
        Self(random.to_vec())
    }

    /// The token that a client shows; nothing when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == BYTES).then_some(Self(bytes))
    }

    /// What the client gets.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// What the database keeps. The token is random enough for a bare hash.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        sha256(&[b"refresh token", &self.0])
    }

    /// The one token that follows this one: whoever shows this one twice gets the same, and nobody else can compute it
    /// from what the database holds.
    #[must_use]
    pub fn successor(&self, seed: &[u8]) -> Self {
        Self(sha256(&[b"refresh token successor", &self.0, seed]))
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_to_the_client_and_back() {
        let token = RefreshToken::new([7; BYTES]);
        assert_eq!(RefreshToken::parse(&token.expose()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "***");
        for bad in ["", "a", "====", &token.expose()[1..], &format!("{}A", token.expose())] {
            assert_eq!(RefreshToken::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn has_one_successor_a_seed() {
        let token = RefreshToken::new([7; BYTES]);
        assert_eq!(token.successor(b"seed"), token.successor(b"seed"));
        assert_ne!(token.successor(b"seed"), token.successor(b"other"));
        assert_ne!(token.successor(b"seed"), RefreshToken::new([8; BYTES]).successor(b"seed"));
        assert_ne!(token.successor(b"seed").digest(), token.digest());
    }
}
