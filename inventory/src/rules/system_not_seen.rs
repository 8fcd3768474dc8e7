//! `system.not-seen`: a documented system that a complete walk of its network did not find.

use super::{AssetView, Check, Parameters, Rule, Severity, Standing, SystemView, Verdict};
use crate::Timestamp;
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "system.not-seen", check: Check::System(check) };

/// Whether a device was there when its network was last walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The last round that asked saw it, lately.
    Seen,
    /// A completed round in which the same probe ran did not see it; last seen on that day.
    NotSeen(Timestamp),
    /// Nobody looked since that day.
    UnknownSince(Timestamp),
}

/// How a device stands, from the statements about it; `None` where there is none.
#[must_use]
pub fn sight(asset: &AssetView<'_>, parameters: &Parameters) -> Option<Sight> {
    let last = asset.sightings.iter().map(|sighting| sighting.confirmed).max()?;
    let any = |wanted: Standing| asset.sightings.iter().any(|sighting| sighting.standing == wanted);
    Some(if any(Standing::Confirmed) {
        // Seen in the last round there was; when that was long ago, the agent is off and nobody knows.
        if last.plus_days(parameters.fresh_days) >= parameters.now.day() {
            Sight::Seen
        } else {
            Sight::UnknownSince(last)
        }
    } else if any(Standing::Missing) {
        Sight::NotSeen(last)
    } else {
        Sight::UnknownSince(last)
    })
}

fn check(system: &SystemView<'_>, parameters: &Parameters) -> Verdict {
    if !system.is_in_use {
        return Verdict::clear();
    }
    let evidence = |since: Timestamp| json!({ "since": since.date() });
    match system.asset.map(|asset| sight(asset, parameters)) {
        Some(Some(Sight::Seen)) => Verdict::clear(),
        Some(Some(Sight::NotSeen(since))) => Verdict::wrong(RULE.family, Severity::Medium, evidence(since)),
        Some(Some(Sight::UnknownSince(since))) => Verdict::Unknown(Some(since)),
        Some(None) => Verdict::Unknown(None),
        None => match system.searched_in_vain {
            Some(since) => Verdict::wrong(RULE.family, Severity::Medium, evidence(since)),
            None => Verdict::Unknown(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::*;
    use crate::Fields;

    fn ask(standings: &[Standing], days_ago: i64, expected: &str) {
        let none = Fields::new();
        let seen = standings.iter().map(|&standing| {
            let mut sighting = sighting("sweep", standing, &none);
            sighting.confirmed = NOW.day().plus_days(-days_ago);
            sighting
        });
        let asset = asset(None, seen.collect());
        let system = SystemView { id: 3, is_in_use: true, asset: Some(&asset), ..SystemView::default() };
        assert_eq!(ids(&check(&system, &Parameters::at(NOW))), expected, "{standings:?} {days_ago}");
    }

    #[test]
    fn only_a_completed_round_with_the_same_probe_may_miss_it() {
        ask(&[Standing::Confirmed], 0, "");
        ask(&[Standing::Confirmed, Standing::Gone], 0, "");
        ask(&[Standing::Missing, Standing::Missing], 4, "system.not-seen");
        ask(&[Standing::Missing, Standing::Open], 4, "system.not-seen");
        // Its segment left the scope, its probe was forbidden, or the agent is off.
        ask(&[Standing::Open], 40, "unknown");
        ask(&[Standing::Confirmed], 40, "unknown");
        ask(&[], 0, "unknown");
    }

    #[test]
    fn a_system_that_names_its_device_is_looked_for() {
        let mut system =
            SystemView { id: 3, is_in_use: true, searched_in_vain: Some(NOW.day()), ..SystemView::default() };
        assert_eq!(ids(&check(&system, &Parameters::at(NOW))), "system.not-seen");
        system.searched_in_vain = None;
        assert_eq!(ids(&check(&system, &Parameters::at(NOW))), "unknown");
        system.is_in_use = false;
        assert_eq!(ids(&check(&system, &Parameters::at(NOW))), "");
    }
}
