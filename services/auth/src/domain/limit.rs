//! How many logins may fail: per account and per address, within a window that the first failure opens.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use kit::sha256;

use crate::Refusal;

/// The numbers of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Failures of one account before it is refused.
    pub account: i32,
    /// Failures from one address before it is refused.
    pub address: i32,
    /// How long after the first failure the count starts again.
    pub window: TimeDelta,
}

/// What is limited, and by how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What the table knows it by.
    pub digest: Vec<u8>,
    /// Failures before it is refused.
    pub limit: i32,
    /// `account` or `address`, for the client.
    pub kind: &'static str,
}

/// The failures of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failures {
    /// Whose.
    pub digest: Vec<u8>,
    /// How many since the window opened.
    pub count: i32,
    /// When they are forgotten.
    pub window_ends_at: DateTime<Utc>,
}

/// A login that is tried: the account that is named, known or not, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The account.
    pub account: Subject,
    /// The address.
    pub address: Subject,
    /// When.
    pub now: DateTime<Utc>,
    /// When the window closes that this attempt opens if it is the first to fail.
    pub window_ends_at: DateTime<Utc>,
}

impl Attempt {
    /// A login to the account of a normalised e-mail address.
    #[must_use]
    pub fn new(limits: &Limits, email: &str, origin: IpAddr, now: DateTime<Utc>) -> Self {
        let address = network(origin).to_string();
        Self {
            account: Subject {
                digest: sha256(&[b"account", email.as_bytes()]),
                limit: limits.account,
                kind: "account",
            },
            address: Subject {
                digest: sha256(&[b"address", address.as_bytes()]),
                limit: limits.address,
                kind: "address",
            },
            now,
            window_ends_at: now + limits.window,
        }
    }

    /// Decides whether it may be tried, given the failures so far.
    ///
    /// # Errors
    /// Too many failed, of the account or from the address.
    pub fn admit(&self, failures: &[Failures]) -> Result<(), Refusal> {
        [&self.account, &self.address]
            .into_iter()
            .try_for_each(|subject| self.admit_subject(subject, failures))
    }

    fn admit_subject(&self, subject: &Subject, failures: &[Failures]) -> Result<(), Refusal> {
        let spent = failures.iter().find(|it| {
            it.digest == subject.digest && it.count >= subject.limit && it.window_ends_at > self.now
        });
        spent.map_or(Ok(()), |it| {
            let left = (it.window_ends_at - self.now).num_milliseconds();
            // Rounded up, so that whoever waits that long is not refused again.
            let retry_after = u64::try_from(left).unwrap_or(0).div_ceil(1_000);
            Err(Refusal::TooManyFailedLogins { kind: subject.kind, limit: subject.limit, retry_after })
        })
    }
}

/// What one customer of a network holds: one IPv4 address, or an IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { account: 3, address: 5, window: TimeDelta::minutes(15) };

    fn attempt() -> Attempt {
        Attempt::new(&LIMITS, "ada@example.com", "192.0.2.1".parse().unwrap(), DateTime::UNIX_EPOCH)
    }

    fn failed(digest: &[u8], count: i32, after: TimeDelta) -> Failures {
        Failures { digest: digest.to_vec(), count, window_ends_at: DateTime::UNIX_EPOCH + after }
    }

    #[test]
    fn the_limit_is_the_last_that_may_fail() {
        let attempt = attempt();
        let account = attempt.account.digest.clone();
        assert_eq!(attempt.admit(&[failed(&account, 2, TimeDelta::minutes(1))]), Ok(()));
        let refusal = attempt.admit(&[failed(&account, 3, TimeDelta::milliseconds(1_001))]);
        assert_eq!(refusal, Err(Refusal::TooManyFailedLogins { kind: "account", limit: 3, retry_after: 2 }));
    }

    #[test]
    fn a_window_that_is_over_counts_for_nothing() {
        let attempt = attempt();
        assert_eq!(attempt.admit(&[failed(&attempt.account.digest, 99, TimeDelta::zero())]), Ok(()));
    }

    #[test]
    fn addresses_have_a_limit_of_their_own() {
        let attempt = attempt();
        let failures = |count| [failed(&attempt.address.digest, count, TimeDelta::minutes(1))];
        assert_eq!(attempt.admit(&failures(4)), Ok(()));
        assert!(attempt.admit(&failures(5)).is_err());
    }

    #[test]
    fn a_network_of_one_customer_is_one_address() {
        let of = |text: &str| {
            Attempt::new(&LIMITS, "", text.parse().unwrap(), DateTime::UNIX_EPOCH).address.digest
        };
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
