//! What an answer rests on, and why it is not more certain.

use crate::Confidence;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// One element behind an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is: `asset`, `room`, `system`, `link`, `document`, `finding`, `domain`, `site`, `fact`, `school`.
    pub noun: Cow<'static, str>,
    /// The school it belongs to.
    pub school: String,
    /// Its identifier, for the link to its page.
    pub id: String,
    /// What people call it.
    pub label: String,
}

/// Why an answer is not certain. Pages translate it; [`fmt::Display`] is the English of exports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Reason {
    /// No round has ended yet.
    NeverWalked,
    /// Some segments were not walked to the end.
    SegmentsMissing {
        /// How many were.
        covered: u32,
        /// Of how many.
        expected: u32,
    },
    /// An agent has been silent for too long.
    AgentSilent {
        /// Its name.
        agent: String,
    },
    /// Devices of this kind need not be in the network, and nobody keeps their list complete.
    KindMayHide {
        /// The kind.
        kind: String,
    },
    /// Devices whose kind is a guess or unknown.
    Unrecognised {
        /// How many.
        count: u32,
    },
    /// Devices that are documented and not seen, or were seen earlier.
    NotSeen {
        /// How many.
        count: u32,
    },
    /// Devices that no room was assigned to.
    Unplaced {
        /// How many.
        count: u32,
    },
    /// Nobody entered this fact.
    FactMissing {
        /// Its name.
        fact: String,
    },
    /// A fact is older than twelve months.
    FactOld {
        /// Its name.
        fact: String,
    },
    /// A list of the register is empty or not kept complete.
    ListOpen {
        /// The noun.
        list: String,
    },
    /// Elements whose field is empty.
    FieldMissing {
        /// The field.
        field: String,
        /// How many elements lack it.
        count: u32,
    },
    /// Only a person can say.
    Person,
}

impl Reason {
    /// The name under which pages translate it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NeverWalked => "never-walked",
            Self::SegmentsMissing { .. } => "segments-missing",
            Self::AgentSilent { .. } => "agent-silent",
            Self::KindMayHide { .. } => "kind-may-hide",
            Self::Unrecognised { .. } => "unrecognised",
            Self::NotSeen { .. } => "not-seen",
            Self::Unplaced { .. } => "unplaced",
            Self::FactMissing { .. } => "fact-missing",
            Self::FactOld { .. } => "fact-old",
            Self::ListOpen { .. } => "list-open",
            Self::FieldMissing { .. } => "field-missing",
            Self::Person => "person",
        }
    }

    pub(super) const fn leaves(&self) -> Confidence {
        match self {
            Self::NeverWalked | Self::AgentSilent { .. } | Self::FactMissing { .. } | Self::Person => {
                Confidence::Low
            }
            _ => Confidence::Medium,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverWalked => write!(f, "no round has ended yet"),
            Self::SegmentsMissing { covered, expected } => {
                write!(f, "{covered} of {expected} networks were walked")
            }
            Self::AgentSilent { agent } => write!(f, "the agent {agent} is silent"),
            Self::KindMayHide { kind } => write!(f, "a {kind} need not be in the network"),
            Self::Unrecognised { count } => {
                write!(f, "{count} devices are not recognised with certainty")
            }
            Self::NotSeen { count } => write!(f, "{count} devices are not seen at present"),
            Self::Unplaced { count } => write!(f, "{count} devices have no room"),
            Self::FactMissing { fact } => write!(f, "{fact} is not entered"),
            Self::FactOld { fact } => write!(f, "{fact} was entered more than a year ago"),
            Self::ListOpen { list } => write!(f, "the list of {list}s is not known to be complete"),
            Self::FieldMissing { field, count } => write!(f, "{field} is not entered for {count} of them"),
            Self::Person => write!(f, "only a person can say"),
        }
    }
}
