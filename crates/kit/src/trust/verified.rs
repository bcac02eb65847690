//! Tokens that were verified: a signature costs as much to check as the rest of a request, and a token comes again and
//! again.
//!
//! Only digests are kept, of tokens whose signature, issuer, audience and use were good. When a token ends is told by the
//! token itself, and looked at every time. Keys that change end what they have vouched for.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::Use;
use crate::digest::sha256;

/// The most tokens of a generation; two are kept, some 2 MB.
const GENERATION: usize = 1 << 14;

/// What tells a token with the use that it was verified for.
pub(super) type Fingerprint = Vec<u8>;

/// The tokens that were verified lately. Full, the young generation becomes the old one, and the old one is forgotten.
#[derive(Default)]
pub(super) struct Verified(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashSet<Fingerprint>,
    old: HashSet<Fingerprint>,
    epoch: u64,
}

/// What holds at a moment, so that nothing is kept that was verified with keys of before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch(u64);

impl Verified {
    /// What a token is known by.
    pub(super) fn fingerprint(token: &str, typ: Use) -> Fingerprint {
        sha256(&[typ.name().as_bytes(), token.as_bytes()])
    }

    /// Whether it was verified, or the moment in which it was not.
    pub(super) fn look_up(&self, token: &Fingerprint) -> Result<(), Epoch> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.young.contains(token) {
            return Ok(());
        }
        // Who still comes stays.
        match generations.old.take(token) {
            Some(token) => {
                generations.keep(token);
                Ok(())
            }
            None => Err(Epoch(generations.epoch)),
        }
    }

    /// Keeps one that was verified since that moment.
    pub(super) fn keep(&self, token: Fingerprint, since: Epoch) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if since == Epoch(generations.epoch) {
            generations.keep(token);
        }
    }

    /// Forgets all.
    pub(super) fn forget(&self) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *generations = Generations { epoch: generations.epoch + 1, ..Generations::default() };
    }
}

impl Generations {
    fn keep(&mut self, token: Fingerprint) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(verified: &Verified, token: &str) -> bool {
        verified.look_up(&Verified::fingerprint(token, Use::Access)).is_ok()
    }

    fn keep(verified: &Verified, token: &str) {
        let token = Verified::fingerprint(token, Use::Access);
        let epoch = verified.look_up(&token).unwrap_err();
        verified.keep(token, epoch);
    }

    #[test]
    fn a_token_is_known_for_the_use_that_it_was_verified_for() {
        let verified = Verified::default();
        keep(&verified, "a");
        assert!(known(&verified, "a") && !known(&verified, "b"));
        assert!(verified.look_up(&Verified::fingerprint("a", Use::Service)).is_err());
    }

    #[test]
    fn what_keys_of_before_vouched_for_is_not_kept() {
        let verified = Verified::default();
        keep(&verified, "a");
        let token = Verified::fingerprint("b", Use::Access);
        let before = verified.look_up(&token).unwrap_err();
        verified.forget();
        verified.keep(token, before);
        assert!(!known(&verified, "a") && !known(&verified, "b"));
    }

    #[test]
    fn it_is_bounded_and_who_comes_again_stays() {
        let verified = Verified::default();
        keep(&verified, "again");
        for number in 0..3 * GENERATION {
            keep(&verified, &number.to_string());
            assert!(known(&verified, "again"));
        }
        let held = verified.0.lock().unwrap();
        assert!(held.young.len() + held.old.len() <= 2 * GENERATION);
    }
}
