//! The findings of a school, with what they are about and what a person decided.

use super::{
    overview::SEVERITIES,
    responsible::{self, PARTY},
};
use crate::{
    engine::{Cell, Row},
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Timestamp,
    mail::{found::spoken_form, is_baseline},
    product,
};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingLine {
    /// The rule.
    pub rule: String,
    /// The school at which the finding stands and is decided about; another one for a shared domain.
    pub home: i64,
    /// The subject key: `asset 7`, `domain schule.example`, `system 3`.
    pub subject: String,
    /// What people call the subject.
    pub label: String,
    /// How much it matters.
    pub severity: String,
    /// What shows it.
    pub evidence: Json,
    /// When it opened.
    pub opened: Timestamp,
    /// When the machine closed it.
    pub closed: Option<Timestamp>,
    /// Since when it can no longer be told.
    pub unknown_since: Option<Timestamp>,
    /// What a person decided last.
    pub decision: Option<DecisionLine>,
    /// The last day for dealing with it, as people set it.
    pub due: Option<Timestamp>,
    /// Who answers for the subject as the register knows: the owner, else the provider; empty for nobody.
    pub responsible: String,
}

/// What the register knows of a subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    label: String,
    responsible: String,
}

/// A person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// The state, such as `acknowledged` or `accepted`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

impl FindingLine {
    /// Calls its subject as people do, and says who answers for it.
    pub(super) fn call(&mut self, names: &BTreeMap<String, Known>) {
        if let Some(known) = names.get(&self.subject) {
            self.label.clone_from(&known.label);
            self.responsible.clone_from(&known.responsible);
        }
    }

    /// Whether it still asks for action: neither closed by the machine nor rested by a person.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let rests = |decision: &DecisionLine| {
            matches!(decision.state.as_str(), "accepted" | "ignored")
                && decision.until.is_none_or(|until| until >= now)
        };
        self.closed.is_none() && !self.decision.as_ref().is_some_and(rests)
    }

    /// Whether it is one of those that are true of nearly every domain: folded into one line, and no gap.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        is_baseline(&self.rule)
    }

    /// Whether it counts as a gap: open, more than a hint, and not true of nearly every domain.
    #[must_use]
    pub fn is_gap(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.severity != "info" && !self.is_baseline()
    }

    /// Whether it still asks for action after the last day that people set for it.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.due.is_some_and(|due| due < now)
    }

    /// Whether it is open and somebody says that it is being dealt with.
    #[must_use]
    pub fn is_acknowledged(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.decision.as_ref().is_some_and(|decision| decision.state == "acknowledged")
    }

    /// The place of its severity, the gravest first.
    #[must_use]
    pub fn rank(&self) -> usize {
        SEVERITIES.iter().position(|name| *name == self.severity).unwrap_or(SEVERITIES.len())
    }

    /// The number of the device or system it is about, with the word before it.
    #[must_use]
    pub fn about(&self) -> Option<(&str, i64)> {
        let (noun, number) = self.subject.split_once(' ')?;
        Some((noun, number.parse().ok()?))
    }
}

impl Traeger {
    /// The findings of a school: open ones first, the gravest first, of these the rare ones first.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn findings_page(&self, school: i64, now: Timestamp) -> Result<Vec<FindingLine>> {
        self.findings_of(school, Only::All, now)
    }

    /// The findings of a school that the machine has not closed, in the order of [`Self::findings_page`].
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn standing_findings(&self, school: i64, now: Timestamp) -> Result<Vec<FindingLine>> {
        self.findings_of(school, Only::Standing, now)
    }

    fn findings_of(&self, school: i64, only: Only<'_>, now: Timestamp) -> Result<Vec<FindingLine>> {
        self.school(school)?;
        let mut lines = self.read(|tx| lines(tx, school, only))?;
        // What stands there fifty times must not hide what stands there once.
        let mut frequent: BTreeMap<String, usize> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.is_open(now)) {
            *frequent.entry(line.rule.clone()).or_default() += 1;
        }
        let times = |line: &FindingLine| frequent.get(&line.rule).copied().unwrap_or_default();
        lines.sort_by_cached_key(|line| (!line.is_open(now), line.rank(), times(line), line.rule.clone()));
        Ok(lines)
    }
}

