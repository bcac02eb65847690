//! How often visitors may call: by address and widget, each limit with buckets of its own.
//!
//! What the limits remember is bounded: those who are limited share [`SLOTS`] buckets, by a hash under a seed that nobody
//! knows.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::HttpRequest;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kit::{Error, Result};

use crate::domain::ids::ChannelId;
use crate::refusal::TOO_MANY_REQUESTS;
use crate::settings::{RateSettings, WidgetSettings};

/// The most buckets of one limit.
const SLOTS: u64 = 1 << 16;
/// After how many requests buckets that are full again are forgotten.
const SWEEP: u32 = 4_096;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Beginning a session.
    Sessions,
    /// Saying something.
    Messages,
    /// Anything else.
    Reads,
}

/// All limits of visitors.
pub(crate) struct Limits {
    sessions: Rate,
    messages: Rate,
    reads: Rate,
    trust_real_ip: bool,
}

impl Limits {
    pub(crate) fn new(settings: &WidgetSettings) -> Self {
        Self {
            sessions: Rate::new(settings.sessions),
            messages: Rate::new(settings.messages),
            reads: Rate::new(settings.reads),
            trust_real_ip: settings.trust_real_ip,
        }
    }

    /// Refuses what comes too often.
    pub(crate) fn check(&self, request: &HttpRequest, widget: ChannelId, doing: Doing) -> Result<()> {
        let address = network(self.address(request));
        match doing {
            Doing::Sessions => self.sessions.check(address, widget, "new visits"),
            Doing::Messages => self.messages.check(address, widget, "messages"),
            Doing::Reads => self.reads.check(address, widget, "requests"),
        }
    }

    /// The gateway replaces whatever a client writes into `X-Real-IP`.
    fn address(&self, request: &HttpRequest) -> IpAddr {
        let told = || request.headers().get_all("X-Real-IP").last()?.to_str().ok()?.trim().parse().ok();
        let told = if self.trust_real_ip { told() } else { None };
        let peer = request.peer_addr().map(|address| address.ip());
        told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

/// Whose address it is: one customer has at least a /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

struct Rate {
    /// None when it is switched off.
    buckets: Option<DefaultKeyedRateLimiter<u64>>,
    seed: RandomState,
    checks: AtomicU32,
}

impl Rate {
    fn new(settings: RateSettings) -> Self {
        let figures = NonZeroU32::new(settings.per_minute).zip(NonZeroU32::new(settings.burst));
        let buckets = figures
            .filter(|_| settings.enabled)
            .map(|(per_minute, burst)| RateLimiter::keyed(Quota::per_minute(per_minute).allow_burst(burst)));
        Self { buckets, seed: RandomState::new(), checks: AtomicU32::new(1) }
    }

    fn check(&self, address: IpAddr, widget: ChannelId, what: &str) -> Result<()> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
        let slot = self.seed.hash_one((address, widget)) % SLOTS;
        buckets.check_key(&slot).map_err(|not_until| {
            let seconds = not_until.wait_time_from(DefaultClock::default().now()).as_secs().saturating_add(1);
            let detail = format!("Too many {what} at once. Please try again in {seconds} s.");
            Error::new(&TOO_MANY_REQUESTS).detail(detail).retry_after(seconds)
        })
    }
}
