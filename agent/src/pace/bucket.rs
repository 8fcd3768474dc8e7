//! One limit: so many per second, evenly spaced, with a small allowance for bursts.

use std::time::Duration;
use tokio::time::Instant;

/// Spaces events out: at most `burst` at once and, over any second, at most the limit it was built for.
#[derive(Debug)]
pub(super) struct Bucket {
    spacing: Duration,
    slack: Duration,
    // The moment at which everything taken so far would have been due at an even pace.
    due: Instant,
}

impl Bucket {
    /// At most `limit` in any second, of which at most `burst` at once. The steady rate is `limit - burst`, so
    /// that a burst followed by a full second of steady flow still keeps the limit.
    pub(super) fn new(limit: u32, burst: u32, now: Instant) -> Self {
        let burst = burst.clamp(1, limit.max(1));
        let steady = limit.saturating_sub(burst).max(1);
        let spacing = Duration::from_secs(1) / steady;
        Self { spacing, slack: spacing * (burst - 1), due: now }
    }

    /// The earliest moment at which `count` may go through together.
    pub(super) fn ready(&self, count: u32, now: Instant) -> Instant {
        let last_of_them = self.due + self.spacing * count.saturating_sub(1);
        last_of_them.checked_sub(self.slack).unwrap_or(now).max(now)
    }

    /// Takes `count`, each `stretch` times as dear as usual.
    pub(super) fn take(&mut self, count: u32, stretch: u32, now: Instant) {
        self.due = self.due.max(now) + self.spacing * count * stretch;
    }
}
