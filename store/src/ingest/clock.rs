//! The times that agents tell: a box with a wrong clock must not reach into the future, nor outlive a retention.

use rundgang_inventory::{Count, Entry, Timestamp, time::DAY_MS};
use std::borrow::Cow;

/// The entries with plausible times, and whether one of them was more than a day off.
pub(super) fn plausible(entries: &[Entry], received: Timestamp) -> (Cow<'_, [Entry]>, bool) {
    let is_plausible = |at: Timestamp| at.plausible(received) == at;
    if entries.iter().flat_map(times).all(is_plausible) {
        return (Cow::Borrowed(entries), false);
    }
    let off = |at: Timestamp| (at.0.saturating_sub(at.plausible(received).0)).abs() > DAY_MS;
    let is_wrong = entries.iter().flat_map(times).any(off);
    (entries.iter().map(|entry| corrected(entry, received)).collect(), is_wrong)
}

fn times(entry: &Entry) -> impl Iterator<Item = Timestamp> {
    let (first, second) = match entry {
        Entry::Observation { observation, .. } => (observation.at, None),
        Entry::Confirmation { at, .. } => (*at, None),
        Entry::RoundEnd { started, ended, .. } => (*started, Some(*ended)),
        Entry::Count(count) => (count.hour, None),
    };
    std::iter::once(first).chain(second)
}

fn corrected(entry: &Entry, received: Timestamp) -> Entry {
    let mut entry = entry.clone();
    match &mut entry {
        Entry::Observation { observation, .. } => observation.at = observation.at.plausible(received),
        Entry::Confirmation { at, .. } => *at = at.plausible(received),
        Entry::RoundEnd { started, ended, .. } => {
            *started = started.plausible(received);
            *ended = ended.plausible(received);
        }
        Entry::Count(Count { hour, .. }) => {
            let told = hour.plausible(received);
            *hour = Timestamp(told.0.div_euclid(3_600_000) * 3_600_000);
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use rundgang_inventory::Reference;

    #[test]
    fn only_implausible_times_are_changed() {
        let received = Timestamp(1_790_000_000_000);
        let check = |days: i64, expected: i64, wrong: bool| {
            let confirmation =
                |at| Entry::Confirmation { reference: Reference { sequence: 1, index: 0 }, at };
            let told = [confirmation(received.plus_days(days))];
            let (heard, is_wrong) = plausible(&told, received);
            let expected = vec![confirmation(received.plus_days(expected))];
            assert_eq!((heard.into_owned(), is_wrong), (expected, wrong), "{days} days");
        };
        check(0, 0, false);
        check(-3, -3, false);
        check(-60, -60, false);
        check(-9000, 0, true);
        check(1, 0, false);
        check(365, 0, true);
        check(9_000_000_000, 0, true);
    }
}
