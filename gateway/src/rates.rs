//! How often a client may call: with one token, from one address, and more strictly where passwords are tried.
//!
//! What the limits remember is bounded: those who are limited share [`SLOTS`] buckets, by a hash under a seed that
//! nobody knows. Two may meet in one bucket by chance, which their burst forgives; nobody can seek another's out.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::HttpRequest;
use actix_web::http::Method;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use kit::{Error, Result, access_token};

use crate::codes::TOO_MANY_REQUESTS;
use crate::routes;
use crate::settings::{Limits, RateSettings};

/// The most buckets of one limit: some 6 MB.
const SLOTS: u64 = 1 << 18;
/// After how many requests buckets that are full again are forgotten.
const SWEEP: u32 = 4_096;

/// All limits on how often.
#[derive(Debug)]
pub(crate) struct Rates {
    address: Rate,
    sign_in: Rate,
    user: Rate,
}

impl Rates {
    pub(crate) fn new(limits: Limits) -> Self {
        let rate = |settings| Rate::new(settings, DefaultClock::default());
        Self { address: rate(limits.address()), sign_in: rate(limits.sign_in()), user: rate(limits.user()) }
    }

    /// Refuses what comes too often.
    ///
    /// The token is not verified: its bucket is that of these very bytes, so that a forged one exhausts nobody else's.
    pub(crate) fn check(&self, request: &HttpRequest, client: IpAddr) -> Result<()> {
        let client = network(client);
        self.address.check(&client)?;
        if signs_in(request) {
            self.sign_in.check(&client)?;
        }
        access_token(request.headers()).map_or(Ok(()), |token| self.user.check(token))
    }
}

/// Every POST to auth: telling them apart by path would take a router's rules of what an encoded path means.
fn signs_in(request: &HttpRequest) -> bool {
    let to_auth = || routes::find(request.path()).is_some_and(|(route, _)| route.service == "auth");
    request.method() == Method::POST && to_auth()
}

/// Whose address it is: one customer has at least a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

type Buckets<C> = RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One limit, for each of whom it counts.
#[derive(Debug)]
struct Rate<C: Clock = DefaultClock> {
    settings: RateSettings,
    /// None when it is switched off.
    buckets: Option<Buckets<C>>,
    seed: RandomState,
    checks: AtomicU32,
}

impl<C: Clock> Rate<C> {
    fn new(settings: RateSettings, clock: C) -> Self {
        let figures = NonZeroU32::new(settings.per_second).zip(NonZeroU32::new(settings.burst));
        let buckets = figures.filter(|_| settings.enabled).map(|(per_second, burst)| {
            RateLimiter::hashmap_with_clock(Quota::per_second(per_second).allow_burst(burst), clock)
        });
        Self { settings, buckets, seed: RandomState::new(), checks: AtomicU32::new(1) }
    }

    fn check(&self, whom: &(impl Hash + ?Sized)) -> Result<()> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
        let slot = self.seed.hash_one(whom) % SLOTS;
        buckets.check_key(&slot).map_err(|not_until| {
            let wait = not_until.wait_time_from(buckets.clock().now());
            self.refusal(wait.as_secs().saturating_add(1))
        })
    }

    fn refusal(&self, seconds: u64) -> Error {
        let RateSettings { name, burst, per_second, .. } = self.settings;
        let detail = format!("The limit \"{name}\" is {burst} requests at once and {per_second} a second.");
        Error::new(&TOO_MANY_REQUESTS).detail(detail).retry_after(seconds).because(format!("limit {name}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(burst: u32, per_second: u32) -> (Rate<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let settings = RateSettings { name: "user", enabled: true, burst, per_second };
        (Rate::new(settings, clock.clone()), clock)
    }

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let (rate, clock) = rate(200, 10);
        assert!((0..200).all(|_| rate.check("a").is_ok()));
        let refusal = rate.check("a").unwrap_err();
        assert_eq!(refusal.code().status, 429);
        assert_eq!(refusal.detail_text(), "The limit \"user\" is 200 requests at once and 10 a second.");
        assert!(rate.check("b").is_ok(), "another's bucket");
        clock.advance(Duration::from_secs(1));
        assert_eq!((0..50).filter(|_| rate.check("a").is_ok()).count(), 10);
    }

    #[test]
    fn what_a_limit_remembers_is_bounded_and_forgotten() {
        let (rate, clock) = rate(1, 1);
        let keep = |count: u64| (0..count).for_each(|token| _ = rate.check(&token));
        keep(3 * SLOTS);
        let held = || rate.buckets.as_ref().unwrap().len();
        assert!((SLOTS / 2..=SLOTS).contains(&u64::try_from(held()).unwrap()), "{}", held());
        clock.advance(Duration::from_mins(1));
        keep(u64::from(SWEEP));
        assert!(held() <= usize::try_from(SWEEP).unwrap(), "{}", held());
    }

    #[test]
    fn a_customer_of_ipv6_has_one_bucket() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:3::1"), "2001:db8:1:3::");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
