//! What an agent tells the collector: rounds of observations, cut into batches of entries.

use crate::{Kind, Observation, Timestamp};
use serde::{Deserialize, Serialize};

/// One walk over the scope: everything kept, everything merely counted, and what was covered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// When it began, by the agent's clock.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// What was seen of subjects that may be kept, already filtered.
    pub observations: Vec<Observation>,
    /// Devices that were only counted.
    pub counts: Vec<Count>,
    /// Which segments were covered, and by which probes.
    pub coverage: Vec<Coverage>,
}

/// A number of devices that are not kept as themselves (promise P3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The segment by its name in the scope file.
    pub segment: String,
    /// The hour (its beginning) they were seen in.
    pub hour: Timestamp,
    /// What they were as far as could be told: `personal`, `workstation`, `phone`, `tablet`, `unknown`.
    pub kind: String,
    /// How many.
    pub count: u32,
}

/// How a round covered one segment, so that "not seen" can be derived and unknown is never shown as zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The segment by its name in the scope file.
    pub segment: String,
    /// Its network in CIDR notation.
    pub network: String,
    /// The probes that ran to the end over the whole segment, by name; host discovery is `sweep`.
    pub probes: Vec<String>,
    /// Whether the segment was walked to the end.
    pub complete: bool,
}

impl Coverage {
    /// A segment that was walked to the end by these probes.
    #[must_use]
    pub fn whole(segment: &str, network: &str, probes: &[&str]) -> Self {
        Self {
            segment: segment.to_owned(),
            network: network.to_owned(),
            probes: probes.iter().map(|probe| (*probe).to_owned()).collect(),
            complete: true,
        }
    }
}

/// One entry of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A new or changed observation and its position within the batch.
    Observation {
        /// The position; with agent and sequence it names the observation for good.
        index: u32,
        /// The observation.
        observation: Observation,
    },
    /// An unchanged observation, confirmed by reference to the one that first said it.
    Confirmation {
        /// The observation that first said it.
        reference: Reference,
        /// When it was seen again.
        at: Timestamp,
    },
    /// The end of a round.
    RoundEnd {
        /// When the round began.
        started: Timestamp,
        /// When it ended.
        ended: Timestamp,
        /// What it covered.
        coverage: Vec<Coverage>,
    },
    /// A number of devices that are not kept as themselves.
    Count(Count),
}

/// The name of an observation within one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// The sequence of the batch that carried it.
    pub sequence: u64,
    /// Its position within that batch.
    pub index: u32,
}

/// The name under which a device counts when its kind must not be told more exactly.
#[must_use]
pub const fn count_name(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Workstation) => "workstation",
        Some(Kind::Phone) => "phone",
        Some(Kind::Tablet) => "tablet",
        _ => "personal",
    }
}

/// A number of people's devices as it may be told: rounded to ten, and none below ten (promise P3).
#[must_use]
pub const fn rounded(count: u64) -> Option<u64> {
    if count < 10 { None } else { Some(count.saturating_add(5) / 10 * 10) }
}

/// The same in words for people: `<10`, `350`.
#[must_use]
pub fn counter(count: u64) -> String {
    rounded(count).map_or_else(|| "<10".to_owned(), |count| count.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_never_show_small_numbers() {
        for (count, shown) in [(0, "<10"), (9, "<10"), (10, "10"), (14, "10"), (15, "20"), (347, "350")] {
            assert_eq!(counter(count), shown);
        }
        assert_eq!((rounded(9), rounded(15), rounded(u64::MAX)), (None, Some(20), Some(u64::MAX / 10 * 10)));
    }
}
