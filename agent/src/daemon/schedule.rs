//! When each network of the scope is due: its own hours, and the time since it was last walked.

use crate::scope::{Mode, Scope};
use rundgang_inventory::Timestamp;
use std::collections::BTreeMap;

/// The schedule of one agent. Each network is due on its own, so that one that is closed while another is walked
/// does not wait for that one's next turn.
pub(super) struct Schedule {
    every_ms: i64,
    /// When networks that were not walked since the start are due.
    first: Timestamp,
    due: BTreeMap<String, Timestamp>,
}

/// The name under which a scope of domains alone is due.
const DOMAINS: &str = "";

impl Schedule {
    /// Every network is due at `first`, and then so many milliseconds after its walk ended.
    pub(super) const fn new(first: Timestamp, every_ms: i64) -> Self {
        Self { every_ms, first, due: BTreeMap::new() }
    }

    /// Makes every network due now; its hours still hold.
    pub(super) fn hasten(&mut self, now: Timestamp) {
        self.first = now;
        self.due.clear();
    }

    /// The networks that are due and open now.
    pub(super) fn open(&self, scope: &Scope, now: Timestamp) -> Vec<String> {
        if scope.segments().is_empty() {
            return self.is_due(DOMAINS, now).then(|| DOMAINS.to_owned()).into_iter().collect();
        }
        let open = scope.segments().iter().filter(|segment| {
            !matches!(scope.mode(segment, now), Mode::Closed(_)) && self.is_due(&segment.name, now)
        });
        open.map(|segment| segment.name.clone()).collect()
    }

    fn is_due(&self, name: &str, now: Timestamp) -> bool {
        let due = self.due.get(name).copied().unwrap_or(self.first);
        // A clock set back must not put the next walk off for ever.
        now >= due.min(Timestamp(now.0 + self.every_ms))
    }

    /// Notes that these networks were walked, or that their walk was broken off.
    pub(super) fn walked(&mut self, names: Vec<String>, now: Timestamp) {
        let next = Timestamp(now.0 + self.every_ms);
        self.due.extend(names.into_iter().map(|name| (name, next)));
    }

    /// After a clock was set back, no network waits longer than its own interval.
    pub(super) fn keep_within(&mut self, now: Timestamp) {
        let latest = Timestamp(now.0 + self.every_ms);
        self.first = self.first.min(latest);
        for due in self.due.values_mut() {
            *due = (*due).min(latest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope;

    const HOUR: i64 = 3_600_000;
    const SCOPE: &str = r#"
        timezone = "UTC"
        [[network]]
        name = "morning"
        network = "10.0.1.0/24"
        window = "06:00-08:00"
        [[network]]
        name = "evening"
        network = "10.0.2.0/24"
        window = "18:00-20:00"
    "#;

    #[test]
    fn each_network_has_its_own_turn() {
        let midnight = Timestamp::parse_date("2026-10-05").unwrap();
        let scope = scope::read(SCOPE).unwrap();
        let mut schedule = Schedule::new(midnight, 24 * HOUR);
        let mut walked = Vec::new();
        for hour in 0..72 {
            let now = Timestamp(midnight.0 + hour * HOUR);
            schedule.keep_within(now);
            let open = schedule.open(&scope, now);
            walked.extend(open.iter().map(|name| format!("{hour} {name}")));
            schedule.walked(open, now);
        }
        let expected = ["6 morning", "18 evening", "30 morning", "42 evening", "54 morning", "66 evening"];
        assert_eq!(walked, expected);
        // Asked for a walk now: only what is open.
        let now = Timestamp(midnight.0 + 79 * HOUR);
        schedule.hasten(now);
        assert_eq!(schedule.open(&scope, now), ["morning"]);
    }

    #[test]
    fn a_clock_set_back_delays_no_walk_for_ever() {
        let day = |n: i64| Timestamp::parse_date("2026-10-05").unwrap().plus_days(n);
        let scope = scope::read(SCOPE).unwrap();
        let mut schedule = Schedule::new(day(0), 12 * HOUR);
        schedule.walked(vec!["morning".to_owned(), "evening".to_owned()], day(400));
        schedule.keep_within(day(0));
        let morning = Timestamp(day(1).0 + 7 * HOUR);
        assert_eq!(schedule.open(&scope, morning), ["morning"]);
    }
}
