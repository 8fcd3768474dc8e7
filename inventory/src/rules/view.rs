//! What rules look at: assets, domains and documented systems with their evidence, and how that evidence stands.

use crate::{Fields, Kind, Timestamp, mail::MailFacts};
use std::collections::{BTreeMap, BTreeSet};

/// What rules take from settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The moment of the check.
    pub now: Timestamp,
    /// Days before its end from which a certificate counts as expiring.
    pub expiring_days: i64,
    /// Days after which evidence is too old for the clock alone to open or close a finding.
    pub fresh_days: i64,
    /// Where the Träger wants the reports on its mail; none where nobody named a mailbox.
    pub report_address: Option<String>,
    /// Until when domains are under contract, as the register says.
    pub contracts: BTreeMap<String, Timestamp>,
    /// Segments in which pupils and lessons are.
    pub teaching: BTreeSet<String>,
    /// Segments of the school's office.
    pub administration: BTreeSet<String>,
    /// The day of the latest test of a backup that is on record.
    pub backup_tested: Option<Timestamp>,
}

impl Parameters {
    /// The defaults at a moment: certificates 30 days ahead, evidence two days old.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            expiring_days: 30,
            fresh_days: 2,
            report_address: None,
            contracts: BTreeMap::new(),
            teaching: BTreeSet::new(),
            administration: BTreeSet::new(),
            backup_tested: None,
        }
    }
}

/// How a statement stands after the rounds since it was last confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The last round in which its probe covered its segment confirmed it.
    Confirmed,
    /// A later round covered its segment with its probe; the device was seen, this was not.
    Gone,
    /// A later round covered its segment with its probe, and the device was not seen at all.
    Missing,
    /// No round that its probe completed says anything about it.
    Open,
}

/// One statement of a probe about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// The probe.
    pub probe: &'a str,
    /// The segment it was seen in.
    pub segment: &'a str,
    /// The day it was last confirmed.
    pub confirmed: Timestamp,
    /// How it stands.
    pub standing: Standing,
    /// What the probe saw.
    pub fields: &'a Fields,
}

impl Sighting<'_> {
    /// Whether it still holds as far as is known.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self.standing, Standing::Confirmed | Standing::Open)
    }

    /// Whether it was confirmed so lately that the passing of time alone may decide.
    #[must_use]
    pub fn is_fresh(&self, parameters: &Parameters) -> bool {
        self.holds() && self.confirmed.plus_days(parameters.fresh_days) >= parameters.now.day()
    }
}

/// An asset with its evidence.
#[derive(Clone, Debug)]
pub struct AssetView<'a> {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub kind: Option<Kind>,
    /// Who made it.
    pub vendor: Option<&'a str>,
    /// Its model.
    pub model: Option<&'a str>,
    /// Version of its firmware or operating system.
    pub version: Option<&'a str>,
    /// Whether a documented system stands for it.
    pub is_documented: bool,
    /// What was said of it.
    pub sightings: Vec<Sighting<'a>>,
}

impl AssetView<'_> {
    /// The subject of its findings.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("asset {}", self.id)
    }
}

/// A domain with its evidence.
#[derive(Clone, Debug)]
pub struct DomainView<'a> {
    /// Its name.
    pub name: &'a str,
    /// What was looked up.
    pub sightings: Vec<Sighting<'a>>,
    /// What was said of it over time, also what holds no more: the newest first.
    pub past: Vec<Past<'a>>,
    /// What people know of its mail.
    pub known: MailFacts,
}

/// One statement about a domain as it was made.
#[derive(Clone, Debug)]
pub struct Past<'a> {
    /// The agent that made it.
    pub agent: i64,
    /// The day it was first made.
    pub day: Timestamp,
    /// What it said.
    pub fields: &'a Fields,
}

impl DomainView<'_> {
    /// The subject of its findings.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("domain {}", self.name)
    }
}

/// A documented system, and what was seen of the asset it stands for.
#[derive(Clone, Debug, Default)]
pub struct SystemView<'a> {
    /// Its number.
    pub id: i64,
    /// Whether it is in use; systems planned, in stock or retired have no gaps.
    pub is_in_use: bool,
    /// Its kind, as people entered it.
    pub kind: &'a str,
    /// The segment it belongs to.
    pub segment: &'a str,
    /// Who answers for it, as a function.
    pub owner: &'a str,
    /// Who stands in.
    pub deputy: &'a str,
    /// Who runs it.
    pub provider: &'a str,
    /// Where its credentials are kept.
    pub credentials_place: &'a str,
    /// The day on which somebody last checked that its credentials work.
    pub credentials_checked: Option<Timestamp>,
    /// What of it ends when: `contract`, `notice`, `warranty`, `licence`.
    pub ends: &'a [(&'static str, Option<Timestamp>)],
    /// The asset it stands for, where it is bound to one.
    pub asset: Option<&'a AssetView<'a>>,
    /// The day since which its segment was walked to the end and nothing with its MAC or serial number was found;
    /// only for systems that name one and are bound to no asset.
    pub searched_in_vain: Option<Timestamp>,
}

impl SystemView<'_> {
    /// The subject of its findings.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("system {}", self.id)
    }
}

/// The part of a school that is to be checked. Subjects that are not in view keep their findings.
#[derive(Clone, Debug)]
pub struct SchoolView<'a> {
    /// Assets.
    pub assets: &'a [AssetView<'a>],
    /// Domains.
    pub domains: &'a [DomainView<'a>],
    /// Documented systems.
    pub systems: &'a [SystemView<'a>],
    /// What rules take from settings.
    pub parameters: Parameters,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

    pub(crate) fn sighting<'a>(probe: &'a str, standing: Standing, fields: &'a Fields) -> Sighting<'a> {
        Sighting { probe, segment: "teaching", confirmed: NOW.day(), standing, fields }
    }

    pub(crate) fn asset(kind: Option<Kind>, sightings: Vec<Sighting<'_>>) -> AssetView<'_> {
        AssetView { id: 7, kind, vendor: None, model: None, version: None, is_documented: false, sightings }
    }

    /// The ids of what was found, or `unknown`.
    pub(crate) fn ids(verdict: &super::super::Verdict) -> String {
        match verdict {
            super::super::Verdict::Known(found) | super::super::Verdict::Partly(found, _) => {
                found.iter().map(|found| found.rule.as_str()).collect::<Vec<_>>().join(" ")
            }
            super::super::Verdict::Unknown(_) => "unknown".to_owned(),
        }
    }
}