impl Traeger {
    /// The findings of a school about one subject, closed ones too, by rule.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn findings_about(&self, school: i64, subject: &str) -> Result<Vec<FindingLine>> {
        self.school(school)?;
        self.read(|tx| lines(tx, school, Only::Subject(subject)))
    }
}

/// Which findings are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only<'a> {
    /// Every one.
    All,
    /// Those that are not closed.
    Standing,
    /// Those of a device.
    Asset(i64),
    /// Those of a subject.
    Subject(&'a str),
    /// Those of domains.
    Domains,
}

/// The findings of a school as the table `told`, with those of its shared domains that stand at another one where `shared`
/// asks for them; both narrow. Only rows of the school and of its domains are read, however large the book is.
pub(super) fn told(own: &str, shared: Option<&str>) -> String {
    const FINDING: &str =
        "f.traeger_id, f.school_id, f.rule, f.subject, f.severity, f.evidence, f.opened_at, f.closed_at,
             f.unknown_since";
    let shared = shared.map(|narrow| {
        format!(
            "UNION ALL
             SELECT {FINDING} FROM domain g JOIN finding f ON f.traeger_id = g.traeger_id
               AND f.subject = 'domain ' || g.name
             WHERE g.traeger_id = $1 AND g.school_id = $2 AND g.confirmed_at IS NOT NULL AND f.closed_at IS NULL
               AND f.school_id <> $2 {narrow}"
        )
    });
    format!(
        "WITH told AS (SELECT {FINDING} FROM finding f WHERE f.traeger_id = $1 AND f.school_id = $2 {own} {})",
        shared.unwrap_or_default()
    )
}

/// Whether a domain of the school has findings that stand at another one.
pub(super) fn has_shared(tx: &mut Tx<'_>, school: i64) -> Result<bool> {
    let sql =
        "SELECT 1 FROM domain g WHERE g.traeger_id = $1 AND g.school_id = $2 AND g.confirmed_at IS NOT NULL
                 AND EXISTS (SELECT 1 FROM finding f WHERE f.traeger_id = g.traeger_id
                   AND f.subject = 'domain ' || g.name AND f.closed_at IS NULL AND f.school_id <> g.school_id)
               LIMIT 1";
    Ok(tx.first(sql, cells![school], |_| Ok(()))?.is_some())
}

/// What is read of each finding of `told`, with its latest decision, before the conditions.
pub(super) const TOLD_LINE: &str =
    "SELECT f.rule, f.subject, f.severity, f.evidence, f.opened_at, f.closed_at,
       f.unknown_since, d.state, d.reason, d.until, d.who, d.at, f.school_id, d.due
     FROM told f LEFT JOIN decision d ON d.traeger_id = f.traeger_id
       AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = f.traeger_id
         AND e.school_id = f.school_id AND e.rule = f.rule AND e.subject = f.subject)";

/// The findings of a school, those of its shared domains that stand at another one included, as far as asked for.
pub(super) fn lines(tx: &mut Tx<'_>, school: i64, only: Only<'_>) -> Result<Vec<FindingLine>> {
    let narrowed = match only {
        Only::All => told("", Some("")),
        Only::Standing => told("AND f.closed_at IS NULL", Some("")),
        Only::Asset(asset) => told(&format!("AND f.subject = 'asset {asset}'"), None),
        Only::Subject(_) => told("AND f.subject = $3", Some("AND f.subject = $3")),
        Only::Domains => told("AND f.subject LIKE 'domain %'", Some("")),
    };
    let sql = format!("{narrowed} {TOLD_LINE} ORDER BY f.rule, f.subject");
    let mut parameters: Vec<Cell> = cells![school].to_vec();
    if let Only::Subject(subject) = only {
        parameters.push(subject.into());
    }
    let mut lines = tx.list(&sql, &parameters, line)?;
    let names =
        names(tx, school, if matches!(only, Only::All | Only::Standing) { None } else { Some(&lines) })?;
    lines.iter_mut().for_each(|line| line.call(&names));
    responsible::tell_domains(tx, school, &mut lines)?;
    Ok(lines)
}

