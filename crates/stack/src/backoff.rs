//! How long to wait before a process that died is started again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(10);
/// Whoever ran this long had not died of its start: the waiting begins anew.
const STEADY: Duration = Duration::from_secs(30);

/// A waiting time that doubles with every death.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Nobody has died yet.
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// How long to wait after a process died that had run for `ran`.
    pub(crate) fn after(&mut self, ran: Duration) -> Duration {
        let wait = if ran >= STEADY { FIRST } else { self.next };
        self.next = LONGEST.min(wait * 2);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, times: usize) -> Vec<u128> {
        (0..times).map(|_| backoff.after(Duration::from_secs(1)).as_millis()).collect()
    }

    #[test]
    fn waiting_doubles_up_to_ten_seconds() {
        let mut backoff = Backoff::new();
        assert_eq!(waits(&mut backoff, 8), [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn waiting_begins_anew_after_thirty_steady_seconds() {
        let mut backoff = Backoff::new();
        waits(&mut backoff, 5);
        assert_eq!(backoff.after(Duration::from_secs(31)).as_millis(), 200);
        assert_eq!(waits(&mut backoff, 1), [400]);
    }
}
