//! The hash of an entry.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::Link;

/// What the hashes are for, and how their input is written: no other hash has an input that begins like this.
const DOMAIN: &str = "banter moderation log, version 1";

/// The SHA-256 of an entry and the hash before it. Displayed, and parsed, as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Before the first entry.
    pub const GENESIS: Self = Self([0; 32]);

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&kit::hex(&self.0))
    }
}

/// A text that is not the 64 hexadecimal digits of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHash;

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash has 64 hexadecimal digits")
    }
}

impl std::error::Error for NotAHash {}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let digits: Option<Vec<u8>> =
            text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let (pairs, rest) = digits.as_deref().ok_or(NotAHash)?.as_chunks();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        if rest.is_empty() { bytes.try_into().map(Self).map_err(|_| NotAHash) } else { Err(NotAHash) }
    }
}

/// The hash of `link` when `previous` is that of the entry before it.
///
/// Every field goes in with its length before it, so that no two entries are written alike: what moves from the end of one
/// field to the beginning of the next changes both lengths.
#[must_use]
pub fn hash(previous: &Hash, link: &Link) -> Hash {
    let Link { seq, at, actor_id, action, message_id, thread_id, reason, request_id } = link;
    let actor_id = actor_id.uuid();
    let fields: [&[u8]; 11] = [
        DOMAIN.as_bytes(),
        &previous.0,
        &seq.to_be_bytes(),
        &at.timestamp_micros().to_be_bytes(),
        actor_id.as_bytes(),
        action.name().as_bytes(),
        message_id.as_bytes(),
        thread_id.as_bytes(),
        // An empty reason is not the same as none.
        if reason.is_some() { b"because" } else { b"" },
        reason.as_deref().unwrap_or_default().as_bytes(),
        request_id.as_bytes(),
    ];
    Hash(fields.into_iter().fold(Sha256::new(), with_field).finalize().into())
}

fn with_field(written: Sha256, field: &[u8]) -> Sha256 {
    let length = u64::try_from(field.len()).unwrap_or(u64::MAX);
    written.chain_update(length.to_be_bytes()).chain_update(field)
}