/// Reads a row of [`TOLD_LINE`]; its label is not yet what people call it.
pub(super) fn line(row: &Row) -> Result<FindingLine> {
    let subject = row.text(1)?;
    let decision = match row.maybe_text(7)? {
        None => None,
        Some(state) => Some(DecisionLine {
            state,
            reason: row.text(8)?,
            until: row.maybe_moment(9)?,
            who: row.text(10)?,
            at: row.moment(11)?,
        }),
    };
    Ok(FindingLine {
        home: row.int(12)?,
        label: match subject.split_once(' ') {
            Some(("domain", name)) => spoken_form(name),
            Some((_, number)) => number.to_owned(),
            None => subject.clone(),
        },
        rule: row.text(0)?,
        severity: row.text(2)?,
        evidence: serde_json::from_str(&row.text(3)?)?,
        opened: row.moment(4)?,
        closed: row.maybe_moment(5)?,
        unknown_since: row.maybe_moment(6)?,
        decision,
        due: row.maybe_moment(13)?,
        responsible: String::new(),
        subject,
    })
}

/// What people call the devices and systems of a school, or those that some findings are about, and who answers for them, by
/// subject.
pub(super) fn names(
    tx: &mut Tx<'_>,
    school: i64,
    some: Option<&[FindingLine]>,
) -> Result<BTreeMap<String, Known>> {
    let mut names: BTreeMap<String, Known> = BTreeMap::new();
    let about = |wanted: &str| {
        let ids = some.unwrap_or_default().iter().filter_map(|line| line.about());
        let ids: BTreeSet<i64> = ids.filter(|(noun, _)| *noun == wanted).map(|(_, id)| id).collect();
        // Nothing has the number 0.
        let ids = std::iter::once(0).chain(ids).map(|id| id.to_string());
        ids.collect::<Vec<_>>().join(", ")
    };
    let (assets, systems) = (about("asset"), about("system"));
    let only = |condition: String| some.map(|_| condition).unwrap_or_default();
    let sql = format!(
        "SELECT s.id, s.name, f.asset_id, {PARTY} FROM documented_system s
         LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
         WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL {}
         ORDER BY s.id DESC",
        only(format!(
            "AND (s.id IN ({systems}) OR s.id IN (SELECT g.system_id FROM stands_for g
               WHERE g.traeger_id = s.traeger_id AND g.asset_id IN ({assets})))"
        ))
    );
    let rows = tx.list(&sql, cells![school], |row| {
        let known = Known { label: row.text(1)?, responsible: row.text(3)? };
        Ok((row.int(0)?, row.maybe_int(2)?, known))
    })?;
    for (id, asset, known) in rows {
        if let Some(asset) = asset {
            names.insert(format!("asset {asset}"), known.clone());
        }
        names.insert(format!("system {id}"), known);
    }
    // A device is called by the register, by itself or by its product, and always has its address beside it.
    let sql = format!(
        "SELECT id, hostname, vendor, model, ip FROM asset WHERE traeger_id = $1 AND school_id = $2 {}",
        only(format!("AND id IN ({assets})"))
    );
    for row in tx.query(&sql, cells![school])? {
        let subject = format!("asset {}", row.int(0)?);
        let product = product(row.maybe_text(2)?.as_deref(), row.maybe_text(3)?.as_deref());
        let itself = row.maybe_text(1)?.unwrap_or(product);
        let known = names.remove(&subject);
        let known = known.unwrap_or_else(|| Known { label: itself, ..Known::default() });
        let (name, ip) = (known.label, row.text(4)?);
        let label = if name.is_empty() { ip } else { format!("{name} ({ip})") };
        names.insert(subject, Known { label, ..known });
    }
    Ok(names)
}
