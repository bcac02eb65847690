//! Pauses between tries, each twice the last.

use std::time::Duration;

/// The next pause, and the bounds of all.
pub(crate) struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    /// Between tries to reach the broker.
    pub(crate) fn connecting() -> Self {
        Self::new(Duration::from_millis(200), Duration::from_secs(2))
    }

    /// Between tries of a reaction.
    pub(crate) fn reacting() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(2))
    }

    fn new(first: Duration, last: Duration) -> Self {
        Self { first, last, next: first }
    }

    /// How long to pause now.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (2 * pause).min(self.last);
        pause
    }

    /// It went well: the next pause is a short one again.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_its_bound() {
        let mut backoff = Backoff::connecting();
        let pauses: Vec<_> = (0..6).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1_600, 2_000, 2_000]);
        backoff.reset();
        assert_eq!(backoff.pause().as_millis(), 200);
    }
}
