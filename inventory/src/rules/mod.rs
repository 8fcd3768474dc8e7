//! Gap rules: pure functions from what is known of a school to what is wrong there.
//!
//! A rule looks at one subject (an asset, a domain, a documented system) and either knows its verdict or does not.
//! Unknown is not absent: where the evidence was not asked for again, a finding neither opens nor closes.

mod eol;
mod fell_silent;
mod home_router;
mod in_teaching;
mod in_the_clear;
mod mail;
mod projector_no_password;
mod registration;
mod snmp_public_community;
mod system_dates;
mod system_gaps;
mod system_not_seen;
mod tls_expiry;
mod tls_old;
mod undocumented;
mod view;

pub use in_teaching::{Use, used_for};
pub use system_not_seen::{Sight, sight};
pub use view::{AssetView, DomainView, Parameters, Past, SchoolView, Sighting, Standing, SystemView};

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::{fmt, str::FromStr};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Tidy up when convenient.
    Low,
    /// Do something about it.
    Medium,
    /// Do something about it soon.
    High,
    /// Do something about it today.
    Critical,
}

impl Severity {
    /// The name in every output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no severity.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no severity")]
pub struct NotASeverity(String);

impl FromStr for Severity {
    type Err = NotASeverity;
    fn from_str(text: &str) -> Result<Self, NotASeverity> {
        [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|severity| severity.name() == text)
            .ok_or_else(|| NotASeverity(text.to_owned()))
    }
}

/// Something that is wrong with a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The id of the finding: `tls.expired`, `mail.spf.missing`.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What shows it, for pages to render in their language. It holds no moment of the check itself, so that an
    /// unchanged state yields equal evidence.
    pub evidence: Json,
}

/// What a rule says about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This is all that is wrong; findings of the rule's family that are not listed here are over.
    Known(Vec<Found>),
    /// This is wrong; about those of the rule's family that are named second (ids, or families that end in a dot)
    /// nothing is known, so they stay as they are. The others are over.
    Partly(Vec<Found>, Vec<String>),
    /// The evidence was not looked at again since that day (where there ever was some): nothing opens or closes.
    Unknown(Option<Timestamp>),
}

impl Verdict {
    /// Known, and all is well.
    #[must_use]
    pub const fn clear() -> Self {
        Self::Known(Vec::new())
    }

    /// Whether an open finding of the rule's family is over.
    #[must_use]
    pub fn closes(&self, id: &str) -> bool {
        match self {
            Self::Known(found) => found.iter().all(|found| found.rule != id),
            Self::Partly(found, undecided) => {
                found.iter().all(|found| found.rule != id) && !undecided.iter().any(|named| names(named, id))
            }
            Self::Unknown(_) => false,
        }
    }

    /// Known, and this is wrong.
    #[must_use]
    pub fn wrong(rule: &str, severity: Severity, evidence: Json) -> Self {
        Self::Known(vec![Found { rule: rule.to_owned(), severity, evidence }])
    }
}

/// Whether a finding is named: by its id, or by its family, which ends in a dot.
fn names(named: &str, id: &str) -> bool {
    if named.ends_with('.') { id.starts_with(named) } else { id == named }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// At one asset.
    Asset(fn(&AssetView<'_>, &Parameters) -> Verdict),
    /// At one domain.
    Domain(fn(&DomainView<'_>, &Parameters) -> Verdict),
    /// At one documented system.
    System(fn(&SystemView<'_>, &Parameters) -> Verdict),
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The id of its finding, or a prefix ending in a dot where it yields several.
    pub family: &'static str,
    /// What it looks at, and how.
    pub check: Check,
}

impl Rule {
    /// Whether a finding of that id is this rule's.
    #[must_use]
    pub fn owns(&self, id: &str) -> bool {
        names(self.family, id)
    }
}

/// Every rule.
pub static ALL: &[&Rule] = &[
    &eol::RULE,
    &fell_silent::RULE,
    &home_router::RULE,
    &in_teaching::ASSET,
    &in_teaching::SYSTEM,
    &in_the_clear::PLAIN_HTTP,
    &in_the_clear::TELNET,
    &mail::RULE,
    &projector_no_password::RULE,
    &snmp_public_community::RULE,
    &system_dates::BACKUP,
    &system_dates::CREDENTIALS,
    &system_dates::ENDING,
    &system_gaps::NO_CREDENTIALS_PLACE,
    &system_gaps::NO_DEPUTY,
    &system_gaps::NO_OWNER,
    &system_gaps::NO_PROVIDER,
    &system_not_seen::RULE,
    &tls_expiry::EXPIRED,
    &tls_expiry::EXPIRING,
    &tls_old::RULE,
    &undocumented::RULE,
];

/// What one rule says about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The position of the rule in [`ALL`].
    pub rule: usize,
    /// The subject: `asset 7`, `domain schule.example`, `system 3`.
    pub subject: String,
    /// What it says.
    pub verdict: Verdict,
}

/// Asks every rule about every subject in view.
#[must_use]
pub fn check(view: &SchoolView<'_>) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for (rule, entry) in ALL.iter().enumerate() {
        let mut judge = |subject: String, verdict| judgements.push(Judgement { rule, subject, verdict });
        match entry.check {
            Check::Asset(ask) => {
                view.assets.iter().for_each(|asset| judge(asset.subject(), ask(asset, &view.parameters)));
            }
            Check::Domain(ask) => {
                view.domains.iter().for_each(|domain| judge(domain.subject(), ask(domain, &view.parameters)));
            }
            Check::System(ask) => {
                view.systems.iter().for_each(|system| judge(system.subject(), ask(system, &view.parameters)));
            }
        }
    }
    judgements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_rules_own_one_finding() {
        for (at, rule) in ALL.iter().enumerate() {
            let others = ALL.iter().enumerate().filter(|(other, _)| *other != at);
            assert!(others.into_iter().all(|(_, other)| !other.owns(rule.family)), "{}", rule.family);
        }
    }

    #[test]
    fn severities_read_back_and_are_ordered() {
        assert_eq!("high".parse::<Severity>().ok(), Some(Severity::High));
        assert!(Severity::Critical > Severity::Info);
        assert!("awful".parse::<Severity>().is_err());
    }
}
