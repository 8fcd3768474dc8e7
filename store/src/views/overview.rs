//! All schools of a Träger at a glance: devices, gaps, agents, coverage.

use super::{FRESH_DAYS, is_silent, scope_lines};
use crate::{
    error::Result,
    store::{Traeger, Tx, cells},
    sums,
};
use rundgang_inventory::{Timestamp, mail::is_baseline};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// All schools at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// One line for each school, by name.
    pub schools: Vec<SchoolLine>,
    /// The open findings of each rule, the gravest first; of equally grave ones the most frequent first.
    pub gaps: Vec<Gap>,
}

/// The open findings of one rule at all schools.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The rule.
    pub rule: String,
    /// The gravest severity among them.
    pub severity: String,
    /// How many there are.
    pub count: i64,
    /// At how many schools.
    pub schools: i64,
}

/// One school at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SchoolLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The kind of school.
    pub kind: String,
    /// The commune in which it lies.
    pub commune: String,
    /// Whether it is an example.
    pub is_example: bool,
    /// Devices found.
    pub assets: i64,
    /// Devices found that no documented system stands for.
    pub undocumented: i64,
    /// Documented systems.
    pub systems: i64,
    /// Open findings by severity: critical, high, medium, low, info.
    pub findings: [i64; 5],
    /// How many of them somebody is dealing with.
    pub acknowledged: i64,
    /// How its agents and segments stand.
    pub walked: Walks,
}

impl SchoolLine {
    /// Open findings that ask for action.
    #[must_use]
    pub fn to_do(&self) -> i64 {
        self.findings.iter().take(4).sum()
    }
}

/// How the agents and segments of a school stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Walks {
    /// Agents that are heard.
    pub agents: u32,
    /// Those of them that are silent.
    pub silent: Vec<String>,
    /// Agents that wait for approval.
    pub waiting: Vec<String>,
    /// Segments that should be walked.
    pub expected: u32,
    /// Segments that a fresh and complete round covered.
    pub covered: u32,
    /// When the last round ended.
    pub last_round: Option<Timestamp>,
    /// Every segment with the end of its last complete round.
    pub segments: Vec<Segment>,
}

/// A segment and how it was walked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Its name in the scope file.
    pub name: String,
    /// Its network.
    pub network: String,
    /// When it was last walked to the end.
    pub covered: Option<Timestamp>,
    /// Whether that is fresh enough.
    pub is_fresh: bool,
}

/// The names of the severities in the order of [`SchoolLine::findings`].
pub const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

impl Traeger {
    /// All schools at a glance.
    ///
    /// # Errors
    /// The database failed.
    pub fn overview(&self, now: Timestamp) -> Result<Overview> {
        self.read(|tx| {
            let sql =
                "SELECT id, name, kind, is_example, commune FROM school WHERE traeger_id = $1 ORDER BY name";
            let mut schools = tx.list(sql, &[], |row| {
                Ok(SchoolLine {
                    id: row.int(0)?,
                    name: row.text(1)?,
                    kind: row.text(2)?,
                    commune: row.text(4)?,
                    is_example: row.flag(3)?,
                    ..SchoolLine::default()
                })
            })?;
            let ids: Vec<i64> = schools.iter().map(|school| school.id).collect();
            let sums = sums::of_schools(tx, &ids)?;
            let (findings, gaps, acknowledged) = finding_counts(tx, &ids, now)?;
            let mut walks = walks(tx, 0..=i64::MAX, now)?;
            for school in &mut schools {
                let sums = sums.get(&school.id).copied().unwrap_or_default();
                (school.assets, school.undocumented) = (sums.assets, sums.assets - sums.documented);
                school.systems = sums.systems;
                school.findings = findings.get(&school.id).copied().unwrap_or_default();
                school.acknowledged = acknowledged.get(&school.id).copied().unwrap_or_default();
                school.walked = walks.remove(&school.id).unwrap_or_default();
            }
            Ok(Overview { schools, gaps })
        })
    }
}

/// A finding is open while the machine has not closed it and no decision of a person rests it.
pub(super) fn open_at(now: Timestamp) -> String {
    format!(
        "f.closed_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM decision d WHERE d.traeger_id = f.traeger_id AND d.school_id = f.school_id
             AND d.rule = f.rule AND d.subject = f.subject AND d.state IN ('accepted', 'ignored')
             AND (d.until IS NULL OR d.until >= {})
             AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = f.traeger_id
               AND e.school_id = f.school_id AND e.rule = f.rule AND e.subject = f.subject))",
        now.0
    )
}

/// Open findings of each school by severity.
type Counts = BTreeMap<i64, [i64; 5]>;

