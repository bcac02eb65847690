//! How webhooks are signed, in both directions: as Standard Webhooks has it, so that its libraries verify ours.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// How far a webhook's time may be from ours.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// What secrets begin with, before their bytes in Base64.
const PREFIX: &str = "whsec_";
/// How many signatures one request may show, and how long its id is at most.
const MAX_SIGNATURES: usize = 10;
const MAX_ID: usize = 255;

/// A secret of these bytes.
#[must_use]
pub fn secret(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", BASE64.encode(bytes))
}

/// The headers of a webhook: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// What the sender calls it; the same in every try.
    pub id: &'a str,
    /// Seconds since the epoch, as they were sent.
    pub timestamp: &'a str,
    /// `v1,<Base64>`, or several with blanks between.
    pub signature: &'a str,
}

/// The signature of a body.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let mac = mac(secret, id, timestamp, body).map(|mac| mac.finalize().into_bytes());
    format!("v1,{}", BASE64.encode(mac.unwrap_or_default()))
}

/// An HMAC takes keys of any length, so there is always one.
fn mac(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let text = secret.strip_prefix(PREFIX).unwrap_or(secret);
    let key = BASE64.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}

impl Signed<'_> {
    /// Whether whoever holds the secret signed this body, within the last minutes.
    #[must_use]
    pub fn is_good(&self, secret: &str, body: &[u8], now: DateTime<Utc>) -> bool {
        let at = self.timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        let is_recent = at.is_some_and(|at| (now - at).abs() <= TOLERANCE);
        let named = !self.id.is_empty() && self.id.len() <= MAX_ID;
        is_recent && named && self.signatures().any(|signature| self.is_by(secret, &signature, body))
    }

    fn signatures(&self) -> impl Iterator<Item = Vec<u8>> {
        let given = self.signature.split(' ').take(MAX_SIGNATURES);
        given.filter_map(|text| BASE64.decode(text.strip_prefix("v1,")?).ok())
    }

    /// Compares in a time that tells nothing.
    fn is_by(&self, secret: &str, signature: &[u8], body: &[u8]) -> bool {
        mac(secret, self.id, self.timestamp, body).is_some_and(|mac| mac.verify_slice(signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn it_is_the_signature_of_standard_webhooks() {
        // The example of its own documentation.
        let (id, timestamp, body) =
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(sign(SECRET, id, timestamp, body), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret(&[1, 2, 3]), "whsec_AQID");
    }

    #[test]
    fn whatever_is_different_is_refused() {
        let now = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let (id, timestamp, body) = ("msg_1", "1614265330", b"{}");
        let good = sign(SECRET, id, timestamp, body);
        let check = |signed: Signed<'_>, body: &[u8], now| signed.is_good(SECRET, body, now);
        let signed = Signed { id, timestamp, signature: &good };
        assert!(check(signed, body, now));
        assert!(check(Signed { signature: &format!("v1a,x v1,AAAA {good}"), ..signed }, body, now));
        assert!(!check(signed, b"{} ", now));
        assert!(!check(Signed { id: "msg_2", ..signed }, body, now));
        assert!(!check(Signed { timestamp: "1614265331", ..signed }, body, now));
        assert!(!signed.is_good("whsec_AAAA", body, now));
        for wrong in ["", "v1,", "v1", "v2,AAAA", good.trim_start_matches("v1,"), "v1,====", "v1,AAAA"] {
            assert!(!check(Signed { signature: wrong, ..signed }, body, now), "{wrong}");
        }
        for minutes in [-6, 6] {
            assert!(!check(signed, body, now + TimeDelta::minutes(minutes)), "{minutes}");
        }
        for wrong in ["", "x", "-1", "99999999999999999999", "1e9"] {
            let signature = sign(SECRET, id, wrong, body);
            assert!(!check(Signed { id, timestamp: wrong, signature: &signature }, body, now), "{wrong}");
        }
    }
}
