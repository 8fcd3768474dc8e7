//! How much one agent may send: so many batches a second by their weight, and so many octets a day, on all its streams.

use rundgang_inventory::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// The weight that an agent may send in one go; behind that it is slowed down to [`PER_SECOND`].
const BURST: f64 = 200.0;
/// The weight a second that an agent may send for long.
const PER_SECOND: f64 = 20.0;
/// Entries that weigh as much as a batch does: writing them is what keeps the others waiting.
const ENTRIES: f64 = 50.0;
/// Octets that weigh as much as a batch does.
const OCTETS: f64 = 20_480.0;
/// Octets that one agent may send on one day. A school of a thousand devices sends some ten million on its first day;
/// what is kept of it fills the disk that all schools share.
const DAILY: usize = 256 << 20;

/// What one agent may still send: a bucket that fills up again with time, and the rest of the day's octets.
#[derive(Debug)]
pub struct Share {
    left: f64,
    at: Instant,
    day: Timestamp,
    today: usize,
}

impl Share {
    /// A full share.
    #[must_use]
    pub fn full(at: Instant) -> Self {
        Self { left: BURST, at, day: Timestamp::default(), today: 0 }
    }

    /// Takes a batch of so many entries and octets, and says when it may be taken in; `None` where the agent has sent
    /// all that it may on this day.
    pub fn take(&mut self, entries: usize, octets: usize, clock: Timestamp, now: Instant) -> Option<Instant> {
        if self.day != clock.day() {
            (self.day, self.today) = (clock.day(), 0);
        }
        self.today = self.today.saturating_add(octets);
        if self.today > DAILY {
            return None;
        }
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        let heavy = |count: usize, unit: f64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / unit;
        let weight = 1.0 + heavy(entries, ENTRIES) + heavy(octets, OCTETS);
        self.left = (self.left + passed * PER_SECOND).min(BURST) - weight;
        self.at = now;
        Some(if self.left >= 0.0 { now } else { now + Duration::from_secs_f64(-self.left / PER_SECOND) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Timestamp = Timestamp::from_seconds(1_790_812_800);

    #[test]
    fn a_flood_is_slowed_down_and_forgiven() {
        let start = Instant::now();
        let mut share = Share::full(start);
        let mut take = |now| share.take(0, 0, TODAY, now);
        for _ in 0..200 {
            assert_eq!(take(start), Some(start));
        }
        assert_eq!(take(start), Some(start + Duration::from_millis(50)));
        assert_eq!(take(start), Some(start + Duration::from_millis(100)));
        let later = start + Duration::from_secs(60);
        assert_eq!(take(later), Some(later));
    }

    #[test]
    fn a_large_batch_weighs_what_it_costs() {
        let start = Instant::now();
        let mut share = Share::full(start);
        let full = |share: &mut Share| share.take(1000, 2 << 20, TODAY, start).expect("within the day");
        assert_eq!(full(&mut share), start);
        assert!(full(&mut share) > start + Duration::from_secs(2));
        assert!(full(&mut share) > start + Duration::from_secs(8));
    }

    #[test]
    fn a_day_has_an_end_and_the_next_begins_afresh() {
        let start = Instant::now();
        let mut share = Share::full(start);
        for _ in 0..128 {
            assert!(share.take(0, 2 << 20, TODAY, start).is_some());
        }
        assert_eq!(share.take(0, 1, TODAY, start), None);
        assert_eq!(share.take(0, 1, TODAY, start + Duration::from_secs(3600)), None);
        assert!(share.take(0, 1, TODAY.plus_days(1), start).is_some());
    }
}