/// Open findings of each school by severity, and the rules with theirs, the gravest first; and how many somebody is
/// dealing with. Hints are not counted there, as elsewhere.
fn finding_counts(
    tx: &mut Tx<'_>,
    schools: &[i64],
    now: Timestamp,
) -> Result<(Counts, Vec<Gap>, BTreeMap<i64, i64>)> {
    let mut open: BTreeMap<(i64, String, String), i64> = BTreeMap::new();
    for sum in sums::of_findings(tx, schools)?.into_iter().filter(|sum| !is_baseline(&sum.rule)) {
        open.insert((sum.school, sum.rule, sum.severity), sum.open);
    }
    let mut acknowledged: BTreeMap<i64, i64> = BTreeMap::new();
    for sum in sums::decided(tx, None, now)?.into_iter().filter(|sum| sum.is_open && !is_baseline(&sum.rule))
    {
        if !sum.is_acknowledged {
            *open.entry((sum.school, sum.rule, sum.severity)).or_default() -= sum.count;
        } else if sum.severity != "info" {
            *acknowledged.entry(sum.school).or_default() += sum.count;
        }
    }
    let mut counts = Counts::new();
    let mut rules: BTreeMap<String, (Gap, BTreeSet<i64>)> = BTreeMap::new();
    for ((school, rule, severity), count) in open.into_iter().filter(|(_, count)| *count > 0) {
        let at = SEVERITIES.iter().position(|name| *name == severity).unwrap_or(SEVERITIES.len() - 1);
        if let Some(slot) = counts.entry(school).or_default().get_mut(at) {
            *slot += count;
        }
        if severity != "info" {
            let (gap, schools) = rules.entry(rule.clone()).or_default();
            if gap.rule.is_empty() || rank(&severity) < rank(&gap.severity) {
                gap.severity = severity;
            }
            (gap.rule, gap.count) = (rule, gap.count + count);
            schools.insert(school);
        }
    }
    Ok((counts, ranked(rules), acknowledged))
}

/// The rules with what is open, the gravest first; of equally grave ones the most frequent first.
fn ranked(rules: BTreeMap<String, (Gap, BTreeSet<i64>)>) -> Vec<Gap> {
    let counted = rules
        .into_values()
        .map(|(gap, schools)| Gap { schools: i64::try_from(schools.len()).unwrap_or(i64::MAX), ..gap });
    let mut gaps: Vec<Gap> = counted.collect();
    gaps.sort_by_cached_key(|gap| (rank(&gap.severity), -gap.count, gap.rule.clone()));
    gaps
}

/// The place of a severity, the gravest first.
fn rank(severity: &str) -> usize {
    SEVERITIES.iter().position(|name| *name == severity).unwrap_or(SEVERITIES.len())
}

/// How agents and segments stand, for the schools of these numbers.
pub(super) fn walks(
    tx: &mut Tx<'_>,
    schools: RangeInclusive<i64>,
    now: Timestamp,
) -> Result<BTreeMap<i64, Walks>> {
    let mut all: BTreeMap<i64, Walks> = BTreeMap::new();
    let mut expected: BTreeMap<(i64, String, String), Option<Timestamp>> = BTreeMap::new();
    let mut heard = BTreeSet::new();
    let span = cells![*schools.start(), *schools.end()];
    let agents = "SELECT id, school_id, name, scope, approved_at, revoked_at, last_contact FROM agent
                  WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY name";
    let rows = tx.list(agents, span, |row| {
        let times = (row.maybe_moment(4)?, row.maybe_moment(5)?, row.maybe_moment(6)?);
        Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.text(3)?, times))
    })?;
    for (id, school, name, scope, (approved, revoked, contact)) in rows {
        let walks = all.entry(school).or_default();
        if revoked.is_some() {
            continue;
        }
        if approved.is_none() {
            walks.waiting.push(name);
            continue;
        }
        heard.insert(id);
        walks.agents += 1;
        if is_silent(contact, now) {
            walks.silent.push(name);
        }
        for line in scope_lines(&scope) {
            expected.insert((school, line.name, line.network), None);
        }
    }
    let rounds = "SELECT agent_id, school_id, segment, network, MAX(ended),
                    MAX(CASE WHEN complete = 1 THEN ended END)
                  FROM coverage WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3
                  GROUP BY agent_id, school_id, segment, network";
    let rows = tx.list(rounds, span, |row| {
        Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.text(3)?, row.moment(4)?, row.maybe_moment(5)?))
    })?;
    for (agent, school, segment, network, ended, complete) in rows {
        let walks = all.entry(school).or_default();
        walks.last_round = walks.last_round.max(Some(ended));
        if heard.contains(&agent) {
            let best = expected.entry((school, segment, network)).or_default();
            *best = (*best).max(complete);
        }
    }
    for ((school, name, network), covered) in expected {
        let walks = all.entry(school).or_default();
        let is_fresh = covered.is_some_and(|at| at.plus_days(FRESH_DAYS) >= now);
        walks.expected += 1;
        walks.covered += u32::from(is_fresh);
        walks.segments.push(Segment { name, network, covered, is_fresh });
    }
    Ok(all)
}
